//! Time and randomness, injected.
//!
//! The only crate that may read the system's clock or its entropy. Everything else is handed a
//! [`Clock`] and [`Ids`], so that a test decides what time it is and a seed decides every id.

mod ids;
mod manual;
mod system;

pub use ids::Ids;
pub use manual::ManualClock;
pub use system::SystemClock;

use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};
use types::Timestamp;

/// A source of time.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Ends when [`Clock::now`] has reached `at`; at once if it already has.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;

    /// Ends when `duration` has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.sleep_until(self.now() + duration)
    }
}

/// A clock that many parts share.
pub type SharedClock = Arc<dyn Clock>;
