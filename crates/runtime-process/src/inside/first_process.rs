//! The sandbox's first process while the program runs: it reaps, and when the program has ended
//! it ends, which ends every process that is left.

use rustix::process::{Pid, WaitOptions};

use crate::protocol::Cause;

/// Reaps whatever ends until it is the program.
pub(super) fn reap_until_gone(program: Pid) -> Cause {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => {
                if let Some(cause) = Cause::of(status) {
                    return cause;
                }
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            // No child is left, which cannot happen before the program was reaped.
            Err(_) => return Cause::Signal(libc::SIGKILL),
        }
    }
}
