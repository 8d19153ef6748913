//! Random transactions at once, checked against one order.

use clock::Ids;
use kv::{Error, Store};
use kv_memory::{Faults, Faulty};

use crate::Subject;
use crate::history::{Outcome, attempt, verify};
use crate::program::Program;

const TASKS: u64 = 8;

/// Runs `each` random programs in each of many tasks, or until the store is gone.
async fn run(store: &Store, seed: u64, each: u64) -> Vec<Outcome> {
    let first = seed * 1_000_000;
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let random = Ids::from_seed(first + task);
                let mut outcomes = Vec::new();
                for number in 0..each {
                    let program = Program::random(&random, first + task * each + number);
                    let outcome = attempt(&store, program).await;
                    let gone = matches!(outcome.result, Err(Error::Unavailable(_)));
                    outcomes.push(outcome);
                    if gone {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
                outcomes
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.extend(task.await.unwrap());
    }
    outcomes
}

fn count(outcomes: &[Outcome], wanted: impl Fn(&Outcome) -> bool) -> usize {
    outcomes.iter().filter(|outcome| wanted(outcome)).count()
}

/// As the engine runs them.
pub async fn concurrent_transactions_are_serializable(engine: Subject) {
    // Delays only: an engine that answers at once would run them one after the other.
    let faults = Faults { yields: 3, ..Faults::default() };
    let store = Store::new(Faulty::new(engine, 1, faults));
    let outcomes = run(&store, 1, 60).await;
    assert!(count(&outcomes, |outcome| outcome.result.is_ok()) > 100);
    assert!(count(&outcomes, |outcome| outcome.result == Err(Error::Conflict)) > 0);
    verify(&store, outcomes).await;
}

/// Conflicts that are none, and commits of unknown outcome that took effect or did not.
pub async fn transactions_are_serializable_under_injected_faults(engine: Subject) {
    let faults = Faults {
        conflict: 100,
        unknown_applied: 100,
        unknown_lost: 100,
        yields: 3,
        ..Faults::default()
    };
    let store = Store::new(Faulty::new(engine, 2, faults));
    let outcomes = run(&store, 2, 60).await;
    assert!(count(&outcomes, |outcome| outcome.result == Err(Error::CommitUnknown)) > 20);
    verify(&store, outcomes).await;
}

/// In the middle of one commit, with others on their way.
pub async fn a_crash_keeps_what_was_acknowledged(engine: Subject) {
    let mut outcomes = Vec::new();
    for round in 0..5 {
        let faults = Faults { yields: 3, crash_after: 20 + round, ..Faults::default() };
        let faulty = Faulty::new(engine.clone(), round, faults);
        let store = Store::new(faulty.clone());
        outcomes.extend(run(&store, 100 + round, 60).await);
        assert!(faulty.is_crashed());
        faulty.restart();
        assert!(store.snapshot().await.is_ok());
    }
    verify(&Store::from_engine(engine), outcomes).await;
}
