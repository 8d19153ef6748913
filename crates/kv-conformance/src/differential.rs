//! The same interleaved transactions on the engine and on the in-memory one.

use clock::Ids;
use kv::{Error, Scan, Store, Transaction};
use kv_memory::MemoryEngine;

use crate::program::Op;
use crate::{Subject, TAG};

/// A transaction that is open on both.
struct Pair {
    subject: Transaction,
    model: Transaction,
}

/// Every read, every conflict and the final state are equal.
pub async fn interleaved_transactions_end_as_in_the_model(engine: Subject) {
    let (subject, model) = (Store::from_engine(engine), Store::new(MemoryEngine::new()));
    let random = Ids::from_seed(7);
    let mut open: Vec<Option<Pair>> = (0..5).map(|_| None).collect();
    let (mut commits, mut conflicts) = (0, 0);
    for step in 0..1500 {
        let slot = &mut open[random.below(5) as usize];
        let pair =
            slot.get_or_insert_with(|| Pair { subject: subject.begin(), model: model.begin() });
        if random.below(5) > 0 {
            let op = Op::random(&random);
            let seen = op.run(&mut pair.subject).await;
            assert_eq!(seen, op.run(&mut pair.model).await, "step {step}: {op:?}");
        } else if let Some(pair) = slot.take() {
            let result = pair.subject.commit().await.map(drop);
            assert_eq!(result, pair.model.commit().await.map(drop), "commit in step {step}");
            commits += usize::from(result.is_ok());
            conflicts += usize::from(result == Err(Error::Conflict));
        }
    }
    assert!(commits > 20 && conflicts > 20, "{commits} commits, {conflicts} conflicts");
    let all = Scan::first(1000);
    let found = subject.begin().scan(&TAG.range(), all).await;
    assert_eq!(found, model.begin().scan(&TAG.range(), all).await);
}
