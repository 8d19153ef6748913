//! The loop that serves one sandbox.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::{Shared, Wire, is_for_names};
use crate::datagrams::{self, Datagrams};
use crate::limits::{BATCH, CONNECTIONS, QUESTIONS};
use crate::packets::{self, Flow, Packet, Unreachable};
use crate::{MTU, streams};

thread_local! {
    /// Where a packet is read to. All sandboxes are served on one thread, and it is empty again
    /// before another's turn.
    static PACKET: RefCell<Vec<u8>> = RefCell::new(vec![0; usize::from(MTU)]);
}

/// Reads the packets of a sandbox and hands each to whom it concerns.
pub(super) struct Driver<W: Wire> {
    shared: Arc<Shared<W>>,
    datagrams: Datagrams,
    /// Connections, flows and questions. They end with the driver.
    tasks: JoinSet<()>,
    connections: Arc<Semaphore>,
    questions: Arc<Semaphore>,
}

impl<W: Wire> Driver<W> {
    pub(super) fn new(shared: Arc<Shared<W>>) -> Self {
        Self {
            shared,
            datagrams: Datagrams::default(),
            tasks: JoinSet::new(),
            connections: Arc::new(Semaphore::new(CONNECTIONS)),
            questions: Arc::new(Semaphore::new(QUESTIONS)),
        }
    }

    /// Serves until the device is gone.
    pub(super) async fn run(mut self) {
        loop {
            let delay = self.shared.stack().work();
            tokio::select! {
                readable = self.shared.wire.readable() => {
                    match readable.and_then(|()| PACKET.with_borrow_mut(|it| self.take_some(it))) {
                        // Others have their turn now.
                        Ok(()) => tokio::task::yield_now().await,
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        Err(_) => return,
                    }
                }
                () = self.shared.work.notified() => {}
                () = passing(delay) => {}
                Some(ended) = self.tasks.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "what a function sent out ended badly");
                    }
                }
            }
        }
    }

    /// Takes as many packets as may be taken at once.
    fn take_some(&mut self, packet: &mut [u8]) -> io::Result<()> {
        for _ in 0..BATCH {
            let length = self.shared.wire.try_receive(packet)?;
            self.take(&packet[..length]);
        }
        Ok(())
    }

    fn take(&mut self, packet: &[u8]) {
        match Packet::parse(packet) {
            Some(Packet::Segment { flow, opens: true }) => self.open(flow, packet),
            Some(Packet::Segment { .. }) => self.shared.stack().take(packet),
            Some(Packet::Datagram { flow, payload }) if is_for_names(flow.outside) => {
                self.ask(flow, payload);
            }
            Some(Packet::Datagram { flow, .. }) => self.send(flow, packet),
            None => {}
        }
    }

    fn open(&mut self, flow: Flow, packet: &[u8]) {
        // Until it is answered it is sent again and again.
        if !self.shared.stack().begin(flow) {
            return;
        }
        let Some(destination) = self.shared.destination(flow.outside) else {
            self.shared.stack().end(flow);
            return self.shared.tell(packet, Unreachable::Prohibited);
        };
        let own = Arc::clone(&self.connections).try_acquire_owned().ok();
        let Some(permits) = own.zip(self.one_of_all()) else {
            tracing::debug!(to = %flow.outside, "a sandbox has too many connections");
            let mut stack = self.shared.stack();
            stack.end(flow);
            return stack.take(packet);
        };
        let carried = streams::carry(Arc::clone(&self.shared), flow, packet.to_vec(), destination);
        self.spawn(permits, carried);
    }

    fn send(&mut self, flow: Flow, packet: &[u8]) {
        if self.datagrams.deliver(flow, packet) {
            return;
        }
        if self.shared.destination(flow.outside).is_none() {
            return self.shared.tell(packet, Unreachable::Prohibited);
        }
        let Some(permit) = self.one_of_all() else { return };
        let packets = self.datagrams.open(flow);
        self.datagrams.deliver(flow, packet);
        self.spawn(permit, datagrams::carry(Arc::clone(&self.shared), flow, packets));
    }

    fn ask(&mut self, flow: Flow, question: &[u8]) {
        let Ok(permit) = Arc::clone(&self.questions).try_acquire_owned() else { return };
        let (shared, question) = (Arc::clone(&self.shared), question.to_vec());
        self.spawn(permit, async move {
            if let Some(answer) = shared.rules.names.ask(&question).await {
                // If it is lost, the question comes again.
                let _ = shared.wire.send(&packets::datagram(flow, &answer));
            }
        });
    }

    fn one_of_all(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.shared.rules.all).try_acquire_owned().ok()
    }

    fn spawn<P: Send + 'static>(
        &mut self,
        permit: P,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.tasks.spawn(async move {
            task.await;
            drop(permit);
        });
    }
}

/// Ends after this time; never if there is none.
async fn passing(delay: Option<Duration>) {
    match delay {
        Some(delay) => tokio::time::sleep(delay).await,
        None => std::future::pending().await,
    }
}
