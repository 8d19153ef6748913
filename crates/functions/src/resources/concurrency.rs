//! `ReservedConcurrentExecutions` of `AWS::Lambda::Function`.

use super::values;
use serde_json::{Map, Value, json};
use service::{Fault, ResourceContext};

const NAME: &str = "ReservedConcurrentExecutions";

/// Reserves what the template says now, or nothing any more. Where it says what it said before,
/// nothing is asked for, and no permission for it.
pub(super) async fn set(
    cx: &ResourceContext,
    function: &str,
    before: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Result<(), Fault> {
    if before.get(NAME) == wanted.get(NAME) {
        return Ok(());
    }
    let mut input = json!({"FunctionName": function});
    values::copy(wanted, &mut input, &[NAME], values::number);
    let operation = match input.get(NAME) {
        Some(_) => "PutFunctionConcurrency",
        None => "DeleteFunctionConcurrency",
    };
    cx.call("lambda", operation, input).await.map(drop)
}
