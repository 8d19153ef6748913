use super::Destination;
use crate::config;
use indexmap::IndexMap;
use std::collections::HashMap;
use types::Timestamp;

/// Lines of one stream that wait to be stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) lines: Vec<(Timestamp, String)>,
    /// How many lines behind these were dropped.
    pub(super) dropped: u64,
}

/// Lines that were taken out to be stored.
pub(super) struct Batch {
    pub(super) streams: IndexMap<Destination, Lines>,
    /// The number of the last write among them.
    pub(super) upto: u64,
}

/// Lines that wait to be stored, in the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    streams: IndexMap<Destination, Lines>,
    /// Of the lines that wait.
    waiting_bytes: usize,
    /// Of the lines that are being stored.
    storing_bytes: usize,
    /// Of both, by group.
    group_bytes: HashMap<String, usize>,
    writes: u64,
    flush: bool,
}

impl Buffer {
    pub(super) fn push(&mut self, to: Destination, lines: Vec<(Timestamp, String)>) {
        self.writes += 1;
        let in_group = self.group_bytes.entry(to.group.clone()).or_default();
        let waiting = self.streams.entry(to).or_default();
        for (time, mut line) in lines {
            line.truncate(
                line.floor_char_boundary(config::EVENT_BYTES - config::EVENT_OVERHEAD_BYTES),
            );
            let bytes = line.len() + config::EVENT_OVERHEAD_BYTES;
            let room = config::WRITER_BUFFER_BYTES - self.waiting_bytes - self.storing_bytes;
            let room = room.min(config::WRITER_GROUP_BYTES - *in_group);
            // Once a line was dropped, so are those behind it until the batch is stored: what is
            // missing is one gap.
            if bytes > room || waiting.dropped > 0 {
                waiting.dropped += 1;
            } else {
                self.waiting_bytes += bytes;
                *in_group += bytes;
                waiting.lines.push((time, line));
            }
        }
    }

    /// Asks that what waits is stored without delay; the number of the last write.
    pub(super) fn flush(&mut self) -> u64 {
        self.flush = !self.is_idle();
        self.writes
    }

    pub(super) fn is_idle(&self) -> bool {
        self.streams.is_empty()
    }

    pub(super) fn is_full_batch(&self) -> bool {
        self.waiting_bytes >= config::WRITER_BATCH_BYTES
    }

    pub(super) fn is_urgent(&self) -> bool {
        self.flush || self.is_full_batch()
    }

    pub(super) fn take(&mut self) -> Batch {
        self.flush = false;
        self.storing_bytes = std::mem::take(&mut self.waiting_bytes);
        Batch { streams: std::mem::take(&mut self.streams), upto: self.writes }
    }

    /// What was taken is stored, or given up.
    pub(super) fn stored(&mut self) {
        self.storing_bytes = 0;
        self.group_bytes.clear();
        for (to, waiting) in &self.streams {
            let bytes: usize = waiting
                .lines
                .iter()
                .map(|(_, line)| line.len() + config::EVENT_OVERHEAD_BYTES)
                .sum();
            *self.group_bytes.entry(to.group.clone()).or_default() += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream_of(group: &str) -> Destination {
        let role = "arn:aws:iam::000000000000:role/r".parse().unwrap();
        Destination { group: group.into(), stream: "s".into(), role, session: "f".into() }
    }

    fn stream() -> Destination {
        stream_of("g")
    }

    fn line(text: &str) -> Vec<(Timestamp, String)> {
        vec![(Timestamp::from_millis(1), text.to_owned())]
    }

    #[test]
    fn lines_beyond_the_bound_are_counted_until_there_is_room_again() {
        let mut buffer = Buffer::default();
        let large = "x".repeat(1024 * 1024 - config::EVENT_OVERHEAD_BYTES);
        let groups = ["a", "b", "c", "g"];
        for group in groups {
            (0..4).for_each(|_| buffer.push(stream_of(group), line(&large)));
        }
        buffer.push(stream(), line("too much"));
        buffer.push(stream(), line("too"));
        buffer.push(stream_of("other"), line("too"));
        let batch = buffer.take();
        let lines = &batch.streams[&stream()];
        assert_eq!((lines.lines.len(), lines.dropped, batch.upto), (4, 2, 19));
        assert_eq!(batch.streams[&stream_of("other")].dropped, 1);
        buffer.push(stream(), line("still too much"));
        assert_eq!(buffer.take().streams[0].dropped, 1);
        buffer.stored();
        buffer.push(stream(), line("fits"));
        assert_eq!(buffer.take().streams[0].lines.len(), 1);
    }

    #[test]
    fn a_flood_of_one_group_leaves_room_for_the_others_before_and_after_it_is_stored() {
        let mut buffer = Buffer::default();
        let large = "x".repeat(1024 * 1024 - config::EVENT_OVERHEAD_BYTES);
        let flood = |buffer: &mut Buffer| {
            (0..20).for_each(|_| buffer.push(stream(), line(&large)));
            buffer.push(stream_of("quiet"), line("heard"));
        };
        flood(&mut buffer);
        let batch = buffer.take();
        let kept = |batch: &Batch, group: &str| batch.streams[&stream_of(group)].lines.len();
        assert_eq!([kept(&batch, "g"), kept(&batch, "quiet")], [4, 1]);
        flood(&mut buffer);
        buffer.stored();
        flood(&mut buffer);
        let batch = buffer.take();
        // What came while the first ones were being stored was one gap, which goes on.
        assert_eq!([kept(&batch, "g"), kept(&batch, "quiet")], [0, 2]);
        buffer.stored();
        flood(&mut buffer);
        assert_eq!(kept(&buffer.take(), "g"), 4);
    }

    #[test]
    fn a_line_is_never_longer_than_an_event_may_be() {
        let mut buffer = Buffer::default();
        buffer.push(stream(), line(&"é".repeat(config::EVENT_BYTES)));
        let kept = &buffer.take().streams[0].lines[0].1;
        assert_eq!(kept.len(), config::EVENT_BYTES - config::EVENT_OVERHEAD_BYTES);
    }
}
