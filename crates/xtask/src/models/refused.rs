//! The requests of the operations that are not kept.
//!
//! In REST-XML the query tells operations on the same path apart. Without these, `GET /bucket?acl`
//! would be taken for a list of objects; with them it is refused by its name.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::source::{Model, Traits};

/// How each operation is asked for, by its name.
pub(crate) type Refused = BTreeMap<String, Request>;

/// What tells the request of one operation from those of the others.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    method: String,
    request_uri: String,
    /// Required parameters of the query.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    query: Vec<String>,
}

/// The requests of all operations of a REST-XML service but `kept`; of others, none.
pub(crate) fn list(model: &Model, kept: &[&str]) -> Refused {
    if model.metadata.get("protocol").and_then(Value::as_str) != Some("rest-xml") {
        return Refused::new();
    }
    let others = model.operations.iter().filter(|(name, _)| !kept.contains(&name.as_str()));
    others
        .filter_map(|(name, operation)| Some((name.clone(), request(model, operation)?)))
        .collect()
}

fn request(model: &Model, operation: &Traits) -> Option<Request> {
    let http = operation.get("http")?;
    let text = |name: &str| http.get(name).and_then(Value::as_str).map(str::to_owned);
    let request_uri = text("requestUri")?;
    // The others are for other hosts than the buckets'.
    if !request_uri.starts_with("/{Bucket}") {
        return None;
    }
    let shape = operation.get("input").and_then(|input| input.get("shape")?.as_str());
    let shape = shape.and_then(|name| model.shapes.get(name));
    let required = shape.and_then(|shape| shape.traits.get("required")?.as_array());
    let in_query = |name: &Value| {
        let member = shape?.members.as_ref()?.get(name.as_str()?)?;
        let bound = member.get("location").and_then(Value::as_str) == Some("querystring");
        bound.then(|| member.get("locationName")?.as_str().map(str::to_owned))?
    };
    let query = required.into_iter().flatten().filter_map(in_query).collect();
    Some(Request { method: text("method")?, request_uri, query })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_listed_with_its_request() {
        let model: Model = serde_json::from_str(
            r#"{"metadata": {"protocol": "rest-xml"},
            "operations": {
                "Put": {"http": {"method": "PUT", "requestUri": "/{Bucket}"}},
                "Route": {"http": {"method": "PUT", "requestUri": "/Route"}},
                "Get": {"http": {"method": "GET", "requestUri": "/{Bucket}?metrics"},
                        "input": {"shape": "In"}}},
            "shapes": {"In": {"type": "structure", "required": ["Id"], "members": {
                "Id": {"shape": "S", "location": "querystring", "locationName": "id"}}}}}"#,
        )
        .unwrap();
        let refused = list(&model, &["Put"]);
        assert_eq!(
            serde_json::to_string(&refused).unwrap(),
            r#"{"Get":{"method":"GET","requestUri":"/{Bucket}?metrics","query":["id"]}}"#
        );
    }
}
