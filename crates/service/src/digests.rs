use crate::Fault;
use http::HeaderMap;

/// A document in memory that a request brings, and what its headers say of it.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// The operation that it is for.
    pub operation: &'a str,
    /// The headers of the request.
    pub headers: &'a HeaderMap,
    /// The headers that followed the document, with names in lower case.
    pub trailers: &'a [(String, String)],
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl<'a> Document<'a> {
    /// The text of a header, in front of the document or behind it.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let (headers, trailers) = (self.headers, self.trailers);
        let front = headers.get(name).and_then(|value| value.to_str().ok());
        let behind = || trailers.iter().find(|(given, _)| given == name);
        front.or_else(|| behind().map(|(_, value)| value.as_str()))
    }
}

/// Compares a document with the digests that its request says, before anything of it is read.
///
/// # Errors
/// It has others, or lacks one that its operation needs.
pub type CheckDigests = fn(&Document<'_>) -> Result<(), Fault>;
