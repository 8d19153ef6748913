//! `RecursiveLoop` of `AWS::Lambda::Function`.

use serde_json::{Map, Value, json};
use service::{Fault, ResourceContext};

pub(super) const NAME: &str = "RecursiveLoop";

/// Says what the template says now, else the default. Where it says what it said before, nothing is
/// asked for, and no permission for it.
pub(super) async fn set(
    cx: &ResourceContext,
    function: &str,
    before: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Result<(), Fault> {
    if before.get(NAME) == wanted.get(NAME) {
        return Ok(());
    }
    let value = wanted.get(NAME).cloned().unwrap_or_else(|| "Terminate".into());
    let input = json!({"FunctionName": function, "RecursiveLoop": value});
    cx.call("lambda", "PutFunctionRecursionConfig", input).await.map(drop)
}
