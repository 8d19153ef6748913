//! The path of one request: who asks, for what, may they, do it, answer.
//!
//! ```text
//! parts, body → wire (service, operation, protocol) → sigv4 (who) → decode → transaction:
//!     identity → permissions → run → commit, again on conflict → encode
//! ```
//!
//! Dispatch is given a list of services and knows none by name. It owns every transaction of an
//! operation: an operation can neither forget to commit nor commit half.

mod authenticate;
mod body;
mod cross_origin;
mod dispatcher;
mod execute;
mod form;
mod front;
mod internal;
mod meters;
mod signing_keys;

pub use dispatcher::{Dispatcher, SetupError};
pub use execute::{MAX_ATTEMPTS, RETRY_BASE};
