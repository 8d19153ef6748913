//! The way out of sandboxes: what a function sends to the internet, carried by this process.
//!
//! A sandbox's net namespace has a device (TUN) whose other end is a descriptor here. What comes
//! out of it are IPv4 packets. Their TCP connections end in a small stack of our own, one for each
//! sandbox, and are continued by ordinary sockets of the host; their UDP datagrams are sent by
//! ordinary sockets too; questions for names are passed on to the host's own servers of names.
//! Nothing of the host's network is changed: no device, no route, no rule, no forwarding.
//!
//! Invariants:
//! - No socket is opened to an address that [`Reach`] does not allow, that the host's routes lead
//!   to the host itself, or that is on the list of those that nobody may reach.
//! - Sandboxes have nothing in common: no link, no stack, no address that leads from one to another.
//! - A connection inside is accepted only when the host's has been; a refusal is a refusal.
//! - Connections, datagrams in flight, questions and buffers are bounded, for each sandbox and for
//!   all together ([`limits`]).
//! - All of it runs on one thread of its own, so that a flood costs others their way out at most.
//!
//! What it is not: it carries no IPv6, no ICMP (no ping), no fragments, no broadcast, and nothing
//! that comes from outside unasked.

mod connection;
mod gateway;
mod host;
pub mod limits;
mod names;
mod packets;
mod reach;
mod stack;
mod streams;

mod datagrams;

pub use gateway::{Carried, Gateway, Wire};
pub use reach::{Reach, ReachError};

use std::net::Ipv4Addr;

/// The address of every sandbox on its own device. It is one of those for links that lead nowhere
/// else (RFC 7335), so it hides no address of the world.
pub const INSIDE: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 2);

/// The address of this side of it, where names are asked for.
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 1);

/// The largest packet, in bytes: within a host there is no reason for small ones.
pub const MTU: u16 = 65_520;
