//! Events of many streams of a group, in the order of their time.

use super::{Event, Group, Position, Stream, get_stream, invalid_token};
use crate::{
    Error, config,
    keys::{self, Id},
    pattern::Pattern,
};
use kv::{Range, Scan, Transaction};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};
use types::Timestamp;

/// Which streams to search.
pub(crate) enum Streams<'a> {
    All,
    Named(&'a [String]),
    Prefixed(&'a str),
}

/// What to search for.
pub(crate) struct Search<'a> {
    pub(crate) streams: Streams<'a>,
    pub(crate) pattern: &'a Pattern,
    pub(crate) window: super::Window,
    /// Where an earlier page ended.
    pub(crate) from: Option<Place>,
    pub(crate) limit: usize,
}

/// A place in the order of all streams: before this event of this stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    stream: Id,
    position: Position,
}

impl Place {
    pub(crate) fn encode(self) -> String {
        hex::encode(self.stream) + &self.position.encode()
    }

    pub(crate) fn decode(token: &str) -> Result<Self, Error> {
        let (stream, position) = token.split_at_checked(32).ok_or_else(invalid_token)?;
        let mut id = Id::default();
        hex::decode_to_slice(stream, &mut id).map_err(|_| invalid_token())?;
        Ok(Self { stream: id, position: Position::decode(position)? })
    }

    /// Where a stream goes on: streams have their turn in the order of their ids within one
    /// millisecond.
    fn resume(&self, stream: &Id) -> Position {
        let time = self.position.time;
        match stream.cmp(&self.stream) {
            std::cmp::Ordering::Less => {
                Position::before(Timestamp::from_millis(time.as_millis().saturating_add(1)))
            }
            std::cmp::Ordering::Equal => self.position,
            std::cmp::Ordering::Greater => Position::before(time),
        }
    }
}

/// One page.
pub(crate) struct Found {
    /// The stream's name and the event.
    pub(crate) events: Vec<(String, Event)>,
    /// Where the next page begins, if there may be more.
    pub(crate) next: Option<Place>,
}

/// A stream and where it is.
struct Lane {
    name: String,
    id: Id,
    /// The next event to look at.
    at: Position,
    /// Events from there on; empty if they have to be read.
    buffer: VecDeque<Event>,
}

/// One page of the events that match.
pub(crate) async fn search(
    tx: &mut Transaction,
    group: &Group,
    search: &Search<'_>,
) -> Result<Found, Error> {
    let mut merge = Merge::new(tx, group, search).await?;
    let mut found = Found { events: Vec::new(), next: None };
    let (mut bytes, mut looked_at) = (0, 0);
    while let Some((place, event)) = merge.peek(tx).await? {
        let matches = search.pattern.matches(&event.message);
        let page_full = matches
            && !found.events.is_empty()
            && (found.events.len() >= search.limit || bytes + event.bytes() > config::PAGE_BYTES);
        if page_full || looked_at > config::SEARCH_BYTES {
            found.next = Some(place);
            break;
        }
        looked_at += event.bytes();
        let (name, event) = merge.pop()?;
        if matches {
            bytes += event.bytes();
            found.events.push((name, event));
        }
    }
    Ok(found)
}

/// The lanes by the time of their next event.
struct Merge<'a> {
    group: &'a Group,
    end: Timestamp,
    lanes: Vec<Lane>,
    order: BinaryHeap<Reverse<(Timestamp, Id, usize)>>,
    buffered: usize,
}

impl<'a> Merge<'a> {
    async fn new(
        tx: &mut Transaction,
        group: &'a Group,
        search: &Search<'_>,
    ) -> Result<Self, Error> {
        let start = Position::before(search.window.from);
        let lanes = streams(tx, group, search).await?.into_iter().map(|(name, id)| {
            let at = search.from.map_or(start, |place| place.resume(&id).max(start));
            Lane { name, id, at, buffer: VecDeque::new() }
        });
        let mut merge = Self {
            group,
            end: search.window.to,
            lanes: lanes.collect(),
            order: BinaryHeap::new(),
            buffered: 0,
        };
        for index in 0..merge.lanes.len() {
            merge.load(tx, index, 1).await?;
            merge.enter(index);
        }
        Ok(merge)
    }

    /// The next event of all lanes, and its place.
    async fn peek(&mut self, tx: &mut Transaction) -> Result<Option<(Place, &Event)>, Error> {
        loop {
            let Some(Reverse((_, _, index))) = self.order.peek() else { return Ok(None) };
            let index = *index;
            if self.lanes[index].buffer.is_empty() {
                self.load(tx, index, config::READ_RECORDS).await?;
                // Its next event may be later than the place where it went on.
                self.order.pop();
                self.enter(index);
                continue;
            }
            let lane = &self.lanes[index];
            let place = Place { stream: lane.id, position: lane.at };
            return Ok(lane.buffer.front().map(|event| (place, event)));
        }
    }

    /// Takes the event that [`Merge::peek`] showed.
    fn pop(&mut self) -> Result<(String, Event), Error> {
        let taken = self.order.pop().and_then(|Reverse((_, _, index))| {
            let lane = &mut self.lanes[index];
            let event = lane.buffer.pop_front()?;
            lane.at = lane.buffer.front().map_or(event.position.next(), |next| next.position);
            Some((index, lane.name.clone(), event))
        });
        let Some((index, name, event)) = taken else {
            return Err(kv::Error::Corrupt("a search lost its place".to_owned()).into());
        };
        self.buffered -= event.bytes();
        let lane = &self.lanes[index];
        self.order.push(Reverse((lane.at.time, lane.id, index)));
        Ok((name, event))
    }

    /// Gives a lane its turn, if it has events left.
    fn enter(&mut self, index: usize) {
        let lane = &mut self.lanes[index];
        if lane.buffer.is_empty() {
            return;
        }
        self.order.push(Reverse((lane.at.time, lane.id, index)));
        let is_next = self.order.peek().is_some_and(|Reverse((_, _, next))| *next == index);
        if self.buffered > config::SEARCH_BUFFER_BYTES && !is_next {
            // Read again when its turn comes.
            self.buffered -= lane.buffer.iter().map(Event::bytes).sum::<usize>();
            lane.buffer.clear();
        }
    }

    /// Reads a lane from its place on.
    async fn load(
        &mut self,
        tx: &mut Transaction,
        index: usize,
        records: usize,
    ) -> Result<(), Error> {
        let lane = &mut self.lanes[index];
        let start = self.group.id.event(&lane.id, lane.at.time, lane.at.stamp);
        let mut range = Range::new(start, self.group.id.events_at(&lane.id, self.end));
        let scan = Scan::first(records).snapshot();
        // A record whose events were all seen gives nothing; the next one may.
        loop {
            let entries = tx.scan(&range, scan).await?;
            for events in entries.iter().map(Event::of) {
                lane.buffer.extend(events?.into_iter().filter(|event| event.position >= lane.at));
            }
            match entries.last() {
                Some(last) if lane.buffer.is_empty() => range = range.after(&last.key),
                _ => break,
            }
        }
        if let Some(event) = lane.buffer.front() {
            lane.at = event.position;
        }
        self.buffered += lane.buffer.iter().map(Event::bytes).sum::<usize>();
        Ok(())
    }
}

/// The streams that may have events in the window.
async fn streams(
    tx: &mut Transaction,
    group: &Group,
    search: &Search<'_>,
) -> Result<Vec<(String, Id)>, Error> {
    let from = search.window.from;
    let has_events = |stream: &Stream| stream.last_event.is_some_and(|last| last >= from);
    let limit = Scan::first(config::SEARCH_STREAMS + 1).snapshot();
    let mut found = Vec::new();
    match &search.streams {
        Streams::All => {
            for entry in tx.scan(&group.id.recent_from(from), limit).await? {
                let (_, name) = keys::recent_of(&entry.key)?;
                let id = entry.value[..].try_into();
                let id = id.map_err(|_| kv::Error::Corrupt("a stream has no id".to_owned()))?;
                found.push((name, id));
            }
        }
        Streams::Named(names) => {
            for name in *names {
                let stream = get_stream(tx, group, name).await?;
                found.extend(has_events(&stream).then_some((stream.name, stream.id)));
            }
            found.sort();
            found.dedup();
        }
        Streams::Prefixed(prefix) => {
            for entry in tx.scan(&group.id.streams(prefix), limit).await? {
                let stream: Stream = kv::decode_record(&entry.value)?;
                found.extend(has_events(&stream).then_some((stream.name, stream.id)));
            }
        }
    }
    if found.len() > config::SEARCH_STREAMS {
        return Err(Error::invalid(format!(
            "More than {} log streams match. Give a later startTime, a logStreamNamePrefix or \
             logStreamNames.",
            config::SEARCH_STREAMS
        )));
    }
    Ok(found)
}
