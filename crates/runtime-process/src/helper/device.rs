//! The device in a sandbox's net namespace through which its packets leave it.
//!
//! It is a TUN: whatever is sent to any address but the sandbox's own is read from its descriptor
//! by the server, which decides what becomes of it. It ends with that descriptor.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;

use super::netlink::{self, Device};
use crate::protocol::Failure;
use crate::sys;

/// The step that fails when the host gives no such device.
pub(super) const STEP: &str = "make the device of the way out";

const FILE: &str = "/dev/net/tun";
const NAME: &str = "eth0";

/// Makes the device in the net namespace that this process is in, with the only route out of it.
pub(super) fn make() -> Result<OwnedFd, Failure> {
    let failed = |what: &'static str| {
        move |error: io::Error| Failure::new(None, STEP, format!("{what}: {error}"))
    };
    let file = open().map_err(failed("open /dev/net/tun"))?;
    sys::attach_tun(file.as_fd(), NAME).map_err(failed("attach to it"))?;
    let device = Device::named(NAME).map_err(failed("find the device"))?;
    device.prepare(egress::MTU).map_err(failed("prepare the device"))?;
    device.bring_up().map_err(failed("bring the device up"))?;
    netlink::add_address(device, egress::INSIDE.into()).map_err(failed("add its address"))?;
    device.route_everything().map_err(failed("add its route"))?;
    Ok(file.into())
}

fn open() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(FILE)
}
