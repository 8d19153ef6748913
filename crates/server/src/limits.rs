//! The bounds of the front door.

use std::time::Duration;

/// The largest body of a request: a function's zip of 50 MB as base64, with room for the rest.
pub(crate) const BODY_BYTES: usize = 72 * 1024 * 1024;
/// The bodies of all requests that are being read, together.
pub(crate) const BUFFERED_BYTES: usize = 512 * 1024 * 1024;
/// Connections at once; further ones wait to be accepted.
pub(crate) const CONNECTIONS: usize = 4_096;
/// A client must send a request's head within this time, and may idle this long between requests.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// A body must keep coming: no pause may be longer than this.
pub(crate) const BODY_PAUSE: Duration = Duration::from_secs(20);
/// At an orderly stop, requests under way may take this long to end.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
