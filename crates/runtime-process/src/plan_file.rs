//! A plan, as a file in memory that only its descriptor names.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::OwnedFd;

use rustix::fs::MemfdFlags;

use crate::protocol::Plan;

/// Writes a plan, to be read from its beginning.
pub(crate) fn write(plan: &Plan) -> io::Result<OwnedFd> {
    let mut file = File::from(rustix::fs::memfd_create("plan", MemfdFlags::CLOEXEC)?);
    file.write_all(&serde_json::to_vec(plan)?)?;
    file.rewind()?;
    Ok(file.into())
}
