//! The output of `strace -f -yy -o`.

use std::collections::HashMap;

/// One system call on a file or socket.
#[derive(Debug)]
pub(crate) struct Call {
    name: String,
    /// The path, or the two ends of a connection.
    pub(crate) file: String,
    /// The line on which it begins.
    pub(crate) begin: usize,
    /// The line on which it ends.
    pub(crate) end: usize,
    /// Arguments and result.
    pub(crate) text: String,
}

impl Call {
    pub(crate) fn is_receive(&self) -> bool {
        self.is_socket() && matches!(&*self.name, "read" | "readv" | "recvfrom" | "recvmsg")
    }

    pub(crate) fn is_send(&self) -> bool {
        let names = ["write", "writev", "sendto", "sendmsg", "sendfile"];
        self.is_socket() && names.contains(&&*self.name)
    }

    pub(crate) fn is_write(&self) -> bool {
        let names = ["write", "writev", "pwrite64", "pwritev", "pwritev2"];
        !self.is_socket() && names.contains(&&*self.name)
    }

    pub(crate) fn is_sync(&self) -> bool {
        matches!(&*self.name, "fsync" | "fdatasync") && self.text.ends_with(" = 0")
    }

    fn is_socket(&self) -> bool {
        self.file.starts_with("TCP")
    }
}

/// The calls that have ended, in the order of their ends. Calls without a file are left out.
pub(crate) fn parse(trace: &str) -> Vec<Call> {
    let mut unfinished = HashMap::new();
    let mut calls = Vec::new();
    for (line, text) in trace.lines().enumerate() {
        let Some((thread, text)) = text.split_once(' ') else { continue };
        let text = text.trim_start();
        if let Some(start) = text.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread, (line, start.trim_end()));
        } else if text.starts_with("<... ") {
            let rest = text.split_once("resumed>").map_or("", |(_, rest)| rest);
            if let Some((begin, start)) = unfinished.remove(thread) {
                calls.extend(call(&format!("{start}{rest}"), begin, line));
            }
        } else {
            calls.extend(call(text, line, line));
        }
    }
    calls
}

fn call(text: &str, begin: usize, end: usize) -> Option<Call> {
    let (name, arguments) = text.split_once('(')?;
    // `5</a/path>, ` or `5<TCP:[127.0.0.1:1->127.0.0.1:2]>, `
    let (_, file) = arguments.split_once('<')?;
    let file = file.split_once(">,").or_else(|| file.split_once(">)")).map(|(file, _)| file)?;
    Some(Call { name: name.into(), file: file.into(), begin, end, text: text.into() })
}
