use super::{concurrency, recursion, values};
use crate::{config, model};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, PropertyError, Resource, ResourceContext, ResourceProvider,
};
use std::io::{Cursor, Write};
use types::Tags;
use zip::{ZipWriter, write::SimpleFileOptions};

/// `AWS::Lambda::Function`. `Ref` is the function's name.
pub(crate) struct Function;

const PROPERTIES: [Property; 19] = [
    Property { name: "FunctionName", change: Replace },
    Property { name: "PackageType", change: Replace },
    Property { name: "Architectures", change: InPlace },
    Property { name: "Code", change: InPlace },
    Property { name: "DeadLetterConfig", change: InPlace },
    Property { name: "Description", change: InPlace },
    Property { name: "Environment", change: InPlace },
    Property { name: "EphemeralStorage", change: InPlace },
    Property { name: "Handler", change: InPlace },
    Property { name: "Layers", change: InPlace },
    Property { name: "LoggingConfig", change: InPlace },
    Property { name: "MemorySize", change: InPlace },
    Property { name: recursion::NAME, change: InPlace },
    Property { name: "ReservedConcurrentExecutions", change: InPlace },
    Property { name: "Role", change: InPlace },
    Property { name: "Runtime", change: InPlace },
    Property { name: "Tags", change: InPlace },
    Property { name: "Timeout", change: InPlace },
    Property { name: "TracingConfig", change: InPlace },
];

fn tags(cx: &ResourceContext, properties: &Map<String, Value>) -> Tags {
    let mut tags = cx.tags(properties.get("Tags"));
    tags.extend(cx.marks());
    tags
}

/// The configuration; what the template does not say has its default.
fn configuration(properties: &Map<String, Value>) -> Value {
    let mut input = json!({
        "DeadLetterConfig": {},
        "Description": "",
        "Environment": {},
        "EphemeralStorage": {"Size": config::DEFAULT_TMP_MIB},
        "Layers": [],
        "LoggingConfig": {},
        "MemorySize": config::DEFAULT_MEMORY_MIB,
        "Timeout": config::DEFAULT_TIMEOUT_SECONDS,
        "TracingConfig": {"Mode": "PassThrough"},
    });
    let as_is = [
        "DeadLetterConfig",
        "Description",
        "Handler",
        "Layers",
        "LoggingConfig",
        "Role",
        "Runtime",
        "TracingConfig",
    ];
    values::copy(properties, &mut input, &as_is, Value::clone);
    values::copy(properties, &mut input, &["MemorySize", "Timeout"], values::number);
    let size = |value: &Value| values::members(value, &["Size"], values::number);
    values::copy(properties, &mut input, &["EphemeralStorage"], size);
    values::copy(properties, &mut input, &["Environment"], |environment| {
        let Some(Value::Object(variables)) = environment.get("Variables") else {
            return environment.clone();
        };
        let texts = variables.iter().map(|(name, value)| (name.clone(), values::text(value)));
        json!({"Variables": texts.collect::<Map<_, _>>()})
    });
    input
}

/// `Code` as the operations take it: the text of an inline function becomes a package.
fn code(properties: &Map<String, Value>) -> Result<Value, Fault> {
    let code = properties.get("Code").cloned().unwrap_or_else(|| json!({}));
    let Some(text) = code["ZipFile"].as_str() else { return Ok(code) };
    let runtime = properties.get("Runtime").and_then(Value::as_str).unwrap_or_default();
    let package = package(runtime, text);
    let package = package.map_err(|error| Fault::internal(format!("inline code: {error}")))?;
    Ok(json!({"ZipFile": STANDARD.encode(package)}))
}

/// What answers for custom resources, as Lambda puts it beside inline code that names it: file, its
/// text, and the name by which code imports it.
const CFN_RESPONSE: [(&str, &str, &str); 2] = [
    ("cfnresponse.py", include_str!("inline/cfnresponse.py"), "cfnresponse"),
    ("node_modules/cfn-response/index.js", include_str!("inline/cfn-response.js"), "cfn-response"),
];

/// The same text gives the same bytes, so that it is stored once.
fn package(runtime: &str, text: &str) -> zip::result::ZipResult<Vec<u8>> {
    let is_node = runtime.starts_with("nodejs");
    let mut files = vec![(if is_node { "index.js" } else { "index.py" }, text)];
    let (file, module, name) = CFN_RESPONSE[usize::from(is_node)];
    if text.contains(name) {
        files.push((file, module));
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(name, SimpleFileOptions::default().unix_permissions(0o644))?;
        writer.write_all(text.as_bytes())?;
    }
    Ok(writer.finish()?.into_inner())
}

async fn describe(cx: &ResourceContext, name: &str) -> Result<Resource, Fault> {
    let found =
        cx.call("lambda", "GetFunctionConfiguration", json!({"FunctionName": name})).await?;
    let attributes = Map::from_iter([("Arn".to_owned(), found["FunctionArn"].clone())]);
    Ok(Resource { physical_id: name.to_owned(), attributes })
}

/// True if the function that exists was made for this resource, by a run that ended early.
async fn is_ours(cx: &ResourceContext, name: &str) -> Result<bool, Fault> {
    let found = cx.call("lambda", "GetFunction", json!({"FunctionName": name})).await?;
    Ok(cx.made(|name| found["Tags"][name].as_str()))
}

async fn set(
    cx: &ResourceContext,
    name: &str,
    before: Option<&Map<String, Value>>,
    properties: &Map<String, Value>,
) -> Result<(), Fault> {
    let mut input = configuration(properties);
    input["FunctionName"] = name.into();
    cx.call("lambda", "UpdateFunctionConfiguration", input).await?;
    let same = |name: &str| before.is_some_and(|before| before.get(name) == properties.get(name));
    // What lies in a bucket is not read again without need: it may be gone.
    if ["Architectures", "Code", "Runtime"].into_iter().all(same) {
        return Ok(());
    }
    let mut input = code(properties)?;
    input["FunctionName"] = name.into();
    values::copy(properties, &mut input, &["Architectures"], Value::clone);
    cx.call("lambda", "UpdateFunctionCode", input).await?;
    Ok(())
}

async fn retag(
    cx: &ResourceContext,
    arn: &Value,
    before: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Result<(), Fault> {
    let (before, wanted) = (tags(cx, before), tags(cx, wanted));
    let gone: Vec<&String> = before.keys().filter(|key| !wanted.contains_key(*key)).collect();
    if !gone.is_empty() {
        cx.call("lambda", "UntagResource", json!({"Resource": arn, "TagKeys": gone})).await?;
    }
    if before != wanted {
        cx.call("lambda", "TagResource", json!({"Resource": arn, "Tags": wanted})).await?;
    }
    Ok(())
}

impl ResourceProvider for Function {
    fn resource_type(&self) -> &'static str {
        "AWS::Lambda::Function"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        let refused =
            |path: &str, message: String| Err(PropertyError { path: path.to_owned(), message });
        let text = |name: &str| properties.get(name).and_then(Value::as_str);
        if let Some(runtime) = text("Runtime")
            && let Err(error) = model::check_runtime(runtime)
        {
            return refused("Runtime", error.to_string());
        }
        if text("PackageType").is_some_and(|kind| kind != "Zip") {
            return refused("PackageType", "Pileus does not support container images.".to_owned());
        }
        let Some(Value::Object(code)) = properties.get("Code") else { return Ok(()) };
        let known = ["ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion"];
        match code.keys().find(|name| !known.contains(&name.as_str())) {
            Some(other) => {
                refused(&format!("Code.{other}"), format!("Pileus does not support {other}."))
            }
            None => Ok(()),
        }
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let properties = desired.properties;
            let name = properties.get("FunctionName").and_then(Value::as_str);
            let generated = desired.name_within(config::NAME_CHARS);
            let name = name.unwrap_or(&generated);
            let mut input = configuration(properties);
            input["FunctionName"] = name.into();
            input["Code"] = code(properties)?;
            input["Tags"] = json!(tags(cx, properties));
            values::copy(properties, &mut input, &["Architectures"], Value::clone);
            match cx.call("lambda", "CreateFunction", input).await {
                Ok(_) => {}
                Err(fault) if fault.code() == "ResourceConflictException" => {
                    if !is_ours(cx, name).await? {
                        return Err(fault);
                    }
                    set(cx, name, None, properties).await.map_err(|fault| fault.leaving(name))?;
                }
                Err(fault) => return Err(fault),
            }
            let reserved = concurrency::set(cx, name, &Map::new(), properties).await;
            reserved.map_err(|fault| fault.leaving(name))?;
            let recursion = recursion::set(cx, name, &Map::new(), properties).await;
            recursion.map_err(|fault| fault.leaving(name))?;
            describe(cx, name).await.map_err(|fault| fault.leaving(name))
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            set(cx, physical_id, Some(before), desired.properties).await?;
            concurrency::set(cx, physical_id, before, desired.properties).await?;
            recursion::set(cx, physical_id, before, desired.properties).await?;
            let resource = describe(cx, physical_id).await?;
            retag(cx, &resource.attributes["Arn"], before, desired.properties).await?;
            Ok(resource)
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let input = json!({"FunctionName": physical_id});
            values::gone_is_deleted(cx.call("lambda", "DeleteFunction", input).await)
        })
    }
}
