//! How a delivery enters a queue: by the same function as `SendMessage`.

use crate::{
    Error, Queues,
    model::{self, AttributeValues, Bodies, Name, NewMessage, Sending},
};
use futures_util::future::BoxFuture;
use kv::Transaction;
use service::{Caller, Fault, Refusal, Target, authorize, delivery::Delivery};
use std::sync::Arc;
use types::{AccountId, Region, Timestamp};

/// Deliveries to queues.
pub(crate) struct QueueTarget(pub(crate) Arc<Queues>);

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
        Box::pin(apply(&self.0.bodies, tx, caller, delivery, now))
    }
}

async fn apply(
    bodies: &Bodies,
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
        attributes: attributes(delivery).map_err(refused)?,
        system_attributes: AttributeValues::new(),
        trace: delivery.trace.clone(),
        group_id: None,
        deduplication_id: None,
        sender: model::sender(caller),
        delay_seconds: None,
    };
    let mut sending = Sending::new(bodies);
    model::send(&mut sending, tx, &queue, new, now).await.map(|_| ()).map_err(refused)
}

/// The message attributes in the delivery's state, which may be null.
fn attributes(delivery: &Delivery) -> Result<AttributeValues, Error> {
    let state = delivery.state.clone();
    let attributes: Option<AttributeValues> = serde_json::from_value(state).map_err(|error| {
        Error::InvalidParameterValue(format!("The delivery's message attributes: {error}"))
    })?;
    Ok(attributes.unwrap_or_default())
}

fn refusal(fault: &Fault) -> Refusal {
    Refusal::Refused { code: fault.code().to_owned(), message: fault.message().to_owned() }
}
