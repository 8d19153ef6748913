//! What a managed service *is*.
//!
//! A service is a list of [`operations`](Operation) over the key-value interface, and the ports by
//! which others reach it without importing it: [`Target`] (a delivery enters it), [`Source`] (the
//! router reads batches from it), [`ResourceProvider`] (a template creates it), [`Job`] (its
//! background work) and [`Front`] (plain HTTP that is no API call). `dispatch` is handed a list of
//! [`Definition`]s and knows no service by name; the composition root builds that list.
//!
//! Invariants:
//! * An operation never commits: dispatch owns the transaction, and retries it on conflict.
//! * A retried run is the same run: the time and the generated ids are fixed by [`Context`].
//! * Every operation names the permissions that it needs, evaluated in the same transaction.

mod authorize;
mod body;
mod caller;
mod calls;
mod context;
mod cross_origin;
mod definition;
pub mod delivery;
mod digests;
mod fault;
mod front;
mod identities;
mod invoker;
pub mod job;
mod kinds;
pub mod mapping;
pub mod metrics;
mod operation;
mod output;
mod platform;
pub mod records;
mod resource;
mod seal;
mod source;
pub mod tag;
mod target;
mod transact;
mod values;
mod violation;

pub use authorize::authorize;
pub use body::{Body, BodyStream, Trailers, Trailing};
pub use caller::Caller;
pub use calls::Calls;
pub use context::{Context, TRACE_HEADER_BYTES};
pub use cross_origin::{Addressed, Allowed, Asked, CrossOrigin, Unasked};
pub use definition::Definition;
pub use digests::{CheckDigests, Document};
pub use fault::{Fault, Side};
pub use front::{Front, FrontRequest, FrontResponse};
pub use identities::{Identities, Identity, Policies, TemporaryCredentials};
pub use invoker::{BatchOutcome, Invoker};
pub use job::{Job, JobRecord, Next};
pub use kinds::{direct, prepared, transactional, waiting};
pub use operation::{
    AnyOperation, Attempt, Direct, Input, Kind, Operation, Permission, PreparedOperation, Run,
    Waiting,
};
pub use output::{Empty, Event, EventContent, EventStream, Output, Rendered};
pub use platform::{Platform, PublicUrl};
pub use records::{Inspection, Records};
pub use resource::{
    Change, Desired, Property, PropertyError, Resource, ResourceContext, ResourceProvider, Step,
    Turn,
};
pub use seal::{NONCE_BYTES, SEAL_BYTES, Sealer};
pub use source::{Batch, Source, SourceRecord, Wanted};
pub use target::{Attempted, ExternalTarget, Refusal, Target};
pub use transact::{Transact, transact};
pub use values::{Base64, Seconds};
pub use violation::{Constraint, Violation};
