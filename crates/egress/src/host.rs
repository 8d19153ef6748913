//! The host's side: which addresses lead out of it, and connections to them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};
use tokio::net::{TcpStream, UdpSocket};

/// After this time without a word a connection is checked, so that those to the dead end.
const KEEP_ALIVE: Duration = Duration::from_secs(300);

/// Whether the host's routes lead from the host to this address, and not to itself or nowhere.
///
/// The kernel is asked (route netlink, RFC 3549), because only it knows: the addresses of the host
/// change, and rules can make others its own.
pub(crate) fn leads_out(address: Ipv4Addr) -> bool {
    route_type(address).is_ok_and(|kind| kind == libc::RTN_UNICAST)
}

fn route_type(address: Ipv4Addr) -> io::Result<u8> {
    let socket = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        None, // protocol 0 is the route protocol
    )?;
    let mut request = Vec::with_capacity(36);
    request.extend(36_u32.to_ne_bytes());
    request.extend(libc::RTM_GETROUTE.to_ne_bytes());
    request.extend(1_u16.to_ne_bytes()); // NLM_F_REQUEST
    request.extend([0; 8]); // sequence number and port: there is one request
    // The family, the length of the destination in bits, and nothing else that matters.
    request.extend([2, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    request.extend(8_u16.to_ne_bytes());
    request.extend(libc::RTA_DST.to_ne_bytes());
    request.extend(address.octets());
    rustix::net::send(&socket, &request, SendFlags::empty())?;
    let mut answer = [0; 1024];
    let (read, _) = rustix::net::recv(&socket, &mut answer[..], RecvFlags::empty())?;
    let answer = &answer[..read];
    let is_route = answer.get(4..6) == Some(&libc::RTM_NEWROUTE.to_ne_bytes());
    match answer.get(23) {
        Some(kind) if is_route => Ok(*kind),
        _ => Err(io::ErrorKind::NetworkUnreachable.into()),
    }
}

/// Connects to the first of these that accepts.
pub(crate) async fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::HostUnreachable);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                sockopt::set_socket_keepalive(&stream, true)?;
                sockopt::set_tcp_keepidle(&stream, KEEP_ALIVE)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A socket that exchanges datagrams with this address only.
pub(crate) async fn datagrams(with: SocketAddr) -> io::Result<UdpSocket> {
    let any = if with.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(with).await?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_own_addresses_do_not_lead_out_of_it() {
        for own in ["127.0.0.1", "127.9.9.9"] {
            assert_eq!(route_type(own.parse().unwrap()).unwrap(), libc::RTN_LOCAL, "{own}");
            assert!(!leads_out(own.parse().unwrap()));
        }
        assert!(!leads_out(Ipv4Addr::BROADCAST));
        assert!(!leads_out(Ipv4Addr::new(224, 0, 0, 1)));
    }
}
