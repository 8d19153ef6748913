//! The crate's public functions on whole templates.

mod evaluation;
mod packaging;
mod sam;
