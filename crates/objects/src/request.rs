//! The body of a request.

use crate::{
    Error, Objects, config,
    intake::{Expected, Taken},
};
use futures_util::stream;
use service::{Context, Fault};

/// Takes the body of a request in. `length` is what its headers say of it.
pub(crate) async fn take(
    objects: &Objects,
    ctx: &Context,
    length: Option<u64>,
    expected: &Expected,
) -> Result<Taken, Fault> {
    if length.is_some_and(|length| length > config::UPLOAD_BYTES) {
        return Err(Error::EntityTooLarge.into());
    }
    let body = stream::iter([Ok::<_, Fault>(ctx.body.clone())]);
    objects.take(body, expected, |_| Ok(None)).await
}
