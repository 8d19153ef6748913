//! Tests through the public interface.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod documents;
mod evaluation;
mod principals;
mod support;
