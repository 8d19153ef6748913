//! What the properties of resources are before and after a change set.

use super::records;
use crate::{
    Stacks,
    blueprint::Blueprint,
    diff::{self, Action},
    keys::{self, Place},
    model::{ChangeSet, Execution, Export, load},
    sealed::Sealed,
};
use serde_json::{Map, Value};
use service::Fault;
use std::collections::BTreeMap;

/// The properties of a resource; `None` where it is not there.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) before: Option<Map<String, Value>>,
    pub(crate) after: Option<Map<String, Value>>,
}

/// By logical id.
pub(crate) type Contexts = BTreeMap<String, Context>;

/// What stands where a value is only known once something else is there.
const UNKNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";
/// How that begins in what is evaluated here.
const MARK: &str = "{{unknown:";
/// What stands where nobody is shown the value of a parameter.
const MASK: &str = "****";

/// Evaluates a change set that was not executed; none of one that was.
pub(crate) async fn contexts(
    stacks: &Stacks,
    tx: &mut Sealed<'_>,
    place: &Place,
    set: &ChangeSet,
) -> Result<Contexts, Fault> {
    let (text, _) = keys::change_set_template(place, &set.id);
    let is_open = matches!(set.execution, Execution::Available | Execution::Unavailable);
    let Some(text) = tx.get_text(&text).await?.filter(|_| is_open) else {
        return Ok(Contexts::new());
    };
    let bound = Blueprint::of(&text, &set.settings, place)?.bound;
    let mut exports = BTreeMap::new();
    for name in &set.settings.imports {
        let export: Option<Export> = tx.get_record_snapshot(&place.export(name)).await?;
        exports.extend(export.map(|export| (name.clone(), export.value)));
    }
    let records = records(tx, place).await?;
    let mut secrets = secrets(&set.settings);
    if let Some(stack) = load(tx, place).await? {
        secrets.extend(self::secrets(&stack.settings));
    }
    let shown = |properties: &mut dyn Iterator<Item = (String, Value)>| {
        properties.map(|(name, value)| (name, show(value, &secrets))).collect::<Map<_, _>>()
    };
    let mut contexts = Contexts::new();
    let tags = &set.settings.tags;
    for (change, wanted) in diff::with_values(&bound, &stacks.providers, &records, exports, tags)? {
        let live = records.get(&change.logical_id).and_then(|record| record.live.as_ref());
        let before = live.map(|live| shown(&mut live.properties.clone().into_iter()));
        let after = (change.action != Action::Remove)
            .then(|| shown(&mut wanted.into_iter().map(|(name, found)| (name, found.value))));
        contexts.insert(change.logical_id, Context { before, after });
    }
    Ok(contexts)
}

/// The values that nobody is shown.
fn secrets(settings: &crate::model::Settings) -> Vec<String> {
    let values = settings.values();
    let secrets = settings.no_echo.iter().filter_map(|name| values.get(name));
    secrets.filter(|secret| !secret.is_empty()).cloned().collect()
}

fn show(value: Value, secrets: &[String]) -> Value {
    match value {
        Value::String(text) => Value::String(show_text(text, secrets)),
        Value::Array(items) => items.into_iter().map(|item| show(item, secrets)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, show(value, secrets))).collect()
        }
        other => other,
    }
}

fn show_text(mut text: String, secrets: &[String]) -> String {
    for secret in secrets {
        text = text.replace(secret.as_str(), MASK);
    }
    while let Some(start) = text.find(MARK) {
        let end = text[start..].find("}}").map_or(text.len(), |end| start + end + 2);
        text.replace_range(start..end, UNKNOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_masked_and_what_is_not_known_says_so() {
        let value = json!({"A": ["x {{unknown:B.Arn}}/y {{unknown:C}}", 1], "B": "pass hush word"});
        assert_eq!(
            show(value, &["hush".to_owned()]),
            json!({"A": [format!("x {UNKNOWN}/y {UNKNOWN}"), 1], "B": "pass **** word"})
        );
    }
}
