//! UDP: between a port of the sandbox and an address outside, by a socket of the host's own.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::time::sleep;

use crate::MTU;
use crate::gateway::{Shared, Wire};
use crate::host;
use crate::limits::{BATCH, DATAGRAM_FLOWS, DATAGRAM_IDLE, WAITING_DATAGRAMS};
use crate::packets::{self, Flow, Packet, Unreachable};

/// The headers before a datagram, in bytes.
const HEADERS: usize = 28;

/// The flows of one sandbox.
#[derive(Default)]
pub(crate) struct Datagrams {
    flows: HashMap<Flow, Known>,
    turn: u64,
}

struct Known {
    packets: mpsc::Sender<Vec<u8>>,
    last_used: u64,
}

impl Datagrams {
    /// Hands a packet to its flow; `false` if there is none. Of too many some are lost, as on every
    /// network.
    pub(crate) fn deliver(&mut self, flow: Flow, packet: &[u8]) -> bool {
        self.turn += 1;
        let Some(known) = self.flows.get_mut(&flow) else { return false };
        known.last_used = self.turn;
        !matches!(known.packets.try_send(packet.to_vec()), Err(TrySendError::Closed(_)))
    }

    /// Makes a flow, in the place of another if there are too many.
    pub(crate) fn open(&mut self, flow: Flow) -> mpsc::Receiver<Vec<u8>> {
        if self.flows.len() >= DATAGRAM_FLOWS && !self.flows.contains_key(&flow) {
            let oldest = self.flows.iter().min_by_key(|(_, known)| known.last_used);
            if let Some(oldest) = oldest.map(|(flow, _)| *flow) {
                self.flows.remove(&oldest);
            }
        }
        let (sender, receiver) = mpsc::channel(WAITING_DATAGRAMS);
        self.flows.insert(flow, Known { packets: sender, last_used: self.turn });
        receiver
    }
}

/// Carries a flow until it is idle or forgotten.
pub(crate) async fn carry<W: Wire>(
    shared: Arc<Shared<W>>,
    flow: Flow,
    mut packets: mpsc::Receiver<Vec<u8>>,
) {
    let socket = host::datagrams(flow.outside.into()).await;
    let mut last = Vec::new();
    loop {
        let answered = async {
            match &socket {
                Ok(socket) => socket.ready(Interest::READABLE | Interest::ERROR).await.map(drop),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            packet = packets.recv() => {
                let Some(packet) = packet else { return };
                let sent = match &socket {
                    Ok(socket) => send(socket, &packet).await,
                    Err(error) => Err(error.kind().into()),
                };
                if let Err(error) = sent {
                    shared.tell(&packet, reason(&error));
                }
                last = packet;
            }
            _ = answered => {
                if let Ok(socket) = &socket && let Err(error) = receive(&shared, socket, flow) {
                    shared.tell(&last, reason(&error));
                }
            }
            () = sleep(DATAGRAM_IDLE) => return,
        }
    }
}

async fn send(socket: &UdpSocket, packet: &[u8]) -> io::Result<()> {
    match Packet::parse(packet) {
        Some(Packet::Datagram { payload, .. }) => socket.send(payload).await.map(drop),
        _ => Ok(()),
    }
}

/// The error that a socket has been told, such as that nobody is there.
fn reported(socket: &UdpSocket) -> io::Result<()> {
    let taken = socket.try_io(Interest::ERROR, || {
        Err(socket.take_error()?.unwrap_or_else(|| io::ErrorKind::WouldBlock.into()))
    });
    match taken {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        reported => reported,
    }
}

/// Passes on what has come.
fn receive<W: Wire>(shared: &Shared<W>, socket: &UdpSocket, flow: Flow) -> io::Result<()> {
    reported(socket)?;
    let mut payload = vec![0; usize::from(MTU)];
    for _ in 0..BATCH {
        match socket.try_recv(&mut payload) {
            Ok(length) if length + HEADERS <= payload.len() => {
                // What is lost here could have been lost on its way.
                let _ = shared.wire.send(&packets::datagram(flow, &payload[..length]));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn reason(error: &io::Error) -> Unreachable {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Unreachable::Port,
        _ => Unreachable::Host,
    }
}
