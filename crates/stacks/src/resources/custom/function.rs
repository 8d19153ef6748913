//! What must be known of a function before it is told where to answer.

use serde_json::json;
use service::{Fault, ResourceContext};

/// Where a function of Node names certificates that it trusts, in the place of the platform's.
const OWN_TRUST: &str = "NODE_EXTRA_CA_CERTS";

/// Whether a function answers over TLS at [`crate::RESPONSES_HOST`]: those of Node, which trust its
/// certificate unless they name others. Many handlers of Node know nothing but port 443 (Amazon's
/// `cfn-response` in a package, those of the CDK), and all others take the URL as it is.
///
/// # Errors
/// The function is gone, or it cannot be found out now. (For who may give it events but not read its
/// configuration it is like any other function.)
pub(super) async fn speaks_tls(cx: &ResourceContext, function: &str) -> Result<bool, Fault> {
    let input = json!({"FunctionName": function});
    match cx.call("lambda", "GetFunctionConfiguration", input).await {
        Ok(found) => {
            let runtime = found["Runtime"].as_str().unwrap_or_default();
            let own_trust = &found["Environment"]["Variables"][OWN_TRUST];
            Ok(runtime.starts_with("nodejs") && own_trust.is_null())
        }
        Err(fault) if fault.http_status() == 403 => Ok(false),
        Err(fault) => Err(fault),
    }
}
