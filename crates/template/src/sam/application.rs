//! `AWS::Serverless::Application`: a nested stack. The template is named by a URL; applications of
//! the Serverless Application Repository are refused.

use super::build::Build;
use super::{Sam, tags};
use crate::error::{Error, Result};
use crate::node::{Data, Map};

const KIND: &str = "AWS::Serverless::Application";
const PROPERTIES: [&str; 5] =
    ["Location", "NotificationARNs", "Parameters", "Tags", "TimeoutInMinutes"];

pub(super) fn transform(sam: &Sam<'_>) -> Result<Map> {
    sam.only(KIND, &PROPERTIES, &[])?;
    let location = sam
        .get("Location")
        .ok_or_else(|| sam.invalid(sam.at, "Missing required property 'Location'."))?;
    let is_repository =
        matches!(&location.data, Data::Map(_)) && location.get("ApplicationId").is_some();
    if is_repository {
        let what = format!("An application of the repository as Location (resource {})", sam.id);
        return Err(Error::refused(location.at, what));
    }
    let stack = Build::main(sam, "AWS::CloudFormation::Stack")
        .without_attribute("Metadata")
        .set("TemplateURL", location.clone())
        .set("Tags", tags::with_sam_tag(sam)?)
        .copy(&sam.properties, &["NotificationARNs", "Parameters", "TimeoutInMinutes"]);
    Ok(Map::from_iter([(sam.id.to_owned(), stack.finish())]))
}
