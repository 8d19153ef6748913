//! A gateway, with a stack of `smoltcp` in the place of a sandbox and the loopback in that of the
//! world.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::unix::net::UnixDatagram as StdDatagram;
use std::path::PathBuf;
use std::time::Duration;

use smoltcp::iface::{Config, Interface, PollResult, SocketHandle, SocketSet};
use smoltcp::phy::{self, DeviceCapabilities, Medium};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, Icmpv4Packet, IpCidr, IpProtocol, Ipv4Packet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket, UnixDatagram};
use tokio::time::timeout;

use super::*;
use crate::limits::CONNECTIONS;
use crate::packets::{Flow, Packet};
use crate::{INSIDE, MTU};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// One end of a pair of sockets that keep packets apart.
struct Pipe {
    ready: UnixDatagram,
    /// The same socket. It is not asked first whether it is writable.
    socket: StdDatagram,
}

impl Pipe {
    fn open(socket: StdDatagram) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { ready: UnixDatagram::from_std(socket.try_clone()?)?, socket })
    }
}

impl Wire for Pipe {
    async fn readable(&self) -> io::Result<()> {
        self.ready.readable().await
    }

    fn try_receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.ready.try_recv(buffer)
    }

    fn send(&self, packet: &[u8]) -> io::Result<()> {
        self.socket.send(packet).map(drop)
    }
}

/// A sandbox that sends packets to a gateway.
struct Sandbox {
    interface: Interface,
    sockets: SocketSet<'static>,
    device: Device,
    began: tokio::time::Instant,
    _carried: Carried,
}

struct Device {
    wire: Pipe,
    arrived: Option<Vec<u8>>,
    /// ICMP and UDP, which the stack here does not take.
    others: Vec<Vec<u8>>,
}

struct Arrived(Vec<u8>);
struct Leaving<'a>(&'a Pipe);

impl phy::Device for Device {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Leaving<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Arrived, Leaving<'_>)> {
        self.arrived.take().map(|packet| (Arrived(packet), Leaving(&self.wire)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Leaving<'_>> {
        Some(Leaving(&self.wire))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        (capabilities.medium, capabilities.max_transmission_unit) = (Medium::Ip, usize::from(MTU));
        capabilities
    }
}

impl phy::RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, take: F) -> R {
        take(&self.0)
    }
}

impl phy::TxToken for Leaving<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        let mut packet = vec![0; length];
        let filled = fill(&mut packet);
        let _ = self.0.send(&packet);
        filled
    }
}

/// A gateway that lets everything out but to this address.
fn gateway(forbidden: Ipv4Addr) -> Gateway {
    let names = Names(PathBuf::from("/nonexistent/resolv.conf"));
    Gateway::start_with(Box::new(move |address| address != forbidden), names).unwrap()
}

const FORBIDDEN: Ipv4Addr = Ipv4Addr::new(127, 6, 6, 6);

impl Sandbox {
    fn of(gateway: &Gateway) -> Self {
        let (theirs, ours) = StdDatagram::pair().unwrap();
        let carried = gateway.carry(|| Pipe::open(theirs)).unwrap();
        let wire = Pipe::open(ours).unwrap();
        let mut device = Device { wire, arrived: None, others: Vec::new() };
        let config = Config::new(HardwareAddress::Ip);
        let mut interface = Interface::new(config, &mut device, Instant::ZERO);
        interface.update_ip_addrs(|all| all.push(IpCidr::new(INSIDE.into(), 32)).unwrap());
        interface.routes_mut().add_default_ipv4_route(GATEWAY).unwrap();
        let sockets = SocketSet::new(Vec::new());
        let began = tokio::time::Instant::now();
        Self { interface, sockets, device, began, _carried: carried }
    }

    fn connect(&mut self, to: SocketAddrV4, port: u16) -> SocketHandle {
        let buffer = || SocketBuffer::new(vec![0; 1 << 16]);
        let mut socket = Socket::new(buffer(), buffer());
        socket.connect(self.interface.context(), to, port).unwrap();
        self.sockets.add(socket)
    }

    fn socket(&mut self, handle: SocketHandle) -> &mut Socket<'static> {
        self.sockets.get_mut(handle)
    }

    /// Sends and takes packets until `done` gives something.
    async fn until<T>(&mut self, mut done: impl FnMut(&mut Self) -> Option<T>) -> T {
        let mut packet = vec![0; 1 << 16];
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            assert!(tokio::time::Instant::now() < end, "it never comes");
            let now =
                Instant::from_micros(i64::try_from(self.began.elapsed().as_micros()).unwrap());
            let (device, sockets) = (&mut self.device, &mut self.sockets);
            while self.interface.poll(now, device, sockets) != PollResult::None {}
            if let Some(found) = done(self) {
                return found;
            }
            let delay = self.interface.poll_delay(now, &self.sockets).map_or(PATIENCE, Into::into);
            // Time has passed when nothing comes.
            let Ok(length) = timeout(delay, self.device.wire.ready.recv(&mut packet)).await else {
                continue;
            };
            let packet = packet[..length.unwrap()].to_vec();
            if Ipv4Packet::new_checked(&packet[..]).unwrap().next_header() == IpProtocol::Tcp {
                self.device.arrived = Some(packet);
            } else {
                self.device.others.push(packet);
            }
        }
    }

    async fn state(&mut self, handle: SocketHandle, state: State) {
        self.until(|sandbox| (sandbox.socket(handle).state() == state).then_some(())).await;
    }

    /// The type and code of the next ICMP message.
    async fn unreachable(&mut self) -> (u8, u8) {
        let packet = self.until(|sandbox| sandbox.device.others.pop()).await;
        let ip = Ipv4Packet::new_checked(&packet[..]).unwrap();
        assert_eq!((ip.next_header(), ip.src_addr()), (IpProtocol::Icmp, GATEWAY));
        let icmp = Icmpv4Packet::new_checked(ip.payload()).unwrap();
        (icmp.msg_type().into(), icmp.msg_code())
    }

    fn send_datagram(&self, to: SocketAddrV4, payload: &[u8]) {
        let inside = SocketAddrV4::new(INSIDE, 5_000);
        // Made for the other direction, where the ends change their places.
        let packet = packets::datagram(Flow { inside: to, outside: inside }, payload);
        self.device.wire.send(&packet).unwrap();
    }
}

async fn listener() -> (TcpListener, SocketAddrV4) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
}

#[tokio::test]
async fn a_connection_carries_everything_both_ways_and_ends_with_both_sides() {
    const MUCH: usize = 3 << 20;
    let (listener, address) = listener().await;
    let world = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        all.reverse();
        stream.write_all(&all).await.unwrap();
        all.len()
    });
    let gateway = gateway(FORBIDDEN);
    let mut sandbox = Sandbox::of(&gateway);
    let handle = sandbox.connect(address, 40_000);
    let sent: Vec<u8> = (0..MUCH).map(|at| (at * 7 % 251) as u8).collect();
    let (mut at, mut received) = (0, Vec::new());
    sandbox
        .until(|sandbox| {
            let socket = sandbox.socket(handle);
            if socket.can_send() && at < MUCH {
                at += socket.send_slice(&sent[at..]).unwrap();
                if at == MUCH {
                    socket.close();
                }
            }
            while socket.can_recv() {
                socket.recv(|bytes| (bytes.len(), received.extend_from_slice(bytes))).unwrap();
            }
            (socket.state() == State::TimeWait).then_some(())
        })
        .await;
    assert_eq!(world.await.unwrap(), MUCH);
    assert!(received.iter().eq(sent.iter().rev()), "{} bytes came back", received.len());
}

#[tokio::test]
async fn a_refusal_is_a_refusal() {
    let (listener, address) = listener().await;
    drop(listener);
    let gateway = gateway(FORBIDDEN);
    let mut sandbox = Sandbox::of(&gateway);
    let handle = sandbox.connect(address, 40_000);
    sandbox.state(handle, State::Closed).await;
}

#[tokio::test]
async fn a_reset_of_one_side_is_a_reset_of_the_other() {
    let (listener, address) = listener().await;
    let gateway = gateway(FORBIDDEN);
    let mut sandbox = Sandbox::of(&gateway);
    let handle = sandbox.connect(address, 40_000);
    sandbox.state(handle, State::Established).await;
    let (stream, _) = listener.accept().await.unwrap();
    stream.set_zero_linger().unwrap();
    drop(stream);
    sandbox.state(handle, State::Closed).await;

    let handle = sandbox.connect(address, 40_001);
    sandbox.state(handle, State::Established).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    sandbox.socket(handle).abort();
    let read = async { stream.read_u8().await.unwrap_err().kind() };
    let (read, ()) = tokio::join!(read, sandbox.state(handle, State::Closed));
    assert_eq!(read, io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn what_is_not_allowed_is_told_and_never_tried() {
    // A listener that would answer.
    let world = TcpListener::bind((FORBIDDEN, 0)).await.unwrap();
    let to = SocketAddrV4::new(FORBIDDEN, world.local_addr().unwrap().port());
    let datagrams = UdpSocket::bind(to).await.unwrap();
    let gateway = gateway(FORBIDDEN);
    let mut sandbox = Sandbox::of(&gateway);
    sandbox.connect(to, 40_000);
    assert_eq!(sandbox.unreachable().await, (3, 13));
    sandbox.send_datagram(to, b"hello");
    assert_eq!(sandbox.unreachable().await, (3, 13));
    let mut nothing = [0; 16];
    assert_eq!(datagrams.try_recv(&mut nothing).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    let nobody = timeout(Duration::ZERO, world.accept()).await;
    assert!(nobody.is_err(), "it was connected to");
}

#[tokio::test]
async fn datagrams_are_answered_and_those_to_nobody_are_told() {
    let world = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, world.local_addr().unwrap().port());
    let gateway = gateway(FORBIDDEN);
    let mut sandbox = Sandbox::of(&gateway);
    sandbox.send_datagram(to, b"hello");
    let mut buffer = [0; 64];
    let (length, from) = world.recv_from(&mut buffer).await.unwrap();
    assert_eq!(&buffer[..length], b"hello");
    world.send_to(b"and hello to you", from).await.unwrap();
    let answer = sandbox.until(|sandbox| sandbox.device.others.pop()).await;
    let ip = Ipv4Packet::new_checked(&answer[..]).unwrap();
    assert_eq!((ip.src_addr(), ip.dst_addr()), (*to.ip(), INSIDE));
    assert!(answer.ends_with(b"and hello to you"));

    drop(world);
    sandbox.send_datagram(to, b"anybody?");
    assert_eq!(sandbox.unreachable().await, (3, 3));
}

#[tokio::test]
async fn one_connection_too_many_is_refused_and_the_next_has_room_again() {
    let (listener, address) = listener().await;
    let gateway = gateway(FORBIDDEN);
    let mut sandbox = Sandbox::of(&gateway);
    let mut held = Vec::new();
    for port in (40_000..).take(CONNECTIONS) {
        let handle = sandbox.connect(address, port);
        sandbox.state(handle, State::Established).await;
        held.push((handle, listener.accept().await.unwrap()));
    }
    let refused = sandbox.connect(address, 50_000);
    sandbox.state(refused, State::Closed).await;
    let (handle, (stream, _)) = held.pop().unwrap();
    drop(stream);
    sandbox.socket(handle).close();
    sandbox.state(handle, State::TimeWait).await;
    // Its place is free when the gateway has noticed, which is a moment later.
    let mut port = 50_001;
    loop {
        let handle = sandbox.connect(address, port);
        let state = |sandbox: &mut Sandbox| match sandbox.socket(handle).state() {
            State::SynSent => None,
            state => Some(state),
        };
        match sandbox.until(state).await {
            State::Established => break,
            state => assert_eq!(state, State::Closed),
        }
        port += 1;
        assert!(port < 60_000, "no place becomes free");
    }
}

#[tokio::test]
async fn connections_end_with_the_sandbox() {
    let (listener, address) = listener().await;
    let gateway = gateway(FORBIDDEN);
    let mut sandbox = Sandbox::of(&gateway);
    let handle = sandbox.connect(address, 40_000);
    sandbox.state(handle, State::Established).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    drop(sandbox);
    let ended = timeout(PATIENCE, stream.read_u8()).await.expect("it ends");
    ended.expect_err("it ended");
}

#[test]
fn questions_go_where_names_are_asked_for_and_nowhere_else() {
    assert!(is_for_names(SocketAddrV4::new(GATEWAY, 53)));
    assert!(!is_for_names(SocketAddrV4::new(GATEWAY, 80)));
    assert!(!Reach::try_from(vec!["0.0.0.0/0".to_owned()]).unwrap().allows(GATEWAY));
    assert!(Packet::parse(&[]).is_none());
}
