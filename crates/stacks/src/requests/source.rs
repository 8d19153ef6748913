//! Where a request's template comes from: the request itself, or a bucket.

use super::{ParameterInput, location::Location};
use crate::{Error, Stacks, config, policy::StackPolicy};
use bytes::Bytes;
use serde_json::json;
use service::{Caller, Calls, Context, Fault};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use template::{
    Document, Kind, Node,
    transform::{self, Includes, Inputs},
};

/// The template that a request brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The template, with what it includes.
    pub(crate) text: String,
    /// The template as it was written, if it includes something.
    pub(crate) original: Option<String>,
}

impl Source {
    /// Reads the template of a request, from a bucket as the caller; `None` if it brings none.
    pub(crate) async fn read(
        stacks: &Stacks,
        ctx: &Context,
        body: Option<&String>,
        url: Option<&String>,
        parameters: &[ParameterInput],
    ) -> Result<Option<Self>, Fault> {
        let text = Self::text(stacks, ctx, body, url).await?;
        let given = parameters
            .iter()
            .filter_map(|one| Some((one.parameter_key.clone()?, one.parameter_value.clone()?)));
        match text {
            None => Ok(None),
            Some(text) => Self::expand(stacks, &ctx.caller, text, given.collect()).await.map(Some),
        }
    }

    /// The text of a request's template as it was written.
    pub(crate) async fn text(
        stacks: &Stacks,
        ctx: &Context,
        body: Option<&String>,
        url: Option<&String>,
    ) -> Result<Option<String>, Fault> {
        match (body, url) {
            (Some(_), Some(_)) => {
                let text = "Only one of TemplateBody and TemplateURL may be specified";
                Err(Error::validation(text).into())
            }
            (Some(body), None) if body.len() > config::TEMPLATE_BYTES => {
                Err(Error::validation(format!(
                    "1 validation error detected: Value at 'templateBody' failed to satisfy \
                     constraint: Member must have length less than or equal to {}",
                    config::TEMPLATE_BYTES
                ))
                .into())
            }
            (Some(body), None) => Ok(Some(body.clone())),
            (None, Some(url)) => fetch_url(stacks, &ctx.caller, url).await.map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Puts what `AWS::Include` names into a template, read as `caller`.
    pub(crate) async fn expand(
        stacks: &Stacks,
        caller: &Caller,
        text: String,
        mut parameters: BTreeMap<String, String>,
    ) -> Result<Self, Fault> {
        // What cannot be read is told by whoever reads the whole template.
        let Ok(document) = Document::parse(&text) else { return Ok(Self { text, original: None }) };
        for (name, parameter) in document.section_map("Parameters").unwrap_or_default() {
            if let Some(default) = parameter.get("Default").and_then(Node::as_str) {
                parameters.entry(name).or_insert_with(|| default.to_owned());
            }
        }
        let wanted = wanted(&document, &parameters, stacks.platform.region.as_str())?;
        if wanted.is_empty() {
            return Ok(Self { text, original: None });
        }
        if wanted.len() > config::INCLUDES {
            let limit = config::INCLUDES;
            let text = format!("A template can include at most {limit} files");
            return Err(Error::LimitExceeded(text).into());
        }
        let mut texts = BTreeMap::new();
        for location in wanted {
            let text = fetch_include(stacks, caller, &location).await?;
            texts.insert(location, text);
        }
        let whole = include(document, texts, &parameters, stacks.platform.region.as_str())?;
        Ok(Self { text: whole, original: Some(text) })
    }
}

/// The places that a template includes.
fn wanted(
    document: &Document,
    parameters: &BTreeMap<String, String>,
    region: &str,
) -> Result<BTreeSet<String>, Error> {
    let includes = Found::default();
    let inputs = Inputs { parameters, region, includes: Some(&includes) };
    match transform::include_all(&mut document.clone(), &inputs) {
        // The template is refused for a macro, with everything else that is.
        Err(error) if error.kind != Kind::Refused => Err(error.into()),
        _ => Ok(includes.wanted.take()),
    }
}

/// The template with the texts of what it includes.
fn include(
    mut document: Document,
    texts: BTreeMap<String, String>,
    parameters: &BTreeMap<String, String>,
    region: &str,
) -> Result<String, Error> {
    let includes = Found { texts, ..Found::default() };
    let inputs = Inputs { parameters, region, includes: Some(&includes) };
    transform::include_all(&mut document, &inputs)?;
    let text = document.to_json_text();
    if text.len() > config::TEMPLATE_BYTES {
        let limit = config::TEMPLATE_BYTES;
        let text = format!("Template may not exceed {limit} bytes in size, with what it includes.");
        return Err(Error::validation(text));
    }
    Ok(text)
}

/// The stack policy of a request, from a bucket as the caller; `None` if it brings none.
pub(crate) async fn policy_text(
    stacks: &Stacks,
    ctx: &Context,
    body: Option<&String>,
    url: Option<&String>,
) -> Result<Option<String>, Fault> {
    let text = match (body, url) {
        (Some(_), Some(_)) => {
            let text = "You cannot specify both StackPolicyURL and StackPolicyBody";
            return Err(Error::validation(text).into());
        }
        (Some(body), None) => body.clone(),
        (None, Some(url)) => fetch_url(stacks, &ctx.caller, url).await?,
        (None, None) => return Ok(None),
    };
    StackPolicy::parse(&text)?;
    Ok(Some(text))
}

/// The texts that were read, and what is still to be read.
#[derive(Default)]
struct Found {
    texts: BTreeMap<String, String>,
    wanted: RefCell<BTreeSet<String>>,
}

impl Includes for Found {
    fn fetch(&self, location: &str) -> template::Result<String> {
        if let Some(text) = self.texts.get(location) {
            return Ok(text.clone());
        }
        self.wanted.borrow_mut().insert(location.to_owned());
        Ok("{}".to_owned())
    }
}

/// Reads a template from the bucket that its URL names, as `caller`.
///
/// # Errors
/// `ValidationError` if the URL is none of a bucket, or nothing can be read there.
pub(crate) async fn fetch_url(
    stacks: &Stacks,
    caller: &Caller,
    url: &str,
) -> Result<String, Fault> {
    let location = Location::of_url(url, &stacks.platform.public_url);
    let unsupported = || Error::validation("TemplateURL must be a supported URL.");
    let location = location.ok_or_else(unsupported)?;
    let s3_error = |fault: Fault| match fault.code() {
        _ if fault.http_status() >= 500 => fault,
        "EntityTooLarge" => Error::validation(format!(
            "Template may not exceed {} bytes in size.",
            config::TEMPLATE_BYTES
        ))
        .into(),
        _ => {
            let more = "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html";
            let text = fault.message();
            Error::validation(format!("S3 error: {text}\nFor more information check {more}")).into()
        }
    };
    let bytes = location.read(calls(stacks)?, caller).await.map_err(s3_error)?;
    let not_text = |_| Error::validation("Template format error: the template is not UTF-8 text.");
    Ok(String::from_utf8(bytes.to_vec()).map_err(not_text)?)
}

async fn fetch_include(stacks: &Stacks, caller: &Caller, text: &str) -> Result<String, Fault> {
    let failed = |why: &str| {
        Fault::from(Error::validation(format!("Transform AWS::Include failed with: {why}")))
    };
    let invalid = || {
        failed("S3 bucket name or key is invalid. The location parameter must be s3://bucket/key")
    };
    let location = Location::of_s3(text).ok_or_else(invalid)?;
    let refused = |fault: Fault| match fault.http_status() {
        500.. => fault,
        _ => failed(&format!("{} ({text})", fault.message())),
    };
    let bytes = location.read(calls(stacks)?, caller).await.map_err(refused)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| failed(&format!("{text} is not UTF-8 text")))
}

fn calls(stacks: &Stacks) -> Result<&Arc<dyn Calls>, Fault> {
    stacks.platform.calls().ok_or_else(|| Fault::internal("the platform is not connected"))
}

impl Location {
    async fn read(&self, calls: &Arc<dyn Calls>, caller: &Caller) -> Result<Bytes, Fault> {
        let mut input = json!({"Bucket": self.bucket, "Key": self.key});
        if let Some(version) = &self.version {
            input["VersionId"] = version.as_str().into();
        }
        let (nothing, limit) = (Bytes::new(), config::TEMPLATE_BYTES);
        let got = calls.call_with_body(caller, "s3", "GetObject", input, nothing, limit).await?;
        Ok(got.1)
    }
}
