//! The end of a sandbox's TCP connections: the stack of `smoltcp` on the sandbox's packets.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use smoltcp::iface::{Config, Interface, PollResult, SocketHandle, SocketSet};
use smoltcp::phy::{self, Checksum, DeviceCapabilities, Medium};
use smoltcp::socket::tcp;
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpCidr};

use crate::GATEWAY;
use crate::gateway::Wire;
use crate::limits::CONNECTION_BUFFER;
use crate::packets::Flow;

/// The largest packet of a connection, in bytes. Several of them fit the buffer: of a single one the
/// sandbox's kernel would wait up to 40 ms for the next before it acknowledges both.
const LARGEST_SEGMENT: usize = CONNECTION_BUFFER / 4;

/// The connections of one sandbox.
pub(crate) struct Stack<W> {
    interface: Interface,
    sockets: SocketSet<'static>,
    device: Device<W>,
    /// Those that are being made or carried.
    flows: HashSet<Flow>,
    /// Sockets that nobody holds any more, until they have said goodbye.
    leaving: Vec<SocketHandle>,
    began: tokio::time::Instant,
}

impl<W: Wire> Stack<W> {
    pub(crate) fn new(wire: Arc<W>) -> Self {
        let mut device = Device { wire, arrived: None, buffer: Vec::new() };
        // Sequence numbers start from its seed of 0: there is nobody on this link to guess them.
        let config = Config::new(HardwareAddress::Ip);
        let mut interface = Interface::new(config, &mut device, Instant::ZERO);
        interface.update_ip_addrs(|addresses| {
            let pushed = addresses.push(IpCidr::new(GATEWAY.into(), 32));
            pushed.expect("there is room for the first address");
        });
        let route = interface.routes_mut().add_default_ipv4_route(GATEWAY);
        route.expect("there is room for the first route");
        // Every address is this stack's, as far as the sandbox can tell.
        interface.set_any_ip(true);
        Self {
            interface,
            sockets: SocketSet::new(Vec::new()),
            device,
            flows: HashSet::new(),
            leaving: Vec::new(),
            began: tokio::time::Instant::now(),
        }
    }

    fn now(&self) -> Instant {
        let micros = self.began.elapsed().as_micros();
        Instant::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// Takes a packet from the sandbox. One that belongs to no socket is answered with a reset.
    pub(crate) fn take(&mut self, packet: &[u8]) {
        let now = self.now();
        let mut arrived = std::mem::take(&mut self.device.buffer);
        arrived.clear();
        arrived.extend_from_slice(packet);
        self.device.arrived = Some(arrived);
        self.interface.poll_ingress_single(now, &mut self.device, &mut self.sockets);
    }

    /// Sends what is to be sent; gives the time after which there is more to do.
    pub(crate) fn work(&mut self) -> Option<Duration> {
        let now = self.now();
        let (device, sockets) = (&mut self.device, &mut self.sockets);
        while self.interface.poll_egress(now, device, sockets) != PollResult::None {}
        self.leaving.retain(|handle| {
            let state = sockets.get::<tcp::Socket<'_>>(*handle).state();
            let is_gone = matches!(state, tcp::State::Closed | tcp::State::TimeWait);
            if is_gone {
                sockets.remove(*handle);
            }
            !is_gone
        });
        self.interface.poll_delay(now, sockets).map(Into::into)
    }

    /// Notes that a connection is being made; `false` if that is so already.
    pub(crate) fn begin(&mut self, flow: Flow) -> bool {
        self.flows.insert(flow)
    }

    /// Forgets it.
    pub(crate) fn end(&mut self, flow: Flow) {
        self.flows.remove(&flow);
    }

    /// Accepts a connection with the packet that opened it. `None` if that packet does not do.
    pub(crate) fn accept(&mut self, flow: Flow, opening: &[u8]) -> Option<SocketHandle> {
        let buffer = || tcp::SocketBuffer::new(vec![0; CONNECTION_BUFFER]);
        let mut socket = tcp::Socket::new(buffer(), buffer());
        // What is to be sent at once and what may wait is decided where it comes from.
        socket.set_nagle_enabled(false);
        socket.set_ack_delay(None);
        socket.listen((*flow.outside.ip(), flow.outside.port())).ok()?;
        let handle = self.sockets.add(socket);
        self.take(opening);
        if self.socket(handle).state() == tcp::State::SynReceived {
            return Some(handle);
        }
        self.sockets.remove(handle);
        None
    }

    pub(crate) fn socket(&mut self, handle: SocketHandle) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(handle)
    }

    /// Lets a socket finish what it has begun.
    pub(crate) fn leave(&mut self, handle: SocketHandle) {
        self.leaving.push(handle);
    }
}

struct Device<W> {
    wire: Arc<W>,
    arrived: Option<Vec<u8>>,
    /// For packets in either direction.
    buffer: Vec<u8>,
}

struct Arrived(Vec<u8>);

struct Leaving<'a, W> {
    wire: &'a W,
    buffer: &'a mut Vec<u8>,
}

impl<W: Wire> phy::Device for Device<W> {
    type RxToken<'a>
        = Arrived
    where
        W: 'a;
    type TxToken<'a>
        = Leaving<'a, W>
    where
        W: 'a;

    fn receive(&mut self, now: Instant) -> Option<(Arrived, Leaving<'_, W>)> {
        let arrived = self.arrived.take()?;
        self.transmit(now).map(|leaving| (Arrived(arrived), leaving))
    }

    fn transmit(&mut self, _: Instant) -> Option<Leaving<'_, W>> {
        Some(Leaving { wire: &self.wire, buffer: &mut self.buffer })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = LARGEST_SEGMENT;
        // The sandbox's kernel has just made its packets, and nothing could change them since.
        capabilities.checksum.ipv4 = Checksum::Tx;
        capabilities.checksum.tcp = Checksum::Tx;
        capabilities
    }
}

impl phy::RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, take: F) -> R {
        take(&self.0)
    }
}

impl<W: Wire> phy::TxToken for Leaving<'_, W> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        self.buffer.clear();
        self.buffer.resize(length, 0);
        let filled = fill(self.buffer);
        // A packet that is lost is sent again.
        let _ = self.wire.send(self.buffer);
        filled
    }
}
