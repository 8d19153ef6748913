//! An instance's log: what it prints, cut into lines, between the platform's own lines.
//!
//! The order is the point. A runtime prints before it answers, so when its answer is here, its
//! output already lies in the pipe. [`InstanceLog::drain`] reads the pipe directly, without
//! asking the event loop, and `END` and `REPORT` follow what it found.

use crate::{
    LogFormat, LogSink, LogStream,
    config::{LOG_TAIL_BYTES, MAX_DRAIN_BYTES, MAX_LINE_BYTES},
    platform_event::PlatformEvent,
};
use clock::SharedClock;
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::net::unix::pipe;
use types::Timestamp;

const READ_BYTES: usize = 16 * 1024;

pub(crate) struct InstanceLog {
    stream: LogStream,
    sink: Arc<dyn LogSink>,
    clock: SharedClock,
    /// Read under the lock of `lines` only, which keeps what is read in order.
    pipe: Option<pipe::Receiver>,
    lines: Mutex<Lines>,
}

/// What has been read and not been handed on yet.
#[derive(Default)]
struct Lines {
    /// The start of a line whose end has not been read.
    partial: Vec<u8>,
    /// Whole lines.
    ready: Vec<String>,
    /// The end of the current invocation's log, when somebody wants it.
    tail: Option<String>,
    format: LogFormat,
}

impl InstanceLog {
    pub(crate) fn new(
        stream: LogStream,
        format: LogFormat,
        pipe: Option<pipe::Receiver>,
        sink: Arc<dyn LogSink>,
        clock: SharedClock,
    ) -> Self {
        let lines = Mutex::new(Lines { tail: Some(String::new()), format, ..Lines::default() });
        Self { stream, sink, clock, pipe, lines }
    }

    pub(crate) fn stream(&self) -> &str {
        &self.stream.name
    }

    /// Reads the pipe until every writer has closed it.
    pub(crate) async fn follow(self: Arc<Self>) {
        let Some(pipe) = &self.pipe else { return };
        let mut buffer = [0; READ_BYTES];
        while pipe.readable().await.is_ok() {
            let ended = {
                let mut lines = self.lock();
                // `try_read` and not a direct read: only it tells tokio that the pipe is empty.
                let ended = lines.read(|buffer| pipe.try_read(buffer), &mut buffer);
                self.hand_on(&mut lines);
                ended
            };
            if ended {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Reads everything that was printed so far.
    pub(crate) fn drain(&self) {
        let mut lines = self.lock();
        self.drain_locked(&mut lines);
        self.hand_on(&mut lines);
    }

    fn drain_locked(&self, lines: &mut Lines) {
        let Some(pipe) = &self.pipe else { return };
        let mut buffer = [0; READ_BYTES];
        lines.read(|buffer| Ok(rustix::io::read(pipe, buffer)?), &mut buffer);
    }

    /// Begins the log with a line of the platform, before anything that a quick program has printed
    /// already.
    pub(crate) fn begin(&self, event: &PlatformEvent<'_>) {
        let mut lines = self.lock();
        self.tell(&mut lines, event);
        self.hand_on(&mut lines);
    }

    /// Adds lines of the platform after everything that was printed so far.
    pub(crate) fn platform<'e>(&self, events: impl IntoIterator<Item = PlatformEvent<'e>>) {
        let mut lines = self.lock();
        self.drain_locked(&mut lines);
        lines.end_line();
        for event in events {
            self.tell(&mut lines, &event);
        }
        self.hand_on(&mut lines);
    }

    fn tell(&self, lines: &mut Lines, event: &PlatformEvent<'_>) {
        if let Some(line) = event.line(lines.format, self.clock.now()) {
            lines.push(line);
        }
    }

    /// From here on the end of the log is kept if `wanted`, without what came before.
    pub(crate) fn start_tail(&self, wanted: bool) {
        self.lock().tail = wanted.then(String::new);
    }

    /// The end of the log since [`InstanceLog::start_tail`].
    pub(crate) fn take_tail(&self) -> Option<String> {
        self.lock().tail.take()
    }

    fn hand_on(&self, lines: &mut Lines) {
        if lines.ready.is_empty() {
            return;
        }
        let now: Timestamp = self.clock.now();
        let batch = lines.ready.drain(..).map(|line| (now, line)).collect();
        self.sink.write(&self.stream, batch);
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// Reads until the pipe is empty; true when it has ended.
    fn read(
        &mut self,
        mut read: impl FnMut(&mut [u8]) -> io::Result<usize>,
        buffer: &mut [u8],
    ) -> bool {
        let mut total = 0;
        while total < MAX_DRAIN_BYTES {
            match read(buffer) {
                Ok(0) => {
                    self.end_line();
                    return true;
                }
                Ok(count) => {
                    total += count;
                    self.split(&buffer[..count]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
            }
        }
        false
    }

    fn split(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if self.partial.ends_with(b"\n") {
                self.end_line();
            }
            while self.partial.len() >= MAX_LINE_BYTES {
                let rest = self.partial.split_off(char_boundary(&self.partial, MAX_LINE_BYTES));
                self.end_line();
                self.partial = rest;
            }
        }
    }

    fn end_line(&mut self) {
        if self.partial.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(&self.partial);
        let text = text.trim_end_matches(['\n', '\r']);
        // Runtime clients join the lines of one message with carriage returns.
        let line = text.replace('\r', "\n");
        self.partial.clear();
        if !self.format.leaves_out(&line) {
            self.push(line);
        }
    }

    fn push(&mut self, line: String) {
        if let Some(tail) = &mut self.tail {
            tail.push_str(&line);
            tail.push('\n');
            if tail.len() > LOG_TAIL_BYTES {
                let from = tail.ceil_char_boundary(tail.len() - LOG_TAIL_BYTES);
                tail.drain(..from);
            }
        }
        self.ready.push(line);
    }
}

/// The last place at or before `at` that does not cut a UTF-8 character in two.
fn char_boundary(bytes: &[u8], at: usize) -> usize {
    (at.saturating_sub(3)..=at)
        .rev()
        .find(|index| bytes.get(*index).is_none_or(|byte| byte & 0xc0 != 0x80))
        .unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(chunks: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        for chunk in chunks {
            lines.split(chunk);
        }
        lines.end_line();
        lines.ready
    }

    #[test]
    fn a_line_may_come_in_pieces_and_the_last_one_needs_no_newline() {
        assert_eq!(lines_of(&[b"on", b"e\ntw", b"o\n\nthree"]), ["one", "two", "", "three"]);
    }

    #[test]
    fn carriage_returns_join_the_lines_of_one_message() {
        assert_eq!(lines_of(&[b"[ERROR] x\r  at y\r\nnext\n"]), ["[ERROR] x\n  at y", "next"]);
    }

    #[test]
    fn a_line_beyond_the_bound_is_cut_between_characters() {
        let long = "é".repeat(MAX_LINE_BYTES);
        let lines = lines_of(&[long.as_bytes()]);
        assert!(
            lines.iter().all(|line| line.len() <= MAX_LINE_BYTES && !line.contains('\u{fffd}'))
        );
        assert_eq!(lines.concat(), long);
    }

    #[test]
    fn a_tail_keeps_the_last_four_kibibytes() {
        let mut lines = Lines { tail: Some(String::new()), ..Lines::default() };
        for number in 0..2000 {
            lines.push(format!("line {number}"));
        }
        let tail = lines.tail.unwrap();
        assert!(tail.len() <= LOG_TAIL_BYTES && tail.ends_with("line 1999\n"));
    }
}
