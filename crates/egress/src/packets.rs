//! What is read from packets, and the packets that are made here.

use std::net::SocketAddrV4;

use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    Icmpv4DstUnreachable, Icmpv4Packet, Icmpv4Repr, IpProtocol, Ipv4Packet, Ipv4Repr, TcpPacket,
    UdpPacket, UdpRepr,
};

use crate::{GATEWAY, INSIDE};

/// Where from and where to, as the sandbox sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Flow {
    pub(crate) inside: SocketAddrV4,
    pub(crate) outside: SocketAddrV4,
}

/// A packet from a sandbox.
pub(crate) enum Packet<'a> {
    Segment {
        flow: Flow,
        /// Whether it asks for a new connection.
        opens: bool,
    },
    Datagram {
        flow: Flow,
        payload: &'a [u8],
    },
}

/// Why something cannot be reached, as ICMP says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// It is not allowed.
    Prohibited,
    /// There is no way to it, or nobody there.
    Host,
    /// Nobody takes datagrams there.
    Port,
}

impl Packet<'_> {
    /// What a packet is; `None` for everything that is not carried.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Packet<'_>> {
        let ip = Ipv4Packet::new_checked(bytes).ok()?;
        let is_whole = !ip.more_frags() && ip.frag_offset() == 0;
        if ip.version() != 4 || !is_whole || ip.src_addr() != INSIDE {
            return None;
        }
        let flow = |from, to| Flow {
            inside: SocketAddrV4::new(ip.src_addr(), from),
            outside: SocketAddrV4::new(ip.dst_addr(), to),
        };
        match ip.next_header() {
            IpProtocol::Tcp => {
                let tcp = TcpPacket::new_checked(ip.payload()).ok()?;
                let flow = flow(tcp.src_port(), tcp.dst_port());
                Some(Packet::Segment { flow, opens: tcp.syn() && !tcp.ack() && !tcp.rst() })
            }
            IpProtocol::Udp => {
                let udp = UdpPacket::new_checked(ip.payload()).ok()?;
                let flow = flow(udp.src_port(), udp.dst_port());
                // The length in the header leaves out what may be behind the datagram.
                let (header, length) = (8, usize::from(udp.len()));
                Some(Packet::Datagram { flow, payload: ip.payload().get(header..length)? })
            }
            _ => None,
        }
    }
}

/// A datagram from outside.
pub(crate) fn datagram(flow: Flow, payload: &[u8]) -> Vec<u8> {
    let udp = UdpRepr { src_port: flow.outside.port(), dst_port: flow.inside.port() };
    let ip = Ipv4Repr {
        src_addr: *flow.outside.ip(),
        dst_addr: *flow.inside.ip(),
        next_header: IpProtocol::Udp,
        payload_len: udp.header_len() + payload.len(),
        hop_limit: 64,
    };
    let (mut bytes, checksums) = emit(&ip);
    udp.emit(
        &mut UdpPacket::new_unchecked(&mut bytes[ip.buffer_len()..]),
        &ip.src_addr.into(),
        &ip.dst_addr.into(),
        payload.len(),
        |buffer| buffer.copy_from_slice(payload),
        &checksums,
    );
    bytes
}

/// What tells the sandbox that a packet of it went nowhere. `None` if the packet is none.
pub(crate) fn unreachable(packet: &[u8], why: Unreachable) -> Option<Vec<u8>> {
    let original = Ipv4Packet::new_checked(packet).ok()?;
    // As much as every ICMP has to repeat: enough for the ports.
    let data = original.payload().get(..8)?;
    let header = Ipv4Repr::parse(&original, &ChecksumCapabilities::ignored()).ok()?;
    let reason = match why {
        Unreachable::Prohibited => Icmpv4DstUnreachable::CommProhibited,
        Unreachable::Host => Icmpv4DstUnreachable::HostUnreachable,
        Unreachable::Port => Icmpv4DstUnreachable::PortUnreachable,
    };
    let icmp = Icmpv4Repr::DstUnreachable { reason, header, data };
    let ip = Ipv4Repr {
        src_addr: GATEWAY,
        dst_addr: INSIDE,
        next_header: IpProtocol::Icmp,
        payload_len: icmp.buffer_len(),
        hop_limit: 64,
    };
    let (mut bytes, checksums) = emit(&ip);
    let payload = &mut bytes[ip.buffer_len()..];
    icmp.emit(&mut Icmpv4Packet::new_unchecked(payload), &checksums);
    Some(bytes)
}

/// A packet whose header is written.
fn emit(ip: &Ipv4Repr) -> (Vec<u8>, ChecksumCapabilities) {
    let checksums = ChecksumCapabilities::default();
    let mut bytes = vec![0; ip.buffer_len() + ip.payload_len];
    ip.emit(&mut Ipv4Packet::new_unchecked(&mut bytes), &checksums);
    (bytes, checksums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn flow(inside: Ipv4Addr) -> Flow {
        let outside = SocketAddrV4::new(Ipv4Addr::new(203, 0, 113, 9), 53);
        Flow { inside: SocketAddrV4::new(inside, 4_000), outside }
    }

    /// A packet that goes the other way than [`datagram`] makes it.
    fn from_inside(flow: Flow, payload: &[u8]) -> Vec<u8> {
        datagram(Flow { inside: flow.outside, outside: flow.inside }, payload)
    }

    #[test]
    fn a_datagram_is_read_as_it_was_made() {
        let packet = from_inside(flow(INSIDE), b"hello");
        let Some(Packet::Datagram { flow: read, payload }) = Packet::parse(&packet) else {
            panic!("no datagram");
        };
        assert_eq!((read, payload), (flow(INSIDE), &b"hello"[..]));
    }

    #[test]
    fn packets_of_others_and_pieces_of_packets_are_not_carried() {
        let packet = from_inside(flow(INSIDE), b"hello");
        assert!(Packet::parse(&from_inside(flow(Ipv4Addr::new(192, 0, 0, 3)), b"x")).is_none());
        for length in 0..packet.len() {
            assert!(Packet::parse(&packet[..length]).is_none(), "{length} bytes");
        }
        let mut fragment = packet.clone();
        Ipv4Packet::new_unchecked(&mut fragment).set_more_frags(true);
        assert!(Packet::parse(&fragment).is_none());
        let mut version_6 = packet;
        version_6[0] = 0x65;
        assert!(Packet::parse(&version_6).is_none());
    }

    #[test]
    fn what_is_unreachable_is_told_with_the_ports_that_it_was_sent_to() {
        let packet = from_inside(flow(INSIDE), b"hello");
        let told = unreachable(&packet, Unreachable::Prohibited).unwrap();
        let ip = Ipv4Packet::new_checked(&told[..]).unwrap();
        assert_eq!((ip.src_addr(), ip.dst_addr()), (GATEWAY, INSIDE));
        let icmp = Icmpv4Packet::new_checked(ip.payload()).unwrap();
        assert_eq!((icmp.msg_type().into(), icmp.msg_code()), (3_u8, 13));
        assert_eq!(icmp.data()[20..24], packet[20..24]);
        assert!(unreachable(&packet[..20], Unreachable::Host).is_none());
    }
}
