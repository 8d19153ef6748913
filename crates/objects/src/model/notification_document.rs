//! The document by which requests and replies carry a bucket's notifications.

use super::{FilterRule, Notifications, Rule};
use crate::Error;
use serde::{Deserialize, Serialize};
use service::Context;
use types::Arn;

/// `NotificationConfiguration`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub(crate) struct NotificationDocument {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    topic_configurations: Vec<Topic>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queue_configurations: Vec<Queue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lambda_function_configurations: Vec<Function>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Topic {
    topic_arn: String,
    #[serde(flatten)]
    _rest: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Queue {
    id: Option<String>,
    queue_arn: String,
    events: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Function {
    id: Option<String>,
    lambda_function_arn: String,
    events: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    key: Option<KeyFilter>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct KeyFilter {
    #[serde(default)]
    filter_rules: Vec<FilterRule>,
}

impl Filter {
    fn of(rules: &[FilterRule]) -> Option<Self> {
        let key = KeyFilter { filter_rules: rules.to_vec() };
        (!rules.is_empty()).then_some(Self { key: Some(key) })
    }

    fn rules(filter: Option<&Self>) -> Vec<FilterRule> {
        let key = filter.and_then(|filter| filter.key.as_ref());
        key.map(|key| key.filter_rules.clone()).unwrap_or_default()
    }
}

/// Reads a target, which must be of `service`.
fn target(text: &str, service: &str) -> Result<Arn, Error> {
    let arn: Option<Arn> = text.parse().ok();
    arn.filter(|arn| arn.service() == service)
        .ok_or_else(|| Error::InvalidArgument("The ARN could not be parsed".to_owned()))
}

impl NotificationDocument {
    pub(crate) fn of(notifications: &Notifications) -> Self {
        let mut document = Self::default();
        for rule in &notifications.rules {
            let (id, events) = (Some(rule.id.clone()), rule.events.clone());
            let (arn, filter) = (rule.target.to_string(), Filter::of(&rule.filter));
            match rule.target.service() {
                "sqs" => {
                    let queue = Queue { id, queue_arn: arn, events, filter };
                    document.queue_configurations.push(queue);
                }
                _ => {
                    let function = Function { id, lambda_function_arn: arn, events, filter };
                    document.lambda_function_configurations.push(function);
                }
            }
        }
        document
    }

    /// The notifications that it says, checked.
    pub(crate) fn read(&self, ctx: &Context) -> Result<Notifications, Error> {
        if let Some(topic) = self.topic_configurations.first() {
            return Err(Error::NotImplemented(format!("the topic {}", topic.topic_arn)));
        }
        let rule = |id: &Option<String>, target, events: &[String], filter: Option<&Filter>| Rule {
            id: id.clone().unwrap_or_else(|| ctx.ids().uuid().to_string()),
            target,
            events: events.to_vec(),
            filter: Filter::rules(filter),
        };
        let mut rules = Vec::new();
        for queue in &self.queue_configurations {
            let target = target(&queue.queue_arn, "sqs")?;
            rules.push(rule(&queue.id, target, &queue.events, queue.filter.as_ref()));
        }
        for function in &self.lambda_function_configurations {
            let target = target(&function.lambda_function_arn, "lambda")?;
            rules.push(rule(&function.id, target, &function.events, function.filter.as_ref()));
        }
        let notifications = Notifications { rules };
        notifications.check()?;
        Ok(notifications)
    }
}
