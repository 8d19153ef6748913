//! The router over the in-memory engine and a manual clock, with services made for the test.

#![allow(clippy::unwrap_used, reason = "tests")]

mod deliveries;
mod fakes;
mod fixture;
mod jobs;
mod mappings;
mod ordered;
