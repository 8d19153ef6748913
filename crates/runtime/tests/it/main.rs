//! Pools of instances over a fake isolation engine: the sandboxes are tasks of the test, the
//! Runtime API is spoken over real sockets.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod client;
mod extensions;
mod fake;
mod lifecycle;
mod pool;
mod provisioned;
mod runtime_api;
mod streaming;
