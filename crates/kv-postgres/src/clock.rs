use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clock::Clock;
use futures_util::future::BoxFuture;
use types::Timestamp;

/// An answer that took longer says too little about what time it is.
const PROMPT: Duration = Duration::from_millis(250);

/// Nothing was observed yet.
const UNKNOWN: i64 = i64::MIN;

/// The database's clock, as a node knows it from its last answer: so that nodes agree about time
/// whatever their own clocks show. It never runs backwards, and is never behind the time of a commit
/// that the node has seen.
pub struct StoreClock {
    origin: Instant,
    /// What to add to the milliseconds since `origin`.
    offset: AtomicI64,
    latest: AtomicU64,
}

impl Default for StoreClock {
    fn default() -> Self {
        Self { origin: Instant::now(), offset: AtomicI64::new(UNKNOWN), latest: AtomicU64::new(0) }
    }
}

impl StoreClock {
    /// Takes over what the database says: its time, which took since `asked` to arrive, and the time
    /// of the last commit.
    pub(crate) fn observe(&self, asked: Instant, database: i64, committed: i64) {
        self.latest.fetch_max(u64::try_from(committed).unwrap_or(0), Ordering::Relaxed);
        let first = self.offset.load(Ordering::Relaxed) == UNKNOWN;
        if first || asked.elapsed() <= PROMPT {
            self.offset.store(database - self.elapsed(), Ordering::Relaxed);
        }
    }

    fn elapsed(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

impl Clock for StoreClock {
    fn now(&self) -> Timestamp {
        let offset = self.offset.load(Ordering::Relaxed);
        let now = offset.checked_add(self.elapsed()).and_then(|now| u64::try_from(now).ok());
        let now = now.unwrap_or(0);
        let before = self.latest.fetch_max(now, Ordering::Relaxed);
        Timestamp::from_millis(now.max(before))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(at.since(self.now())))
    }
}

impl fmt::Debug for StoreClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreClock").field("now", &self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_the_databases_time_and_never_less_than_the_last_commits() {
        let clock = StoreClock::default();
        clock.observe(Instant::now(), 5_000_000, 0);
        let now = clock.now().as_millis();
        assert!((5_000_000..5_060_000).contains(&now), "{now}");
        clock.observe(Instant::now(), 5_000_000, 9_000_000);
        assert_eq!(clock.now().as_millis(), 9_000_000);
        clock.observe(Instant::now(), 4_000_000, 0);
        assert_eq!(clock.now().as_millis(), 9_000_000);
    }
}
