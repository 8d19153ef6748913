//! How much of everything there may be.

use std::time::Duration;

/// TCP connections of one sandbox at once. A further one is refused.
pub const CONNECTIONS: usize = 256;

/// Pairs of addresses of one sandbox between which UDP datagrams go at once. For a further one, the
/// one that was idle longest makes room.
pub const DATAGRAM_FLOWS: usize = 128;

/// TCP connections and UDP flows of all sandboxes at once: each takes a descriptor of this process.
pub const ALL_FLOWS: usize = 4_096;

/// Questions for names of one sandbox that are under way at once. Further ones are dropped, and
/// asked again by whoever asked.
pub const QUESTIONS: usize = 64;

/// What a connection may hold in each direction, in bytes, before its sender has to wait.
pub const CONNECTION_BUFFER: usize = 64 << 10;

/// Datagrams of one UDP flow that wait to be sent. Further ones are dropped.
pub(crate) const WAITING_DATAGRAMS: usize = 32;

/// How long a connection may take to be made. Linux gives up after two minutes too.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(127);

/// How long a UDP flow lives without a datagram: RFC 4787 asks for two minutes at least.
pub const DATAGRAM_IDLE: Duration = Duration::from_secs(120);

/// How long one server of names may take to answer before the next is asked.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// How many servers of names are asked, as in the C library.
pub const SERVERS_OF_NAMES: usize = 3;

/// Packets that are taken from one sandbox before others have their turn.
pub(crate) const BATCH: usize = 64;
