//! Room for the bodies that are in memory while they are read.

use crate::Limits;
use bytes::{Bytes, BytesMut};
use service::Fault;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room is given in pieces of this many bytes. The first piece every connection has of its own.
const UNIT: usize = 64 * 1024;

/// The room that all connections share for what goes beyond their own.
#[derive(Clone)]
pub(crate) struct Room(Arc<Semaphore>);

impl Room {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Semaphore::new(limits.buffered_bytes.div_ceil(UNIT))))
    }

    /// Room for a body of which `announced` bytes are known to come.
    ///
    /// Nobody waits for room: whoever waits while it holds some may wait for others who do the same.
    ///
    /// # Errors
    /// `SlowDown`, with status 503: clients try again.
    pub(crate) fn place(&self, announced: usize) -> Result<Place, Fault> {
        let mut place =
            Place { room: self.0.clone(), held: None, units: 0, bytes: BytesMut::new() };
        place.grow(announced)?;
        place.bytes.reserve(announced);
        Ok(place)
    }
}

/// A body that grows, and gives its room back when it goes.
pub(crate) struct Place {
    room: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
    units: usize,
    bytes: BytesMut,
}

impl Place {
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Appends to the body.
    ///
    /// # Errors
    /// There is no room for it.
    pub(crate) fn push(&mut self, data: &[u8]) -> Result<(), Fault> {
        let needed = self.bytes.len() + data.len();
        self.grow(needed)?;
        if needed > self.bytes.capacity() {
            // In whole units: doubling would take twice the room that is counted.
            self.bytes.reserve(needed.next_multiple_of(UNIT) - self.bytes.len());
        }
        self.bytes.extend_from_slice(data);
        Ok(())
    }

    /// The body, and what holds its room for as long as the request goes on.
    pub(crate) fn finish(self) -> (Bytes, Option<OwnedSemaphorePermit>) {
        (self.bytes.freeze(), self.held)
    }

    fn grow(&mut self, bytes: usize) -> Result<(), Fault> {
        let more = (bytes.div_ceil(UNIT).saturating_sub(1)).saturating_sub(self.units);
        if more == 0 {
            return Ok(());
        }
        let full = || Fault::sender("SlowDown", "Please reduce your request rate.").status(503);
        let count = u32::try_from(more).map_err(|_| full())?;
        let permit = self.room.clone().try_acquire_many_owned(count).map_err(|_| full())?;
        match &mut self.held {
            Some(held) => held.merge(permit),
            None => self.held = Some(permit),
        }
        self.units += more;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(units: usize) -> Room {
        Room::new(&Limits { buffered_bytes: units * UNIT, ..Limits::default() })
    }

    #[test]
    fn a_body_takes_room_as_it_grows_and_gives_it_back() {
        let room = room(3);
        let mut first = room.place(0).unwrap();
        first.push(&[0; UNIT]).unwrap();
        assert_eq!(room.0.available_permits(), 3);
        first.push(&[0; UNIT]).unwrap();
        first.push(&[0; 10]).unwrap();
        assert_eq!((first.len(), room.0.available_permits()), (2 * UNIT + 10, 1));
        let mut second = room.place(2 * UNIT).unwrap();
        let fault = second.push(&[0; 2 * UNIT + 1]).unwrap_err();
        assert_eq!((fault.code(), fault.http_status()), ("SlowDown", 503));
        assert_eq!(room.place(UNIT + 1).err().unwrap().code(), "SlowDown");
        let (bytes, held) = first.finish();
        assert_eq!((bytes.len(), room.0.available_permits()), (2 * UNIT + 10, 0));
        drop(held);
        assert_eq!(room.0.available_permits(), 2);
    }
}
