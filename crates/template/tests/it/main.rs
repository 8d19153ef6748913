//! The crate's public functions on whole templates.

mod evaluation;
mod sam;
