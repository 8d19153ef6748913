//! Waiting for a deployment, with its events.

use super::event::{Event, news};
use crate::error::Error;
use client::Client;
use std::{collections::HashSet, time::Duration};

/// How often the events are read. A change of code ends within a tenth of a second, so at first it is
/// more often.
const PAUSE: Duration = Duration::from_millis(100);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// How long a deployment is followed.
const LONGEST: Duration = Duration::from_secs(2 * 3600);

/// Gives every event of a deployment to `watch` until the stack rests; the result is the last event
/// of the stack itself. `token` is what the deployment was started with.
pub(crate) async fn follow(
    client: &Client,
    stack_id: &str,
    token: &str,
    watch: &mut dyn FnMut(&Event),
) -> Result<Event, Error> {
    let clock = client.clock();
    let end = clock.now() + LONGEST;
    let (mut seen, mut pause) = (HashSet::new(), FIRST_PAUSE);
    while clock.now() < end {
        for event in news(client, stack_id, token, &mut seen).await? {
            watch(&event);
            if event.is_of_stack(stack_id) && event.is_last() {
                return Ok(event);
            }
        }
        clock.sleep(pause).await;
        pause = PAUSE.min(pause.mul_f64(1.5));
    }
    let hours = LONGEST.as_secs() / 3600;
    Err(Error::new(format!("the deployment has not ended within {hours} hours"))
        .next("it goes on: see `pileus ls stacks`"))
}
