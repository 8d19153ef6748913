use crate::{
    Objects,
    model::{ReadInput, Reply},
};
use kv::Transaction;
use service::{Context, Direct, Fault, Output, Permission};

/// Tells what an object is like, without its bytes.
pub(crate) struct HeadObject;

/// The members, and a status that depends on what was asked for.
pub(crate) struct Head(Reply, u16);

impl Output for Head {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.0)
    }

    fn to_value(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(&self.0)
    }

    fn status(&self) -> Option<u16> {
        Some(self.1)
    }
}

impl Direct for HeadObject {
    type Service = Objects;
    type Input = ReadInput;
    type Output = Head;
    const NAME: &'static str = "HeadObject";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &ReadInput,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx).await
    }

    async fn run(objects: &Objects, ctx: &Context, input: &ReadInput) -> Result<Head, Fault> {
        let mut tx = objects.platform.store.begin();
        let found = input.find(ctx, &mut tx).await?;
        let status = found.status();
        Ok(Head(found.reply, status))
    }
}
