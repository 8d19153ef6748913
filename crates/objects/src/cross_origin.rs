//! What pages of other origins are told of buckets.

use crate::{
    Error, Objects,
    model::{self, Cors},
    settings,
};
use futures_util::future::BoxFuture;
use service::{Addressed, Allowed, Asked, CrossOrigin, Fault, Unasked};
use std::sync::Arc;

/// The answers of the object service: each bucket's CORS configuration.
pub(crate) struct BucketCors(pub(crate) Arc<Objects>);

const NO_BUCKET: &str = "Bucket not found";
const NOT_ENABLED: &str = "CORS is not enabled for this bucket.";
const NOT_ALLOWED: &str = "This CORS request is not allowed. This is usually because the evalution \
                           of Origin, request method / Access-Control-Request-Method or \
                           Access-Control-Request-Headers are not whitelisted by the resource's \
                           CORS spec.";

/// A refused preflight, with what the official answer says beside the text.
fn forbidden(addressed: Addressed<'_>, asked: &Asked, why: &str) -> Fault {
    let kind = if addressed.item.is_some() { "OBJECT" } else { "BUCKET" };
    Fault::sender("AccessForbidden", format!("CORSResponse: {why}"))
        .status(403)
        .member("Method", asked.method.as_str())
        .member("ResourceType", kind)
}

impl CrossOrigin for BucketCors {
    fn allowed<'a>(
        &'a self,
        addressed: Addressed<'a>,
        asked: &'a Asked,
    ) -> BoxFuture<'a, Result<Allowed, Fault>> {
        Box::pin(async move {
            let refuse = |why| forbidden(addressed, asked, why);
            let platform = &self.0.platform;
            let mut tx = platform.store.begin();
            let bucket = model::named(platform, &mut tx, addressed.resource).await?;
            let bucket = bucket.ok_or_else(|| refuse(NO_BUCKET))?;
            let cors = settings::find::<Cors>(&mut tx, &bucket).await?;
            let cors = cors.ok_or_else(|| refuse(NOT_ENABLED))?;
            cors.allowed(asked).ok_or_else(|| refuse(NOT_ALLOWED))
        })
    }

    fn unasked(&self, what: Unasked) -> Fault {
        let text = match what {
            Unasked::Origin => "Insufficient information. Origin request header needed.",
            Unasked::Method => "Invalid Access-Control-Request-Method: null",
        };
        Error::BadRequest(text.to_owned()).into()
    }
}
