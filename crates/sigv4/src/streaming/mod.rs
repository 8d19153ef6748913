//! The `aws-chunked` content encoding: `size;chunk-signature=...`, data, and a trailer of checksums.
//!
//! No byte leaves the decoder before the signature of its chunk has been verified. A signed chunk
//! is therefore held in memory, and bounded by [`MAX_CHUNK_BYTES`]; chunks of the unsigned form
//! pass through and may be of any size.

mod chain;
mod decoder;
mod trailer;

pub use decoder::ChunkDecoder;

/// The headers of the trailer in order, without the trailer signature. What they mean, for example
/// a checksum of the body, is for the caller to check.
pub type Trailers = Vec<(String, String)>;

/// The largest signed chunk, in bytes of data.
pub const MAX_CHUNK_BYTES: u64 = 16 * 1024 * 1024;
/// The smallest chunk that is not the last, in bytes of data; S3's documented limit.
pub const MIN_CHUNK_BYTES: u64 = 8192;

/// The longest line: a size, or a trailer with its value.
const MAX_LINE_BYTES: usize = 4096;
/// The most headers in a trailer.
const MAX_TRAILERS: usize = 16;
