use crate::{
    Error, Functions, PRINCIPAL, code,
    code::CodeId,
    config, identities,
    model::{
        self, Architectures, CodeLocation, Configuration, Function, FunctionName, Publication,
        Settings, SettingsInput, split,
    },
};
use bytes::Bytes;
use kv::Transaction;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use service::{Context, Fault, Permission, PreparedOperation};
use types::{Arn, Tags};

/// Creates a function.
pub(crate) struct CreateFunction;

#[derive(Debug)]
pub(crate) struct Input {
    own: Own,
    settings: SettingsInput,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Own {
    function_name: String,
    code: CodeLocation,
    publish: Option<bool>,
    #[serde(default)]
    tags: Tags,
    package_type: Option<String>,
    architectures: Option<Architectures>,
}

const OWN: [&str; 6] = ["FunctionName", "Code", "Publish", "Tags", "PackageType", "Architectures"];

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (own, settings) = split(deserializer, &OWN)?;
        Ok(Self { own, settings })
    }
}

impl Input {
    fn role(&self) -> Result<&Arn, Error> {
        let missing = || Error::InvalidParameterValue("Role is a mandatory parameter".to_owned());
        self.settings.role.as_ref().ok_or_else(missing)
    }

    /// The settings of the new function.
    fn settings(
        &self,
        functions: &Functions,
        arn: &Arn,
        nonce: [u8; 24],
    ) -> Result<Settings, Error> {
        if self.own.package_type.as_deref().is_some_and(|kind| kind != "Zip") {
            return Err(Error::Unsupported("the value Image of PackageType".to_owned()));
        }
        let (Some(runtime), Some(handler)) = (&self.settings.runtime, &self.settings.handler)
        else {
            return Err(Error::InvalidParameterValue(
                "Runtime and Handler are mandatory parameters for functions created with \
                 deployment packages."
                    .to_owned(),
            ));
        };
        let architecture = Architectures::one(self.own.architectures.as_ref())?;
        let mut settings = Settings::new(runtime, handler, self.role()?, architecture);
        settings.apply(&self.settings, &functions.vault, arn, nonce)?;
        Ok(settings)
    }
}

/// Stores the code that a request brings or that lies in a bucket, or names what was uploaded.
pub(super) async fn take_code(
    functions: &Functions,
    ctx: &Context,
    location: &CodeLocation,
) -> Result<CodeId, Fault> {
    if location.image_uri.is_some() {
        return Err(Error::Unsupported("the parameter ImageUri of functions".to_owned()).into());
    }
    match (&location.zip_file, &location.s3_bucket, &location.s3_key) {
        (Some(zip), None, None) => {
            code::check_size(&zip.0)?;
            functions.store_code(zip.0.clone()).await
        }
        (None, Some(bucket), Some(key)) if bucket == config::CODE_BUCKET => {
            if location.s3_object_version.is_some() {
                let what = "the parameter S3ObjectVersion of functions".to_owned();
                return Err(Error::Unsupported(what).into());
            }
            let text = "The key of uploaded code is its SHA-256 in lower-case hexadecimal.";
            let invalid = || Error::InvalidParameterValue(text.to_owned());
            Ok(CodeId::parse(key).ok_or_else(invalid)?)
        }
        (None, Some(bucket), Some(key)) => {
            let zip = from_bucket(ctx, bucket, key, location.s3_object_version.as_deref()).await?;
            functions.store_code(zip).await
        }
        _ => {
            let text = "Please do not provide other FunctionCode parameters when providing a \
                        ZipFile.";
            Err(Error::InvalidParameterValue(text.to_owned()).into())
        }
    }
}

/// Reads a package from a bucket, as the caller.
async fn from_bucket(
    ctx: &Context,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<Bytes, Fault> {
    let calls = ctx.platform.calls().ok_or_else(|| Fault::internal("no services connected"))?;
    let mut input = json!({"Bucket": bucket, "Key": key});
    if let Some(version) = version {
        input["VersionId"] = version.into();
    }
    let (limit, nothing) = (config::ZIPPED_BYTES, Bytes::new());
    let got = calls.call_with_body(&ctx.caller, "s3", "GetObject", input, nothing, limit).await;
    got.map(|(_, zip)| zip).map_err(|fault| match fault.code() {
        _ if fault.http_status() >= 500 => fault,
        "EntityTooLarge" => Error::ZippedTooLarge.into(),
        "AccessDenied" => Error::CodeDenied(format!("{bucket}/{key}")).into(),
        code => Error::InvalidParameterValue(format!(
            "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {}",
            fault.message()
        ))
        .into(),
    })
}

/// The caller must be allowed to hand the role to functions.
pub(super) fn pass_role(role: &Arn) -> Permission {
    Permission::new("iam:PassRole", role.as_str()).with_condition("iam:PassedToService", PRINCIPAL)
}

/// The role must exist and trust functions.
pub(super) async fn check_role(
    functions: &Functions,
    tx: &mut Transaction,
    role: &Arn,
    function: &str,
) -> Result<(), Fault> {
    let assumed = identities(&functions.platform)?.assume(tx, role, function, PRINCIPAL).await;
    match assumed {
        Ok(_) => Ok(()),
        Err(fault) if fault.is_retryable() || fault.http_status() >= 500 => Err(fault),
        Err(_) => {
            let text = "The role defined for the function cannot be assumed by Lambda.";
            Err(Error::InvalidParameterValue(text.to_owned()).into())
        }
    }
}

impl PreparedOperation for CreateFunction {
    type Service = Functions;
    type Input = Input;
    type Output = Configuration;
    type Prepared = CodeId;
    const NAME: &'static str = "CreateFunction";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let name = FunctionName::unqualified(&functions.platform, &input.own.function_name)?;
        let arn = name.arn().as_str();
        let mut needed = vec![Permission::new("lambda:CreateFunction", arn)];
        if !input.own.tags.is_empty() {
            needed.push(Permission::new("lambda:TagResource", arn));
        }
        needed.push(pass_role(input.role()?));
        let layers = input.settings.layers.as_deref();
        needed.extend(model::layers_permissions(&functions.platform, tx, layers).await?);
        Ok(needed)
    }

    async fn prepare(functions: &Functions, ctx: &Context, input: &Input) -> Result<CodeId, Fault> {
        // What is wrong with the settings is told before code is stored.
        let name = FunctionName::unqualified(&functions.platform, &input.own.function_name)?;
        input.settings(functions, name.arn(), [0; 24])?;
        model::check_tags(&input.own.tags)?;
        let mut tx = ctx.platform.store.begin();
        if model::find(&functions.platform, &mut tx, name.as_str()).await?.is_some() {
            return Err(Error::FunctionExists(name.as_str().to_owned()).into());
        }
        take_code(functions, ctx, &input.own.code).await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        code: &CodeId,
    ) -> Result<Configuration, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::unqualified(platform, &input.own.function_name)?;
        if model::find(platform, tx, name.as_str()).await?.is_some() {
            return Err(Error::FunctionExists(name.as_str().to_owned()).into());
        }
        let mut settings = input.settings(functions, name.arn(), ctx.ids().bytes())?;
        let layers = input.settings.layers.as_deref();
        model::use_layers(functions, tx, &mut settings, layers, ctx.now).await?;
        check_role(functions, tx, &settings.role, name.as_str()).await?;
        let code = functions.refer(tx, code).await?;
        functions.check_unpacked(tx, &code.id, &settings.layers).await?;
        let function = Function {
            name: name.as_str().to_owned(),
            arn: name.arn().clone(),
            created: ctx.now,
            modified: ctx.now,
            revision: ctx.ids().uuid(),
            instances: ctx.ids().uuid(),
            code,
            settings,
            statements: Vec::new(),
            tags: input.own.tags.clone(),
            version: None,
            allows_loops: false,
        };
        model::save(platform, tx, &function)?;
        if input.own.publish != Some(true) {
            return Ok(model::describe(&function, &functions.vault)?);
        }
        let wanted = Publication::default();
        let published = model::publish(functions, ctx, tx, &function, wanted).await?;
        Ok(model::describe(&published, &functions.vault)?.called(function.arn))
    }

    /// Code without a function goes by itself, after a grace.
    async fn release(_: &Functions, _: &CodeId) {}
}
