//! The two changes to a net namespace that a sandbox needs, by route netlink (RFC 3549).
//!
//! The older `ioctl` cannot say that an IPv6 address needs no check for duplicates, and until
//! that check has run nobody can listen on it.

use std::io;
use std::net::IpAddr;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

/// The loopback device is the first of every net namespace.
const LOOPBACK: i32 = 1;

/// Brings the loopback device of this net namespace up. The kernel gives it 127.0.0.1/8 and ::1.
pub(super) fn bring_loopback_up() -> io::Result<()> {
    let up = libc::IFF_UP.cast_unsigned();
    let mut body = family_header(libc::AF_UNSPEC);
    body.extend([0; 3]); // padding and device type
    body.extend(LOOPBACK.to_ne_bytes());
    body.extend(up.to_ne_bytes());
    body.extend(up.to_ne_bytes()); // which flags change
    ask(libc::RTM_NEWLINK, 0, &body)
}

/// Gives the loopback device one more address.
pub(super) fn add_loopback_address(address: IpAddr) -> io::Result<()> {
    let (family, octets) = match address {
        IpAddr::V4(address) => (libc::AF_INET, address.octets().to_vec()),
        IpAddr::V6(address) => (libc::AF_INET6, address.octets().to_vec()),
    };
    let prefix_length = u8::try_from(octets.len() * 8).expect("an address has at most 128 bits");
    let no_check = u8::try_from(libc::IFA_F_NODAD).expect("the flag has 8 bits");
    let mut body = family_header(family);
    body.extend([prefix_length, no_check, libc::RT_SCOPE_HOST]);
    body.extend(LOOPBACK.to_ne_bytes());
    for attribute in [libc::IFA_LOCAL, libc::IFA_ADDRESS] {
        let length = u16::try_from(4 + octets.len()).expect("an address is short");
        body.extend(length.to_ne_bytes());
        body.extend(attribute.to_ne_bytes());
        body.extend(&octets);
    }
    ask(libc::RTM_NEWADDR, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &body)
}

/// Both kinds of body begin with the address family in one byte.
fn family_header(family: i32) -> Vec<u8> {
    vec![u8::try_from(family).expect("families have 8 bits")]
}

/// Sends one request and reads its acknowledgement.
fn ask(kind: u16, flags: i32, body: &[u8]) -> io::Result<()> {
    let socket = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        None, // protocol 0 is the route protocol
    )?;
    let flags = u16::try_from(libc::NLM_F_REQUEST | libc::NLM_F_ACK | flags)
        .expect("netlink flags have 16 bits");
    let length = u32::try_from(16 + body.len()).expect("the request is short");
    let mut request = length.to_ne_bytes().to_vec();
    request.extend(kind.to_ne_bytes());
    request.extend(flags.to_ne_bytes());
    request.extend([0; 8]); // sequence number and port: there is one request
    request.extend(body);
    rustix::net::send(&socket, &request, SendFlags::empty())?;
    acknowledged(&socket)
}

fn acknowledged(socket: &OwnedFd) -> io::Result<()> {
    let mut answer = [0; 1024];
    let (read, _) = rustix::net::recv(socket, &mut answer[..], RecvFlags::empty())?;
    // After the header of 16 bytes: 0, or the negative error number.
    let error = answer[..read].get(16..20).and_then(|bytes| bytes.try_into().ok());
    match error.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(error) => Err(io::Error::from_raw_os_error(-error)),
        None => Err(io::Error::new(io::ErrorKind::InvalidData, "a short netlink answer")),
    }
}
