//! What a function's answer says of its batch ("Implementing partial batch responses", AWS Lambda
//! Developer Guide).

use serde_json::Value;
use std::collections::HashSet;

/// Which records of a batch are not done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failures {
    /// These; none is a complete success.
    Some(HashSet<String>),
    /// All of them, because the answer cannot be understood.
    All(String),
}

/// Reads an answer with `batchItemFailures`. An answer that is empty, null, or without failures is
/// a complete success. One that is no such answer, or names no record or a record that is not in
/// the batch, fails the batch as a whole.
pub(crate) fn failures(response: &[u8], contains: impl Fn(&str) -> bool) -> Failures {
    match read(response, contains) {
        Ok(failed) => Failures::Some(failed),
        Err(why) => Failures::All(why),
    }
}

fn read(response: &[u8], contains: impl Fn(&str) -> bool) -> Result<HashSet<String>, String> {
    let none = HashSet::new();
    if response.trim_ascii().is_empty() {
        return Ok(none);
    }
    let answer: Value =
        serde_json::from_slice(response).map_err(|_| "the answer is not JSON".to_owned())?;
    let list = match &answer {
        Value::Null => return Ok(none),
        Value::Object(members) => match members.get("batchItemFailures") {
            None | Some(Value::Null) => return Ok(none),
            Some(Value::Array(list)) => list,
            Some(_) => return Err("batchItemFailures is not a list".to_owned()),
        },
        _ => return Err("the answer is not an object".to_owned()),
    };
    list.iter()
        .map(|item| match item.get("itemIdentifier") {
            Some(Value::String(id)) if contains(id) => Ok(id.clone()),
            Some(Value::String(id)) => Err(format!("{id:?} is not in the batch")),
            _ => Err("an item has no itemIdentifier".to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(response: &str) -> Option<Vec<String>> {
        match failures(response.as_bytes(), |id| ["a", "b"].contains(&id)) {
            Failures::Some(failed) => {
                let mut failed: Vec<_> = failed.into_iter().collect();
                failed.sort();
                Some(failed)
            }
            Failures::All(_) => None,
        }
    }

    #[test]
    fn an_answer_without_failures_is_a_complete_success() {
        for answer in
            ["", "null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#]
        {
            assert_eq!(read(answer), Some(vec![]), "{answer}");
        }
        assert_eq!(read(r#"{"statusCode":200}"#), Some(vec![]));
    }

    #[test]
    fn named_items_failed_and_the_others_did_not() {
        let one = r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#;
        assert_eq!(read(one), Some(vec!["b".to_owned()]));
        let both = r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"a"},
            {"itemIdentifier":"b"}]}"#;
        assert_eq!(read(both), Some(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn what_cannot_be_understood_fails_the_whole_batch() {
        for answer in [
            "not JSON",
            r#""done""#,
            r#"{"batchItemFailures":"a"}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"itemId":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"unknown"}]}"#,
            r#"{"batchItemFailures":["a"]}"#,
        ] {
            assert_eq!(read(answer), None, "{answer}");
        }
    }
}
