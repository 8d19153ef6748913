use crate::config::BACKOFF_BASE;
use clock::Ids;
use std::time::Duration;

/// The pause after `failures` failures in a row (1 or more): it doubles up to `max`, and lies
/// anywhere between half of that and all of it, so that what failed together does not return
/// together.
pub(crate) fn backoff(failures: u32, max: Duration, ids: &Ids) -> Duration {
    let doublings = failures.saturating_sub(1).min(20);
    let full = BACKOFF_BASE.saturating_mul(1 << doublings).min(max);
    let half = full / 2;
    let spread = u32::try_from(half.as_millis()).unwrap_or(u32::MAX).saturating_add(1);
    half + Duration::from_millis(u64::from(ids.below(spread)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_never_agree() {
        let (ids, max) = (Ids::from_seed(1), Duration::from_secs(300));
        for (failures, full) in [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (1000, 300)] {
            let full = Duration::from_secs(full);
            let draws: Vec<_> = (0..20).map(|_| backoff(failures, max, &ids)).collect();
            assert!(draws.iter().all(|pause| *pause >= full / 2 && *pause <= full), "{draws:?}");
            assert!(draws.iter().any(|pause| *pause != draws[0]));
        }
    }
}
