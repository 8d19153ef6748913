//! What no bucket here is configured for, and how its operations say so.

use crate::{Error, Objects, settings::ToBucket};
use kv::Transaction;
use service::{Context, Empty, Fault, Operation, Permission};
use std::marker::PhantomData;

/// A configuration that no bucket has. What S3 says of a bucket that was never given one is true of
/// every bucket.
pub(crate) trait Unset: Send + Sync + 'static {
    /// The operation that asks for it.
    const NAME: &'static str;
    /// What its caller must be allowed.
    const ACTION: &'static str;
    /// Code and text, where S3 answers with an error; else the answer is empty.
    const ERROR: Option<(&'static str, &'static str)>;
}

/// The operation that asks for a configuration.
pub(crate) struct Get<T>(PhantomData<T>);

impl<T: Unset> Operation for Get<T> {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Empty;
    const NAME: &'static str = T::NAME;

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, T::ACTION).await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ToBucket,
    ) -> Result<Empty, Fault> {
        input.find(ctx, tx).await?;
        match T::ERROR {
            Some((code, text)) => Err(Error::NoSuchConfiguration(code, text).into()),
            None => Ok(Empty {}),
        }
    }
}
