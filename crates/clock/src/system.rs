use crate::Clock;
use futures_util::future::BoxFuture;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};
use types::Timestamp;

/// The system's clock, which never runs backwards: a step back holds it where it was.
#[derive(Debug, Default)]
pub struct SystemClock {
    latest: AtomicU64,
}

impl SystemClock {
    /// A clock that starts no earlier than `floor`, usually the last time the store has seen.
    #[must_use]
    pub fn starting_at(floor: Timestamp) -> Self {
        Self { latest: AtomicU64::new(floor.as_millis()) }
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this crate is where the clock is read")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        let before = self.latest.fetch_max(millis, Ordering::Relaxed);
        Timestamp::from_millis(millis.max(before))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(at.since(self.now())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_runs_behind_its_floor() {
        let floor = Timestamp::from_secs(1 << 40);
        assert_eq!(SystemClock::starting_at(floor).now(), floor);
    }
}
