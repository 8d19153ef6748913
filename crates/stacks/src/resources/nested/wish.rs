//! What the properties of a nested stack ask for.

use crate::{
    Error, Stacks,
    requests::{Location, ParameterInput, Source, TagInput, fetch_url},
};
use serde_json::{Map, Value};
use service::{Fault, PropertyError, PublicUrl, ResourceContext};
use std::time::Duration;

/// The template, and what is given with it.
pub(super) struct Wish {
    pub(super) source: Source,
    pub(super) parameters: Vec<ParameterInput>,
    pub(super) tags: Vec<TagInput>,
    pub(super) minutes: Option<u32>,
}

impl Wish {
    /// Looks at what is known before anything is created.
    pub(super) fn check(
        properties: &Map<String, Value>,
        public_url: &PublicUrl,
    ) -> Result<(), PropertyError> {
        let refused = |path: &str, text: &str| PropertyError {
            path: path.to_owned(),
            message: text.to_owned(),
        };
        if let Some(url) = properties.get("TemplateURL").and_then(Value::as_str)
            && Location::of_url(url, public_url).is_none()
        {
            let text = "TemplateURL must be a supported URL: that of an object in a bucket.";
            return Err(refused("TemplateURL", text));
        }
        let known = properties.get("Parameters").is_none_or(Value::is_object);
        if !known {
            return Err(refused("Parameters", "must be a map of names and values"));
        }
        match properties.get("TimeoutInMinutes") {
            Some(value) if minutes(value).is_none_or(|minutes| minutes == 0) => {
                Err(refused("TimeoutInMinutes", "must be a number of at least 1"))
            }
            _ => Ok(()),
        }
    }

    /// Reads the template, as the stack's caller, and the rest.
    pub(super) async fn read(
        stacks: &Stacks,
        cx: &ResourceContext,
        properties: &Map<String, Value>,
    ) -> Result<Self, Fault> {
        let missing = || Error::validation("Property TemplateURL cannot be empty.");
        let url = properties.get("TemplateURL").and_then(Value::as_str).ok_or_else(missing)?;
        let text = fetch_url(stacks, &cx.caller, url).await?;
        let none = Map::new();
        let given = properties.get("Parameters").and_then(Value::as_object).unwrap_or(&none);
        let given = given.iter().map(|(name, value)| (name.clone(), text_of(value)));
        let given: Vec<(String, String)> = given.collect();
        let source =
            Source::expand(stacks, &cx.caller, text, given.iter().cloned().collect()).await?;
        let parameters = given.into_iter().map(|(key, value)| ParameterInput {
            parameter_key: Some(key),
            parameter_value: Some(value),
            use_previous_value: None,
        });
        let tags = cx.tags(properties.get("Tags")).into_iter();
        Ok(Self {
            source,
            parameters: parameters.collect(),
            tags: tags.map(|(key, value)| TagInput { key, value }).collect(),
            minutes: properties.get("TimeoutInMinutes").and_then(minutes),
        })
    }

    /// How long a creation may take.
    pub(super) fn timeout(&self) -> Option<Duration> {
        self.minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60))
    }
}

fn minutes(value: &Value) -> Option<u32> {
    text_of(value).parse().ok()
}

/// A parameter's value: lists become texts with commas.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
