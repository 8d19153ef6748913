//! The body of a request.

use crate::{
    Error, Objects, config,
    intake::{Expected, Taken},
    model::Algorithm,
};
use futures_util::StreamExt;
use service::{Context, Fault};

/// Takes the body of a request in. `length` is what its headers say of it.
pub(crate) async fn take(
    objects: &Objects,
    ctx: &Context,
    length: Option<u64>,
    expected: &Expected,
) -> Result<Taken, Fault> {
    let body = ctx.take_body()?;
    let announced = body.length().or(length);
    if announced.is_some_and(|length| length > config::UPLOAD_BYTES) {
        return Err(Error::EntityTooLarge.into());
    }
    let trailing = body.trailing();
    let mut expected = expected.clone();
    if expected.algorithm.is_none() {
        let comes = |algorithm: &Algorithm| {
            trailing.announced().iter().any(|name| name == algorithm.header())
        };
        expected.algorithm = Algorithm::ALL.into_iter().find(comes);
    }
    let late = |algorithm: Algorithm| Ok(trailing.get(algorithm.header()).map(str::to_owned));
    objects.take(body, &expected, late).await
}

/// As [`take`], of a body that may have `most` bytes.
pub(crate) async fn take_within(
    objects: &Objects,
    ctx: &Context,
    most: Option<u64>,
    expected: &Expected,
) -> Result<Taken, Fault> {
    let (most, mut proposed) = (most.unwrap_or(config::UPLOAD_BYTES), 0);
    let body = ctx.take_body()?.map(|piece| {
        let piece = piece?;
        proposed += piece.len() as u64;
        match proposed > most {
            true => Err(Fault::from(Error::AboveLength { proposed, most })),
            false => Ok(piece),
        }
    });
    objects.take(body, expected, |_| Ok(None)).await
}
