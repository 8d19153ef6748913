use crate::{
    Objects,
    model::{ReadInput, Reply},
};
use futures_util::TryStreamExt;
use kv::Transaction;
use service::{BodyStream, Context, Direct, Fault, Output, Permission};

/// Gives the bytes of an object, all or some.
pub(crate) struct GetObject;

/// The members and the bytes.
pub(crate) struct Got {
    reply: Reply,
    status: u16,
    body: BodyStream,
}

impl Output for Got {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.reply)
    }

    fn to_value(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(&self.reply)
    }

    fn into_stream(self: Box<Self>) -> Option<BodyStream> {
        Some(self.body)
    }

    fn status(&self) -> Option<u16> {
        Some(self.status)
    }
}

impl Direct for GetObject {
    type Service = Objects;
    type Input = ReadInput;
    type Output = Got;
    const NAME: &'static str = "GetObject";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ReadInput,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx).await
    }

    async fn run(objects: &Objects, ctx: &Context, input: &ReadInput) -> Result<Got, Fault> {
        let mut tx = objects.platform.store.begin();
        let found = input.find(ctx, &mut tx).await?;
        let segments = found.segments(objects, &mut tx).await?;
        let status = found.status();
        let body = BodyStream::new(objects.stream(segments).map_err(Fault::from), None);
        Ok(Got { reply: found.reply, status, body })
    }
}
