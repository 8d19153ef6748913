//! Tests through the public interface.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod botocore;
mod published;
mod streaming;
mod verify;
