//! A small signed client of the AWS wire protocols, for the commands, the demo and the benchmarks.
//!
//! **What it is.** One [`Client`] is one endpoint, one identity and a pool of kept connections. It
//! speaks JSON ([`Client::json`]), Query ([`Client::query`]) and REST-JSON ([`Client::rest`]) and
//! turns every reply that is no success into an [`Error`] with the official code and message.
//!
//! **What it is not.** It has no types per service, follows no redirects, speaks no TLS, and retries
//! nothing: the caller knows what may be repeated.
//!
//! **Invariants.** Replies are at most [`MAX_REPLY_BYTES`]; connecting ends after
//! [`CONNECT_TIMEOUT`], a whole request after [`REQUEST_TIMEOUT`].

mod client;
mod error;
mod fault;
mod query;
mod rest;
mod xml;

pub use client::{CONNECT_TIMEOUT, Client, MAX_REPLY_BYTES, REQUEST_TIMEOUT, Reply};
pub use error::Error;
pub use rest::{Rest, segment};
pub use sigv4::Credentials;
pub use xml::Element;
