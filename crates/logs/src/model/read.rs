//! Pages of one stream, forwards and backwards.

use super::{Event, Group, Position};
use crate::{Error, config, keys::Id};
use kv::{Range, Scan, Transaction};
use types::Timestamp;

/// The times of the events to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// The first.
    pub(crate) from: Timestamp,
    /// The first behind.
    pub(crate) to: Timestamp,
}

/// Events in their order, and the places before the first and behind the last of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) events: Vec<Event>,
    pub(crate) start: Position,
    pub(crate) end: Position,
}

impl Page {
    fn new(events: Vec<Event>, at: Position) -> Self {
        let start = events.first().map_or(at, |event| event.position);
        let end = events.last().map_or(at, |event| event.position.next());
        Self { events, start, end }
    }
}

/// What still fits into a page.
struct Room {
    events: usize,
    bytes: usize,
}

impl Room {
    fn new(limit: usize) -> Self {
        Self { events: limit, bytes: config::PAGE_BYTES }
    }

    fn take(&mut self, event: &Event, first: bool) -> bool {
        if self.events == 0 || (event.bytes() > self.bytes && !first) {
            return false;
        }
        self.events -= 1;
        self.bytes = self.bytes.saturating_sub(event.bytes());
        true
    }
}

/// Up to `limit` events behind `from`.
pub(crate) async fn forward(
    tx: &mut Transaction,
    group: &Group,
    stream: &Id,
    window: Window,
    from: Position,
    limit: usize,
) -> Result<Page, Error> {
    let start = from.max(Position::before(window.from));
    let end = group.id.events_at(stream, window.to);
    let mut range = Range::new(group.id.event(stream, start.time, start.stamp), end);
    let (mut events, mut room) = (Vec::new(), Room::new(limit));
    let scan = Scan::first(config::READ_RECORDS).snapshot();
    loop {
        let entries = tx.scan(&range, scan).await?;
        for event in entries.iter().map(Event::of) {
            for event in event?.into_iter().filter(|event| event.position >= start) {
                if !room.take(&event, events.is_empty()) {
                    return Ok(Page::new(events, from));
                }
                events.push(event);
            }
        }
        match entries.last() {
            Some(last) if entries.len() == scan.limit => range = range.after(&last.key),
            _ => return Ok(Page::new(events, from)),
        }
    }
}

/// Up to `limit` events before `until`, the latest ones, in their order.
pub(crate) async fn backward(
    tx: &mut Transaction,
    group: &Group,
    stream: &Id,
    window: Window,
    until: Position,
    limit: usize,
) -> Result<Page, Error> {
    let end = until.min(Position::before(window.to));
    let start = group.id.events_at(stream, window.from);
    let record = group.id.event(stream, end.time, end.stamp);
    let mut range = match end.index {
        0 => Range::new(start, record),
        _ => Range::new(start, Range::single(&record).end),
    };
    let (mut events, mut room) = (Vec::new(), Room::new(limit));
    let scan = Scan::last(config::READ_RECORDS).snapshot();
    'pages: loop {
        let entries = tx.scan(&range, scan).await?;
        for event in entries.iter().map(Event::of) {
            for event in event?.into_iter().rev().filter(|event| event.position < end) {
                if !room.take(&event, events.is_empty()) {
                    break 'pages;
                }
                events.push(event);
            }
        }
        match entries.last() {
            Some(last) if entries.len() == scan.limit => range = range.before(&last.key),
            _ => break,
        }
    }
    events.reverse();
    Ok(Page::new(events, until))
}
