use crate::http::load::Tally;
use anyhow::Result;
use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::Path,
    time::{Duration, Instant},
};

/// The file begins anew when it has so many bytes.
const MOST_BYTES: u64 = 1 << 30;

/// What the disk can do: one thread that appends to one file and syncs it each time.
pub(crate) struct Disk(File);

impl Disk {
    /// A new file.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        Ok(Self(File::create_new(path)?))
    }

    /// Writes so many bytes at a time, for about `time`.
    pub(crate) fn write(&mut self, bytes: usize, time: Duration) -> Result<Tally> {
        let record = vec![7; bytes];
        let (start, mut latencies) = (Instant::now(), Vec::new());
        while start.elapsed() < time {
            let begin = Instant::now();
            self.0.write_all(&record)?;
            self.0.sync_data()?;
            latencies.push(u64::try_from(begin.elapsed().as_nanos())?);
        }
        let tally = Tally::new(latencies, start.elapsed());
        if self.0.stream_position()? > MOST_BYTES {
            self.0.set_len(0)?;
            self.0.seek(SeekFrom::Start(0))?;
        }
        Ok(tally)
    }
}
