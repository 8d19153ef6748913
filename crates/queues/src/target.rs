//! How a delivery enters a queue: by the same function as `SendMessage`.

use crate::{
    Error,
    model::{self, Name, NewMessage},
};
use futures_util::future::BoxFuture;
use kv::Transaction;
use service::{Caller, Fault, Refusal, Target, authorize, delivery::Delivery};
use types::{AccountId, Region, Timestamp};

/// Deliveries to queues.
pub(crate) struct QueueTarget;

impl Target for QueueTarget {
    fn service(&self) -> &'static str {
        "sqs"
    }

    fn apply<'a>(
        &'a self,
        tx: &'a mut Transaction,
        caller: &'a Caller,
        delivery: &'a Delivery,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(apply(tx, caller, delivery, now))
    }
}

async fn apply(
    tx: &mut Transaction,
    caller: &Caller,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<(), Refusal> {
    let refused = |error: Error| match error {
        Error::Store(error) => Refusal::Store(error),
        error => refusal(&error.into()),
    };
    let (Ok(account), Ok(region)) =
        (delivery.target.account().parse(), delivery.target.region().parse())
    else {
        return Err(refused(Error::QueueDoesNotExist));
    };
    let (account, region): (AccountId, Region) = (account, region);
    let name = Name::of_arn(&delivery.target).map_err(refused)?;
    let queue = model::find(tx, &account, &region, &name).await?;
    let queue = queue.ok_or(Error::QueueDoesNotExist).map_err(refused)?;
    queue
        .permission("sqs:SendMessage")
        .and_then(|permission| authorize(caller, &permission, &region, now))
        .map_err(|fault| refusal(&fault))?;
    let new = NewMessage {
        id: *delivery.id.as_bytes(),
        body: delivery.payload.clone(),
        attributes: serde_json::from_value(delivery.state.clone()).unwrap_or_default(),
        trace_header: None,
        group_id: None,
        sender: model::sender(caller),
        delay_seconds: None,
    };
    model::send(tx, &queue, new, now).map(|_| ()).map_err(refused)
}

fn refusal(fault: &Fault) -> Refusal {
    Refusal::Refused { code: fault.code().to_owned(), message: fault.message().to_owned() }
}
