//! One operation, in as many attempts as it takes.

use crate::{Dispatcher, authenticate::Signer, body::Received};
use bytes::Bytes;
use http::{HeaderMap, request::Parts};
use kv::{Key, Transaction};
use service::{
    AnyOperation, Attempt, BodyStream, Caller, Context, Fault, Input, Kind, Rendered, Run,
    TRACE_HEADER_BYTES, authorize,
};
use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use types::Timestamp;
use wire::Decoded;

/// A transaction that meets this many conflicts in a row is given up.
pub const MAX_ATTEMPTS: u32 = 64;
/// The first pause between attempts; it doubles up to 64 times itself, with jitter.
pub const RETRY_BASE: Duration = Duration::from_micros(200);

/// A request as it came in.
pub(crate) struct Request<'a> {
    pub(crate) parts: &'a Parts,
    /// The body, empty where it is a stream.
    pub(crate) body: &'a Bytes,
    pub(crate) stream: Mutex<Option<BodyStream>>,
    /// Whether the stream is part of a body, and not measured by what the head says.
    pub(crate) is_part: bool,
    pub(crate) peer: Option<IpAddr>,
    pub(crate) seed: [u8; 32],
}

impl Request<'_> {
    pub(crate) fn is_streamed(&self) -> bool {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(crate) fn take_stream(&self) -> Option<BodyStream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The trace header, if it is one.
fn trace(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("x-amzn-trace-id")?.to_str().ok()?;
    (!text.is_empty() && text.len() <= TRACE_HEADER_BYTES).then(|| text.to_owned())
}

/// A request that is decoded.
struct Work<'a> {
    operation: &'a dyn AnyOperation,
    signer: &'a Signer<'a>,
    ctx: Context,
    input: Input,
    prepared: Input,
    /// True while the context's caller was read in the transaction that is open.
    caller_is_read: bool,
}

/// What one attempt came to.
enum Step {
    Done(Rendered),
    Wait { watch: Key, until: Timestamp },
}

impl Dispatcher {
    /// Authenticates, decodes and runs an operation.
    ///
    /// The order is AWS's: a request that nobody signed for is refused before its input is read.
    pub(crate) async fn execute(
        &self,
        operation: &dyn AnyOperation,
        request: &Request<'_>,
        signer: &Signer<'_>,
        decode: impl FnOnce(&Received) -> Result<Decoded, Fault>,
    ) -> Result<Rendered, Fault> {
        let now = self.platform.clock.now();
        let mut tx = self.platform.store.begin();
        let caller = self.caller_over(signer, &mut tx, now, false).await?;
        let received = self.body(signer, request)?;
        let Decoded { members, body } = decode(&received)?;
        let input = operation.decode(members).map_err(|error| refuse_member(operation, &error))?;
        let (region, platform) = (self.platform.region.clone(), self.platform.clone());
        let ctx = Context::new(caller, region, now, request.seed, platform);
        let mut ctx = ctx.with_stream(received.stream);
        ctx.body = body;
        ctx.trace = trace(&request.parts.headers);
        let prepared = Box::new(()) as Input;
        let mut work = Work { operation, signer, ctx, input, prepared, caller_is_read: true };
        match operation.kind() {
            Kind::Prepared => {}
            Kind::Direct => return self.run_once(&mut work, tx).await,
            Kind::Transactional | Kind::Waiting => return self.run_until_done(&mut work, tx).await,
        }
        self.permit(&mut work, &mut tx).await?;
        work.prepared = operation.prepare(&work.ctx, &work.input).await?;
        work.caller_is_read = false;
        let result = self.run_until_done(&mut work, self.platform.store.begin()).await;
        if result.is_err() {
            operation.release(&work.prepared).await;
        }
        result
    }

    /// Runs an operation that has no transaction. It may take longer than any transaction can, and
    /// what it does cannot be taken back: only the question whether it may is asked again.
    async fn run_once(&self, work: &mut Work<'_>, tx: Transaction) -> Result<Rendered, Fault> {
        let mut first = Some(tx);
        let mut conflicts = 0;
        loop {
            let mut tx = match first.take() {
                Some(tx) => tx,
                None => self.platform.store.begin(),
            };
            let permitted = match self.permit(work, &mut tx).await {
                Ok(()) => tx.commit().await.map_err(Fault::from),
                Err(fault) => Err(fault),
            };
            match permitted {
                Ok(_) => break,
                Err(fault) if fault.is_retryable() => self.pause(&mut conflicts, fault).await?,
                Err(fault) => return Err(fault),
            }
            work.ctx.rewind();
            work.caller_is_read = false;
        }
        let Work { operation, ctx, input, prepared, .. } = work;
        let run = Run { ctx, now: ctx.now, input, prepared };
        // It does not look at this one.
        match operation.run(run, &mut self.platform.store.begin()).await? {
            Attempt::Done(output) => Ok(output),
            Attempt::Wait { .. } => {
                Err(Fault::internal(format!("{} waits without a transaction", operation.name())))
            }
        }
    }

    /// Attempts, waits and attempts again. `tx` is the transaction of the first attempt.
    async fn run_until_done(
        &self,
        work: &mut Work<'_>,
        tx: Transaction,
    ) -> Result<Rendered, Fault> {
        let mut first = Some(tx);
        let mut conflicts = 0;
        let mut watch: Option<kv::Watch> = None;
        loop {
            let mut tx = match first.take() {
                Some(tx) => tx,
                None => self.platform.store.begin(),
            };
            match self.attempt(work, &mut tx).await {
                Ok(step) => match tx.commit().await {
                    Ok(committed) => match step {
                        Step::Done(mut output) => {
                            output.committed(&committed);
                            return Ok(output);
                        }
                        Step::Wait { watch: key, until } => match &mut watch {
                            // A change between attempt and watch must not be missed: look again
                            // once the watch stands.
                            None => watch = Some(self.platform.store.watch_one(&key)),
                            Some(watch) => self.wait(watch, until).await,
                        },
                    },
                    Err(error) if error.retryable() => {
                        self.pause(&mut conflicts, error.into()).await?
                    }
                    Err(error) => return Err(error.into()),
                },
                Err(fault) if fault.is_retryable() => self.pause(&mut conflicts, fault).await?,
                Err(fault) => return Err(fault),
            }
            work.ctx.rewind();
            work.caller_is_read = false;
        }
    }

    async fn attempt(&self, work: &mut Work<'_>, tx: &mut Transaction) -> Result<Step, Fault> {
        self.permit(work, tx).await?;
        let now = match work.operation.kind() {
            Kind::Waiting => self.platform.clock.now(),
            _ => work.ctx.now,
        };
        let run = Run { ctx: &work.ctx, now, input: &work.input, prepared: &work.prepared };
        Ok(match work.operation.run(run, tx).await? {
            Attempt::Done(output) => Step::Done(output),
            Attempt::Wait { watch, until } => Step::Wait { watch, until },
        })
    }

    /// The caller, read in `tx`, and how they came.
    pub(crate) async fn caller_over(
        &self,
        signer: &Signer<'_>,
        tx: &mut Transaction,
        now: Timestamp,
        verified: bool,
    ) -> Result<Caller, Fault> {
        let mut caller = self.caller(signer, tx, now, verified).await?;
        if self.platform.public_url.is_tls() {
            caller.came_over_tls();
        }
        Ok(caller)
    }

    /// Reads in `tx` who asks and whether they may.
    async fn permit(&self, work: &mut Work<'_>, tx: &mut Transaction) -> Result<(), Fault> {
        if !work.caller_is_read {
            work.ctx.caller = self.caller_over(work.signer, tx, work.ctx.now, true).await?;
        }
        let permissions = work.operation.permissions(&work.ctx, tx, &work.input).await?;
        let Context { caller, region, now, .. } = &work.ctx;
        permissions.iter().try_for_each(|needed| authorize(caller, needed, region, *now))
    }

    async fn wait(&self, watch: &mut kv::Watch, until: Timestamp) {
        tokio::select! {
            () = watch.changed() => {}
            () = self.platform.clock.sleep_until(until) => {}
        }
    }

    /// Lets other transactions pass, or gives up with the fault of the last conflict.
    async fn pause(&self, conflicts: &mut u32, fault: Fault) -> Result<(), Fault> {
        *conflicts += 1;
        if *conflicts >= MAX_ATTEMPTS {
            return Err(Fault::internal(format!("{conflicts} conflicts in a row; last: {fault}")));
        }
        let ceiling = RETRY_BASE * (1 << (*conflicts).min(6));
        let jitter = self.ids.below(ceiling.as_micros() as u32);
        tokio::time::sleep(Duration::from_micros(u64::from(jitter))).await;
        Ok(())
    }
}

/// A member that the model has and the operation does not implement is refused by its name.
fn refuse_member(operation: &dyn AnyOperation, error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    let unknown = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    match unknown {
        Some(member) => {
            Fault::unsupported(format_args!("parameter {member} of {}", operation.name()))
        }
        None => {
            // The place in a text that the caller has never seen helps nobody.
            let text = text.split(" at line ").next().unwrap_or_default();
            Fault::sender("SerializationException", text)
        }
    }
}
