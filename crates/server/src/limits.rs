//! The bounds of the front door.

use std::time::Duration;

/// The bounds of an endpoint. [`Limits::default`] are the product's; tests make them smaller.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest body that is read into memory, in bytes: a function's zip of 50 MB as base64,
    /// with room for the rest. Bodies that stream are bounded by their operation.
    pub body_bytes: usize,
    /// The bodies in memory of all requests, together, in bytes; the first 64 KiB of each do not
    /// count, which the number of connections bounds. Who finds no room is told to slow down.
    pub buffered_bytes: usize,
    /// Line and headers of a request, in bytes; also the largest piece of a body that streams. Not
    /// less than 8,192.
    pub head_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Connections at once; further ones wait to be accepted.
    pub connections: usize,
    /// Connections of one sandbox at once; further ones wait to be accepted. A function that opens
    /// them without end must not use up the descriptors that all others need too.
    pub sandbox_connections: usize,
    /// A client must send a request's head within this time, and may idle this long between
    /// requests.
    pub head_timeout: Duration,
    /// A body may pause for this long in all, and longer only in proportion to what has come.
    pub body_pause: Duration,
    /// Bytes a second below which a body is too slow, once its pause is used up.
    pub body_rate: u64,
    /// A client that takes nothing of its reply for this long is cut off.
    pub reply_pause: Duration,
    /// What is left of a refused request's body is read and dropped for this long, so that its
    /// sender sees the refusal and no broken connection.
    pub linger: Duration,
    /// At an orderly stop, requests under way may take this long to end.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 72 * 1024 * 1024,
            buffered_bytes: 512 * 1024 * 1024,
            head_bytes: 64 * 1024,
            headers: 100,
            connections: 4_096,
            sandbox_connections: 256,
            head_timeout: Duration::from_secs(60),
            body_pause: Duration::from_secs(20),
            body_rate: 1_024,
            reply_pause: Duration::from_secs(60),
            linger: Duration::from_secs(2),
            drain_timeout: Duration::from_secs(10),
        }
    }
}
