//! The sandbox's first process while the program runs: it reaps, and when the program has ended
//! it ends, which ends every process that is left.

use rustix::process::{Pid, WaitOptions, WaitStatus};

use crate::protocol::Cause;

/// Reaps whatever ends until it is the program.
pub(super) fn reap_until_gone(program: Pid) -> Cause {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => {
                if let Some(cause) = cause_of(status) {
                    return cause;
                }
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            // No child is left, which cannot happen before the program was reaped.
            Err(_) => return Cause::Signal(libc::SIGKILL),
        }
    }
}

fn cause_of(status: WaitStatus) -> Option<Cause> {
    let code = status.exit_status().map(Cause::Code);
    code.or_else(|| status.terminating_signal().map(Cause::Signal))
}
