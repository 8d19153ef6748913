//! The changes to a net namespace that a sandbox needs, by route netlink (RFC 3549).
//!
//! The older `ioctl` cannot say that an IPv6 address needs no check for duplicates, and until
//! that check has run nobody can listen on it.

use std::io;
use std::net::IpAddr;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

/// A device of this net namespace, by its index.
#[derive(Clone, Copy)]
pub(super) struct Device(i32);

/// The loopback device is the first of every net namespace.
pub(super) const LOOPBACK: Device = Device(1);

/// In `IFLA_AF_SPEC`: how a device makes itself addresses of IPv6, and that it makes none.
const IFLA_INET6_ADDR_GEN_MODE: u16 = 8;
const IN6_ADDR_GEN_MODE_NONE: u8 = 1;

impl Device {
    /// The device of this name.
    pub(super) fn named(name: &str) -> io::Result<Self> {
        let any = rustix::net::socket(AddressFamily::UNIX, SocketType::DGRAM, None)?;
        let index = rustix::net::netdevice::name_to_index(any, name)?;
        i32::try_from(index).map(Self).map_err(io::Error::other)
    }

    /// Brings it up. The kernel gives the loopback device 127.0.0.1/8 and ::1.
    pub(super) fn bring_up(self) -> io::Result<()> {
        ask(libc::RTM_NEWLINK, 0, &self.link(libc::IFF_UP.cast_unsigned()))
    }

    /// Sets the size of its largest packet, in bytes, before it is brought up, and that it shall
    /// have no address of IPv6.
    pub(super) fn prepare(self, mtu: u16) -> io::Result<()> {
        let mut body = self.link(0);
        put(&mut body, libc::IFLA_MTU, &u32::from(mtu).to_ne_bytes());
        ask(libc::RTM_NEWLINK, 0, &body)?;
        let (mut mode, mut families) = (Vec::new(), Vec::new());
        put(&mut mode, IFLA_INET6_ADDR_GEN_MODE, &[IN6_ADDR_GEN_MODE_NONE]);
        let version_6 = u16::try_from(libc::AF_INET6).expect("families have 8 bits");
        put(&mut families, version_6, &mode);
        let mut body = self.link(0);
        put(&mut body, libc::IFLA_AF_SPEC, &families);
        match ask(libc::RTM_NEWLINK, 0, &body) {
            // Without IPv6 there are no addresses of it.
            Err(error) if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => Ok(()),
            set => set,
        }
    }

    /// Sends what goes to any other address through it.
    pub(super) fn route_everything(self) -> io::Result<()> {
        let mut body = family_header(libc::AF_INET);
        body.extend([0, 0, 0]); // no destination, no source, no type of service
        body.extend([libc::RT_TABLE_MAIN, libc::RTPROT_STATIC, libc::RT_SCOPE_LINK]);
        body.push(libc::RTN_UNICAST);
        body.extend([0; 4]); // flags
        put(&mut body, libc::RTA_OIF, &self.0.to_ne_bytes());
        ask(libc::RTM_NEWROUTE, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &body)
    }

    /// The body of a change to it: these flags are set.
    fn link(self, flags: u32) -> Vec<u8> {
        let mut body = family_header(libc::AF_UNSPEC);
        body.extend([0; 3]); // padding and device type
        body.extend(self.0.to_ne_bytes());
        body.extend(flags.to_ne_bytes());
        body.extend(flags.to_ne_bytes()); // which flags change
        body
    }
}

/// Adds an attribute, filled up to the next multiple of four bytes.
fn put(body: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let length = u16::try_from(4 + value.len()).expect("attributes here are short");
    body.extend(length.to_ne_bytes());
    body.extend(kind.to_ne_bytes());
    body.extend(value);
    body.resize(body.len().next_multiple_of(4), 0);
}

/// Gives a device one more address; the device's is the only one of its network.
pub(super) fn add_address(device: Device, address: IpAddr) -> io::Result<()> {
    let (family, octets) = match address {
        IpAddr::V4(address) => (libc::AF_INET, address.octets().to_vec()),
        IpAddr::V6(address) => (libc::AF_INET6, address.octets().to_vec()),
    };
    let prefix_length = u8::try_from(octets.len() * 8).expect("an address has at most 128 bits");
    let no_check = u8::try_from(libc::IFA_F_NODAD).expect("the flag has 8 bits");
    let mut body = family_header(family);
    let is_loopback = device.0 == LOOPBACK.0;
    let scope = if is_loopback { libc::RT_SCOPE_HOST } else { libc::RT_SCOPE_UNIVERSE };
    body.extend([prefix_length, no_check, scope]);
    body.extend(device.0.to_ne_bytes());
    for attribute in [libc::IFA_LOCAL, libc::IFA_ADDRESS] {
        put(&mut body, attribute, &octets);
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
