//! The wish to end a command that goes on until somebody ends it.

use crate::{error::Error, session};
use std::thread;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// Whether Ctrl-C or SIGTERM came.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Begins to listen. From then on a signal does not end the process by itself.
    pub(crate) fn listen() -> Result<Self, Error> {
        let runtime = session::event_loop()?;
        let listen = |kind| {
            signal(kind).map_err(|error| Error::new(format!("signals cannot be read: {error}")))
        };
        let inside = runtime.enter();
        let mut signals: [Signal; 2] =
            [listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?];
        drop(inside);
        let (told, stop) = watch::channel(false);
        thread::spawn(move || {
            let [interrupt, terminate] = &mut signals;
            runtime.block_on(async {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            });
            told.send_replace(true);
        });
        Ok(Self(stop))
    }

    /// Returns once it is wished.
    pub(crate) async fn wished(&self) {
        // Without its sender nobody could wish it any more.
        let _ = self.0.clone().wait_for(|told| *told).await;
    }

    pub(crate) fn is_wished(&self) -> bool {
        *self.0.borrow()
    }
}
