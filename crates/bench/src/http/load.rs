use super::{
    connection::Connection,
    template::{Signer, Template},
};
use anyhow::Result;
use futures_util::future::try_join_all;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Each client gets at least this many replies, however slow they are.
const LEAST: usize = 3;

/// What was measured.
#[derive(Default)]
pub(crate) struct Tally {
    /// How long each reply took, in nanoseconds.
    latencies: Vec<u64>,
    time: Duration,
}

impl Tally {
    /// So many latencies, in nanoseconds, one after the other in this time.
    pub(crate) fn new(latencies: Vec<u64>, time: Duration) -> Self {
        Self { latencies, time }
    }

    /// Adds what was measured later.
    pub(crate) fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.time += other.time;
    }

    /// Replies a second.
    pub(crate) fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a rate to print")]
        let count = self.latencies.len() as f64;
        count / self.time.as_secs_f64()
    }

    /// The latency that `percent` of the replies kept to, in microseconds.
    pub(crate) fn percentile(&mut self, percent: usize) -> f64 {
        let Some(last) = self.latencies.len().checked_sub(1) else { return f64::NAN };
        let (_, latency, _) = self.latencies.select_nth_unstable(last * percent / 100);
        #[expect(clippy::cast_precision_loss, reason = "a latency to print")]
        let nanoseconds = *latency as f64;
        nanoseconds / 1000.0
    }
}

/// Sends the requests over and over, for about `time`, from clients that each have their own share
/// of the requests, one connection that is kept, and one request under way. Fails at the first reply
/// that is not the expected one.
pub(crate) async fn run(
    address: SocketAddr,
    templates: &mut [Template],
    clients: usize,
    time: Duration,
    signer: &Signer,
) -> Result<Tally> {
    let connections = try_join_all((0..clients).map(|_| Connection::open(address))).await?;
    let share = templates.len() / clients;
    let start = Instant::now();
    let clients = connections
        .into_iter()
        .zip(templates.chunks_mut(share))
        .map(|(connection, templates)| client(connection, templates, start + time, signer));
    let latencies = try_join_all(clients).await?.concat();
    Ok(Tally { latencies, time: start.elapsed() })
}

async fn client(
    mut connection: Connection,
    templates: &mut [Template],
    end: Instant,
    signer: &Signer,
) -> Result<Vec<u64>> {
    let mut latencies = Vec::new();
    for index in (0..templates.len()).cycle() {
        if latencies.len() >= LEAST && Instant::now() >= end {
            break;
        }
        let template = &mut templates[index];
        let request = template.request(signer)?;
        let start = Instant::now();
        let reply = connection.exchange(request).await?;
        latencies.push(u64::try_from(start.elapsed().as_nanos())?);
        template.check(&reply)?;
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_latencies() {
        let latencies = (0..=100).rev().map(|number| number * 1000).collect();
        let mut tally = Tally { latencies, time: Duration::from_secs(1) };
        assert!((tally.percentile(50) - 50.0).abs() < 1e-9);
        assert!((tally.percentile(99) - 99.0).abs() < 1e-9);
        assert!((tally.rate() - 101.0).abs() < 1e-9);
    }
}
