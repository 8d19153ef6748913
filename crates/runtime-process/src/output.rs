//! The pipe that takes what a program prints.

use std::os::fd::OwnedFd;

use runtime::sandbox::SandboxError;
use rustix::fs::Mode;
use rustix::pipe::PipeFlags;
use tokio::net::unix::pipe;

use crate::link::start_error;

/// The end to read from, and the one to hand to the program.
pub(crate) fn pipe() -> Result<(pipe::Receiver, OwnedFd), SandboxError> {
    let (read, write) =
        rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(start_error("make a pipe"))?;
    // Programs open their output again, as /dev/stdout, and are another user than this one.
    let writable = Mode::RUSR | Mode::WUSR | Mode::WOTH;
    rustix::fs::fchmod(&write, writable).map_err(start_error("open the pipe"))?;
    let read = pipe::Receiver::from_owned_fd(read).map_err(start_error("make a pipe"))?;
    Ok((read, write))
}
