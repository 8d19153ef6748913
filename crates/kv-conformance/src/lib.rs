//! One suite that every storage engine passes.
//!
//! An engine's crate runs it from its tests:
//!
//! ```text
//! kv_conformance::conformance!(open());
//! ```
//!
//! where the expression makes an empty engine, as an `Arc<dyn Engine>`, and whatever must live as
//! long as it does (a temporary folder).

#![allow(clippy::unwrap_used, reason = "every function here is the body of a test")]
#![allow(clippy::missing_panics_doc, reason = "a panic is how a test fails")]

pub mod adds;
pub mod conflicts;
pub mod differential;
pub mod limits;
pub mod postgres;
pub mod reads;
pub mod serializability;
pub mod stamps;
pub mod tcp_postgres;
pub mod watches;

mod history;
mod program;

use std::sync::Arc;

use kv::{Engine, Key, KeyBuilder, Store, Tag, Value};

/// Defines one test for each case of the suite.
#[macro_export]
macro_rules! conformance {
    ($open:expr) => {
        $crate::conformance_cases! { $open =>
            reads: a_transaction_reads_its_own_writes
            reads: scans_see_own_writes_in_order_both_ways
            reads: scans_are_ordered_and_limited_both_ways
            reads: a_snapshot_does_not_move
            reads: a_transaction_that_only_reads_commits_for_free
            reads: an_empty_range_holds_nothing
            conflicts: of_two_that_read_and_write_one_key_the_second_fails
            conflicts: an_absent_key_that_appears_conflicts
            conflicts: a_deleted_key_conflicts
            conflicts: write_skew_is_refused
            conflicts: a_snapshot_read_conflicts_with_nothing
            conflicts: a_required_read_conflicts
            conflicts: a_key_that_appears_in_a_scanned_range_conflicts
            conflicts: a_scan_that_stops_at_its_limit_conflicts_with_what_it_read_only
            conflicts: blind_writes_conflict_with_nothing
            adds: adds_from_many_tasks_all_count
            adds: an_add_conflicts_with_a_reader
            adds: an_add_wraps_around
            adds: an_add_to_what_is_no_number_fails_alone
            stamps: stamps_are_unique_and_grow_in_commit_order
            stamps: a_commit_tells_the_stamps_that_it_wrote
            stamps: a_reader_that_has_seen_a_stamp_never_finds_a_smaller_one_later
            stamps: a_commit_after_a_version_has_a_greater_one_and_so_has_what_follows
            stamps: a_stamped_key_conflicts_with_a_scan_of_its_prefix
            watches: a_watch_wakes_after_a_write_under_its_prefix
            watches: a_watch_sees_what_was_written_before_it_waits
            watches: one_written_key_wakes_one_of_the_single_watches
            watches: a_wake_up_that_nobody_saw_passes_on
            limits: a_key_and_a_value_at_their_limits_are_stored
            limits: what_is_beyond_a_limit_is_refused
            limits: a_transaction_at_its_limits_is_stored
            serializability: concurrent_transactions_are_serializable
            serializability: transactions_are_serializable_under_injected_faults
            serializability: a_crash_keeps_what_was_acknowledged
            differential: interleaved_transactions_end_as_in_the_model
        }
    };
}

/// What [`conformance!`] expands to.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_cases {
    ($open:expr => $($module:ident : $case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let (engine, _alive) = $open;
                $crate::$module::$case(engine).await;
            }
        )*
    };
}

/// An engine under test.
pub type Subject = Arc<dyn Engine>;

fn store(engine: &Subject) -> Store {
    Store::from_engine(engine.clone())
}

/// The tag of every key of the suite.
const TAG: Tag = Tag(0xffee);

fn key(name: &str) -> Key {
    KeyBuilder::new(TAG).str(name).build()
}

fn value(text: &str) -> Value {
    Value::copy_from_slice(text.as_bytes())
}

/// Writes `name` = `text` in a transaction of its own.
async fn put(store: &Store, name: &str, text: &str) {
    let mut tx = store.begin();
    tx.put(key(name), value(text)).unwrap();
    tx.commit().await.unwrap();
}

async fn get(store: &Store, name: &str) -> Option<Value> {
    store.begin().get(&key(name)).await.unwrap()
}
