//! What of a sandbox's way out is of this crate: the descriptor of its device.

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use egress::{Carried, Gateway, Wire};
use runtime::sandbox::SandboxError;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::link::start_error;
use crate::settings::{RESOLV_CONF, Settings};

/// What brings the device, where it can be brought.
const REMEDY: &str = "run as root: modprobe tun (in a container, start it with --device /dev/net/tun); or start without egress";

/// Starts what carries the packets of all sandboxes, if they may send any.
pub(crate) fn open(settings: &Settings) -> Result<Option<Arc<Gateway>>, SandboxError> {
    if settings.egress.is_empty() {
        return Ok(None);
    }
    let gateway = Gateway::start(settings.egress.clone(), PathBuf::from(RESOLV_CONF));
    gateway.map(|gateway| Some(Arc::new(gateway))).map_err(start_error("start the gateway"))
}

/// The error of a host that gives no device.
pub(crate) fn missing(detail: &str) -> SandboxError {
    let name = "a TUN device for the egress of functions".to_owned();
    SandboxError::Missing { name, remedy: format!("{REMEDY} (it said: {detail})") }
}

/// Serves a sandbox's device.
pub(crate) fn carry(gateway: &Gateway, device: OwnedFd) -> io::Result<Carried> {
    gateway.carry(|| crate::sys::async_fd(device).map(Device))
}

/// The host's end of a sandbox's device. Reading and writing do not block.
struct Device(AsyncFd<OwnedFd>);

impl Wire for Device {
    async fn readable(&self) -> io::Result<()> {
        self.0.readable().await?.retain_ready();
        Ok(())
    }

    fn try_receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = |device: &OwnedFd| Ok(rustix::io::read(device, buffer)?);
        self.0.try_io(Interest::READABLE, read)
    }

    fn send(&self, packet: &[u8]) -> io::Result<()> {
        rustix::io::write(self.0.get_ref(), packet)?;
        Ok(())
    }
}
