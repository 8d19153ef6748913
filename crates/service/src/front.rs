use crate::{Body, Caller, Fault};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use std::net::IpAddr;

/// A plain HTTP request that a [`Front`] has claimed.
pub struct FrontRequest {
    /// Method, target and headers.
    pub parts: Parts,
    /// The whole body.
    pub body: Bytes,
    /// Where it came from.
    pub peer: IpAddr,
    /// Whose signature it carries: none, a good one, or the fault of a bad one.
    pub caller: Result<Option<Caller>, Fault>,
}

/// The answer of a [`Front`]; its body may be a stream.
pub type FrontResponse = http::Response<Body>;

/// Plain HTTP that is no API call: function URLs and their like.
pub trait Front: Send + Sync + 'static {
    /// The name in signatures for it (`lambda`).
    fn signing_name(&self) -> &'static str;

    /// True if a request for this host (without port) and path is its own.
    fn claims(&self, host: &str, path: &str) -> bool;

    /// Answers. Errors are answers too, in the form that this front's clients expect.
    fn answer(&self, request: FrontRequest) -> BoxFuture<'_, FrontResponse>;
}
