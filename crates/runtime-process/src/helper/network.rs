//! A net namespace with nothing but a loopback device, and the platform's listeners in it; and the
//! device of a way out if there shall be one.
//!
//! The namespace lives as long as a process or a socket in it. The listeners are served by the
//! server's event loop, outside: no address of the host is reachable from inside, and no packet
//! leaves but through that device, to the server.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::thread::{LinkNameSpaceType, ThreadNameSpaceType};

use super::device;
use super::netlink::{self, LOOPBACK};
use crate::parts::Part;
use crate::protocol::{Configuration, During, Failure};
use crate::settings::{RUNTIME_API_PORT, TLS_ADDRESS};
use crate::sys;

/// The helper's own net namespace.
pub(super) struct Home(File);

impl Home {
    /// Remembers where this process is.
    pub(super) fn remember() -> Result<Self, Failure> {
        let file = File::open("/proc/self/ns/net");
        file.map(Self).during(Part::Network, "open the net namespace")
    }

    /// Goes back to it.
    pub(super) fn enter(&self) -> Result<(), Failure> {
        let network = Some(LinkNameSpaceType::Network);
        rustix::thread::move_into_link_name_space(self.0.as_fd(), network)
            .during(Part::Network, "leave the sandbox's net namespace")
    }
}

/// The listeners of one sandbox.
pub(super) struct Listeners {
    pub(super) runtime_api: TcpListener,
    pub(super) platform: TcpListener,
    /// Where the platform is reached over TLS, if it is.
    pub(super) tls: Option<TcpListener>,
    /// The device of the way out.
    pub(super) device: Option<OwnedFd>,
}

impl Listeners {
    /// In the order in which the server expects them.
    pub(super) fn as_fds(&self) -> Vec<BorrowedFd<'_>> {
        let listeners = [&self.runtime_api, &self.platform].into_iter().chain(&self.tls);
        listeners.map(AsFd::as_fd).chain(self.device.as_ref().map(AsFd::as_fd)).collect()
    }
}

/// Makes a net namespace, moves this process into it, and listens there. Whoever is cloned now
/// is born in it.
pub(super) fn enter_new(configuration: &Configuration) -> Result<Listeners, Failure> {
    sys::new_net_namespace().during(Part::Network, "make a net namespace")?;
    listen_here(configuration)
}

/// Moves this process into the new net namespace of another, and listens there.
pub(super) fn enter(
    configuration: &Configuration,
    process: BorrowedFd<'_>,
) -> Result<Listeners, Failure> {
    rustix::thread::move_into_thread_name_spaces(process, ThreadNameSpaceType::NETWORK)
        .during(Part::Network, "enter the sandbox's net namespace")?;
    listen_here(configuration)
}

fn listen_here(configuration: &Configuration) -> Result<Listeners, Failure> {
    bring_up(configuration.address)?;
    let listen = |address: IpAddr, port: u16| {
        TcpListener::bind((address, port)).map_err(|error| {
            Failure::new(None, format!("listen on {address} port {port} inside"), error)
        })
    };
    Ok(Listeners {
        runtime_api: listen(Ipv4Addr::LOCALHOST.into(), RUNTIME_API_PORT)?,
        platform: listen(configuration.address, configuration.port)?,
        tls: match configuration.tls {
            Some(_) => Some(listen(TLS_ADDRESS.ip(), TLS_ADDRESS.port())?),
            None => None,
        },
        device: if configuration.egress { Some(device::make()?) } else { None },
    })
}

fn bring_up(address: IpAddr) -> Result<(), Failure> {
    LOOPBACK.bring_up().during(Part::Network, "bring loopback up")?;
    if address.is_loopback() {
        return Ok(());
    }
    netlink::add_address(LOOPBACK, address)
        .map_err(|error| Failure::new(None, format!("add the address {address}"), error))
}
