//! One instance: a sandbox whose program takes one event after another.

mod failure;
mod start;

pub(crate) use start::{Birth, StartError, Starter};

use crate::{
    FunctionError, InstanceSpec, Invocation, Outcome, Report,
    config::KILL_TIMEOUT,
    exchange::{Answer, Event, Exchange},
    extensions::Extensions,
    logs::InstanceLog,
    platform_event::PlatformEvent,
    sandbox::{Exit, ExitCause, MemoryGauge},
};
use bytes::Bytes;
use clock::SharedClock;
use failure::Failure;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use types::Timestamp;

/// A started runtime. Dropping it kills its sandbox.
pub(crate) struct Instance {
    pub(crate) id: u64,
    pub(crate) spec: Arc<InstanceSpec>,
    pub(crate) created: Timestamp,
    exchange: Arc<Exchange>,
    extensions: Arc<Extensions>,
    log: Arc<InstanceLog>,
    clock: SharedClock,
    kill: Arc<Notify>,
    /// A kill was asked for: it gets no further event.
    doomed: AtomicBool,
    ended: watch::Receiver<Option<Exit>>,
    memory: Option<MemoryGauge>,
}

/// What an invocation has waited for before its instance can take it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Waited {
    /// Nothing: the instance was there.
    Not,
    /// The instance's start, which took so long.
    Init(Duration),
    /// The instance's second start, because the first took too long. It is a part of the invocation.
    Again(Duration),
}

impl Waited {
    /// The time of a start that comes before the invocation.
    fn init(self) -> Option<Duration> {
        match self {
            Self::Init(took) => Some(took),
            Self::Not | Self::Again(_) => None,
        }
    }

    /// How much of the invocation's own time has gone by.
    fn taken(self) -> Duration {
        match self {
            Self::Again(took) => took,
            Self::Not | Self::Init(_) => Duration::ZERO,
        }
    }
}

/// How an attempt to invoke an instance went.
pub(crate) enum Attempt {
    /// The runtime took the event, and this came of it.
    Done(Box<Outcome>),
    /// The instance ended before its runtime took the event: another one can have it.
    NotDelivered(Exit),
}

/// How the runtime's part of an invocation ended.
struct Ended {
    payload: Bytes,
    content_type: Option<String>,
    error: Option<FunctionError>,
    /// What `REPORT` says of a failure: status and error type.
    status: Option<(&'static str, String)>,
    /// The platform's lines before `END`.
    lines: Vec<String>,
    at: Instant,
}

impl Instance {
    /// Hands one event to the runtime and waits for what comes of it.
    pub(crate) async fn invoke(&self, invocation: &Arc<Invocation>, waited: Waited) -> Attempt {
        if matches!(waited, Waited::Not) {
            self.log.start_tail(invocation.tail);
        }
        let handed_over = Instant::now();
        let left = self.spec.timeout.saturating_sub(waited.taken());
        let deadline = self.clock.now() + left;
        let event = Arc::new(Event { invocation: invocation.clone(), deadline });
        let Some(answer) = self.exchange.offer(event) else {
            return Attempt::NotDelivered(self.exit());
        };
        let ended = match tokio::time::timeout(left, answer).await {
            Ok(Ok(answer)) => Ended::answered(answer),
            Ok(Err(_)) => match self.exchange.withdraw() {
                Some(false) => return Attempt::NotDelivered(self.exit()),
                // What a runtime has taken may have had effects: no other one gets it.
                _ => Ended::failed(self.failure(&invocation.request_id, self.exit())),
            },
            Err(_) => {
                if self.exchange.withdraw() == Some(false) {
                    self.log_start(invocation);
                }
                let at = self.clock.now();
                let id = &invocation.request_id;
                let ended = Ended::failed(Failure::timed_out(id, at, self.spec.timeout));
                self.extensions.ends_because("timeout");
                self.kill().await;
                ended
            }
        };
        Attempt::Done(Box::new(self.conclude(invocation, waited, handed_over, ended)))
    }

    /// What comes of an invocation whose own new instance ended before it took the event.
    pub(crate) fn ended_before(
        &self,
        invocation: &Invocation,
        waited: Waited,
        exit: Exit,
    ) -> Outcome {
        self.log_start(invocation);
        let failed = Ended::failed(self.failure(&invocation.request_id, exit));
        self.conclude(invocation, waited, failed.at, failed)
    }

    /// Waits until its extensions are done with an invocation that took `taken`; false if that
    /// took longer than the function may, or the instance ends. It can take no other event meanwhile.
    pub(crate) async fn settle(&self, taken: Duration) -> bool {
        let left = self.spec.timeout.saturating_sub(taken);
        let mut ended = self.ended.clone();
        tokio::select! {
            () = self.extensions.settled() => true,
            _ = ended.wait_for(Option::is_some) => false,
            () = tokio::time::sleep(left) => {
                self.extensions.ends_because("timeout");
                false
            }
        }
    }

    /// Whether no extension works on after an invocation.
    pub(crate) fn is_settled(&self) -> bool {
        self.extensions.are_settled()
    }

    /// What an end in the middle of the work means.
    fn failure(&self, id: &str, exit: Exit) -> Failure {
        // The shell that waits for an extension kills the program when that fails. Few programs
        // kill themselves.
        let is_killed = exit.cause == ExitCause::Signal(9)
            && !exit.out_of_memory
            && !self.doomed.load(Ordering::Relaxed);
        if self.extensions.are_external() && is_killed {
            return Failure::extension_crashed(id);
        }
        Failure::exited(id, exit)
    }

    fn log_start(&self, invocation: &Invocation) {
        let (request_id, version) = (invocation.request_id.as_str(), &self.spec.key.version);
        self.log.platform([PlatformEvent::Start { request_id, version }]);
    }

    /// Writes the end of the invocation to the log and adds up its cost.
    fn conclude(
        &self,
        invocation: &Invocation,
        waited: Waited,
        handed_over: Instant,
        ended: Ended,
    ) -> Outcome {
        let duration = ended.at.saturating_duration_since(handed_over) + waited.taken();
        let init = waited.init();
        let report = Report {
            duration,
            billed: round_up(duration + init.unwrap_or_default()),
            init,
            memory_mib: self.spec.memory_mib,
            max_memory_mib: self.memory.as_ref().and_then(|read| read()).map(mebibytes),
        };
        let reported = ended.status.is_none();
        let failed = match (&ended.status, &ended.error) {
            (Some((status, kind)), _) => Some((*status, kind.as_str())),
            (None, Some(error)) => Some(("error", error.error_type.as_str())),
            (None, None) => None,
        };
        let (request_id, report_of) = (invocation.request_id.as_str(), &report);
        let faults = ended.lines.iter().map(|line| PlatformEvent::Fault { line });
        let last = [
            PlatformEvent::RuntimeDone { request_id, report: report_of, failed },
            PlatformEvent::Report { request_id, report: report_of, failed, reported },
        ];
        self.log.platform(faults.chain(last));
        Outcome {
            payload: ended.payload,
            content_type: ended.content_type,
            error: ended.error,
            report,
            log_tail: if invocation.tail { self.log.take_tail() } else { None },
            log_stream: self.log.stream().to_owned(),
        }
    }

    /// Whether it can take another event, as far as one can know.
    pub(crate) fn is_alive(&self) -> bool {
        !self.doomed.load(Ordering::Relaxed)
            && self.exchange.ended().is_none()
            && !self.extensions.have_failed()
    }

    /// Has the sandbox killed, without waiting for it.
    pub(crate) fn doom(&self) {
        self.doomed.store(true, Ordering::Relaxed);
        self.kill.notify_one();
    }

    /// Kills the sandbox; ends when nothing of it is left, at the latest after a bound.
    pub(crate) async fn kill(&self) {
        self.doom();
        let mut ended = self.ended.clone();
        let gone = ended.wait_for(Option::is_some);
        if tokio::time::timeout(KILL_TIMEOUT, gone).await.is_err() {
            tracing::error!(function = self.spec.function_name, "a sandbox does not end");
        }
    }

    fn exit(&self) -> Exit {
        self.exchange.ended().unwrap_or(start::LOST)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill.notify_one();
    }
}

impl Ended {
    fn answered(answer: Answer) -> Self {
        match answer {
            Answer::Response { body, content_type, at } => Self {
                payload: body,
                content_type,
                error: None,
                status: None,
                lines: Vec::new(),
                at,
            },
            Answer::Error { body, error_type, at } => Self {
                payload: body,
                content_type: Some("application/json".into()),
                error: Some(FunctionError { error_type, reported: true }),
                status: None,
                lines: Vec::new(),
                at,
            },
        }
    }

    fn failed(failure: Failure) -> Self {
        Self {
            payload: failure.payload(),
            content_type: Some("application/json".into()),
            status: Some((failure.status, failure.error_type.clone())),
            error: Some(FunctionError { error_type: failure.error_type, reported: false }),
            lines: vec![failure.line],
            at: Instant::now(),
        }
    }
}

fn round_up(duration: Duration) -> Duration {
    let micros = duration.as_micros();
    Duration::from_millis(u64::try_from(micros.div_ceil(1000)).unwrap_or(u64::MAX))
}

fn mebibytes(bytes: u64) -> u64 {
    bytes.div_ceil(1024 * 1024)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        InstanceKey, LogFormat, LogSink, LogStream, ResponseSink, Share, exchange::Refusal,
    };
    use clock::{Ids, ManualClock};

    struct Nowhere;

    impl LogSink for Nowhere {
        fn write(&self, _: &LogStream, _: Vec<(Timestamp, String)>) {}
    }

    pub(crate) fn key() -> InstanceKey {
        let (function_arn, version) = ("f".into(), "$LATEST".into());
        InstanceKey { function_arn, version, revision: "1".into() }
    }

    /// An instance without a sandbox, created at second 0.
    pub(crate) fn instance(id: u64) -> Instance {
        let spec = InstanceSpec {
            key: key(),
            function_name: "f".into(),
            runtime: "provided.al2023".into(),
            handler: "app.handler".into(),
            environment: Vec::new(),
            code: "/nowhere".into(),
            layers: None,
            memory_mib: 128,
            tmp_mib: 512,
            cpu_millis: None,
            timeout: Duration::from_secs(600),
            init_timeout: Duration::from_secs(600),
            region: "eu-west-1".into(),
            role: "arn:aws:iam::000000000000:role/r".parse().unwrap(),
            log_group: "/aws/lambda/f".into(),
            log_format: LogFormat::Text,
        };
        let stream = LogStream {
            group: spec.log_group.clone(),
            name: "s".into(),
            role: spec.role.clone(),
            function: spec.function_name.clone(),
        };
        let clock: SharedClock = Arc::new(ManualClock::new(Timestamp::from_secs(0)));
        let sink = Arc::new(Nowhere);
        Instance {
            id,
            created: clock.now(),
            exchange: Arc::new(Exchange::new().0),
            extensions: Arc::new(Extensions::new(Vec::new(), Arc::new(Ids::from_seed(1)))),
            log: Arc::new(InstanceLog::new(stream, spec.log_format, None, sink, clock.clone())),
            spec: Arc::new(spec),
            clock,
            kill: Arc::default(),
            doomed: AtomicBool::new(false),
            ended: watch::channel(None).1,
            memory: None,
        }
    }

    fn invocation(sink: Option<ResponseSink>) -> Arc<Invocation> {
        Arc::new(Invocation {
            request_id: "id".into(),
            payload: "{}".into(),
            invoked_arn: "f".into(),
            trace_id: None,
            client_context: None,
            cognito_identity: None,
            tail: false,
            share: Share::Common(1),
            sink,
        })
    }

    fn answer() -> Answer {
        Answer::Response { body: "1".into(), content_type: None, at: Instant::now() }
    }

    fn error_type(attempt: Attempt) -> Option<String> {
        match attempt {
            Attempt::Done(outcome) => outcome.error.map(|error| error.error_type),
            Attempt::NotDelivered(_) => None,
        }
    }

    #[tokio::test]
    async fn what_a_runtime_took_goes_to_no_other_when_its_answer_comes_after_its_end() {
        let (instance, invocation) = (instance(1), invocation(None));
        let exchange = &instance.exchange;
        let (attempt, answered) = tokio::join!(instance.invoke(&invocation, Waited::Not), async {
            assert!(exchange.next().await.is_ok());
            exchange.end(start::LOST);
            exchange.answer("id", "InvocationResponse", answer())
        });
        let (from, to) = ("Running", "InvocationResponse");
        assert_eq!(answered, Err(Refusal::InvalidState { from, to }));
        assert_eq!(error_type(attempt).as_deref(), Some("Runtime.ExitError"));
    }

    #[tokio::test]
    async fn a_streamed_response_that_ends_after_its_runtime_is_not_begun_again_elsewhere() {
        let (instance, invocation) = (instance(1), invocation(Some(ResponseSink::unread())));
        let exchange = &instance.exchange;
        let (attempt, finished) = tokio::join!(instance.invoke(&invocation, Waited::Not), async {
            assert!(exchange.next().await.is_ok());
            assert!(exchange.begin("id", "InvocationResponse").unwrap().is_some());
            exchange.end(start::LOST);
            exchange.finish("id", answer())
        });
        assert_eq!(finished, Err(Refusal::InvalidRequestId));
        assert_eq!(error_type(attempt).as_deref(), Some("Runtime.ExitError"));
    }

    #[tokio::test]
    async fn what_no_runtime_took_can_go_to_another_instance() {
        let (instance, invocation) = (instance(1), invocation(None));
        let exchange = &instance.exchange;
        let end = async { exchange.end(start::LOST) };
        let (attempt, ()) = tokio::join!(instance.invoke(&invocation, Waited::Not), end);
        assert!(matches!(attempt, Attempt::NotDelivered(_)));
    }
}
