use super::Inner;
use clock::SharedClock;
use std::sync::{Arc, Weak};
use tokio::sync::Notify;

/// Lets idle instances go when their time has come. Ends with the pools.
pub(super) async fn run(pools: Weak<Inner>, clock: SharedClock, idle: Arc<Notify>) {
    loop {
        let next = {
            let Some(inner) = pools.upgrade() else { return };
            let mut book = inner.book();
            if book.is_closed() {
                return;
            }
            book.reap(clock.now(), &inner.config)
        };
        match next {
            // What becomes idle meanwhile is due later than this.
            Some(at) => clock.sleep_until(at).await,
            None => idle.notified().await,
        }
    }
}
