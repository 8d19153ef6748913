//! The `aws-chunked` content encoding: `size;chunk-signature=...`, data, and a trailer of checksums.
//!
//! Data passes through at once, so that a chunk may be of any size and none is held in memory: what
//! the decoder gives out is provisional until its end, as is a body whose one hash can only be
//! compared there.

mod chain;
mod decoder;
mod trailer;

pub use decoder::ChunkDecoder;
pub(crate) use decoder::decoded_length;

/// The headers of the trailer in order, without the trailer signature. What they mean, for example
/// a checksum of the body, is for the caller to check.
pub type Trailers = Vec<(String, String)>;

/// The smallest chunk that is not the last, in bytes of data; S3's documented limit.
pub const MIN_CHUNK_BYTES: u64 = 8192;

/// The longest line: a size, or a trailer with its value.
const MAX_LINE_BYTES: usize = 4096;
/// The most headers in a trailer.
const MAX_TRAILERS: usize = 16;
