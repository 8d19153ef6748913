use super::{Instance, failure::Failure, round_up};
use crate::{
    Credentials, FunctionError, Initialization, InstanceSpec, Interpreters, Invocation,
    InvokeError, Launch, LaunchError, LogSink, LogStream, Observer, Outcome, Platform, Report,
    StartPhase,
    api::{self, About, Api},
    environment,
    exchange::{Exchange, Started},
    extensions::{self, Extensions},
    lines,
    logs::InstanceLog,
    platform_event::{Failed as PlatformFailed, PlatformEvent},
    sandbox::{Exit, ExitCause, Sandbox, Sandboxes},
};
use bytes::Bytes;
use clock::{Ids, SharedClock};
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot, watch},
    task::AbortHandle,
    time::Instant,
};
use types::Timestamp;

/// How an instance is taken to have ended when nothing tells how.
pub(super) const LOST: Exit = Exit { cause: ExitCause::Signal(9), out_of_memory: false };

/// Starts instances.
pub(crate) struct Starter {
    pub(crate) sandboxes: Arc<dyn Sandboxes>,
    pub(crate) interpreters: Arc<dyn Interpreters>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) logs: Arc<dyn LogSink>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) clock: SharedClock,
    pub(crate) ids: Arc<Ids>,
}

/// Why there is no instance.
pub(crate) enum StartError {
    /// The platform could not start one.
    Platform(InvokeError),
    /// The function's code could not start: the invocation has failed.
    Function(Box<Outcome>),
    /// It took too long. The invocation that waits for it tries once more, in its own time and with
    /// the log stream of this name.
    TimedOut(String),
}

/// Whom a new instance belongs to.
pub(crate) struct Birth<'a> {
    pub(crate) id: u64,
    pub(crate) spec: &'a Arc<InstanceSpec>,
    /// The invocation that waits for it; nobody waits for one that is kept ready.
    pub(crate) invocation: Option<&'a Invocation>,
    /// The log stream of a first start that took too long. This one is a part of the invocation
    /// then, and may take as long as that.
    pub(crate) again: Option<String>,
    /// Called when the sandbox runs, before the runtime is ready and before `on_end`.
    pub(crate) on_running: &'a (dyn Fn(&Arc<Instance>) + Send + Sync),
    /// Called when the sandbox has ended.
    pub(crate) on_end: Box<dyn FnOnce() + Send>,
}

impl Birth<'_> {
    fn why(&self) -> Initialization {
        match self.invocation {
            Some(_) => Initialization::OnDemand,
            None => Initialization::Provisioned,
        }
    }
}

/// What a failed start leaves for the caller.
struct Failed {
    payload: Bytes,
    error: FunctionError,
    status: &'static str,
    line: Option<String>,
}

impl Starter {
    /// Starts an instance and waits until its runtime asks for its first event. Also gives the
    /// time that this took.
    pub(crate) async fn start(
        &self,
        birth: Birth<'_>,
    ) -> Result<(Arc<Instance>, Duration), StartError> {
        let began = Instant::now();
        let Birth { spec, invocation, .. } = &birth;
        let (spec, invocation, why) = (*spec, *invocation, birth.why());
        let request_id = invocation.map(|invocation| invocation.request_id.clone());
        let request_id = request_id.unwrap_or_else(|| self.ids.uuid().to_string());
        let waits = Waits { spec, invocation, why, again: birth.again.is_some() };
        let new_stream =
            || lines::stream_name(self.clock.now(), &spec.key.version, self.ids.bytes());
        let stream = birth.again.clone().unwrap_or_else(new_stream);
        let launch = match self.interpreters.resolve(spec) {
            Ok(launch) => launch,
            Err(error @ LaunchError::InvalidEntrypoint(_)) => {
                let log = self.log(spec, stream, None);
                let failure = Failure::invalid_entrypoint(&request_id, &error.to_string());
                let outcome = waits.fail(&log, began, Failed::platform(failure));
                return Err(StartError::Function(Box::new(outcome)));
            }
            Err(error) => return Err(StartError::Platform(error.into())),
        };
        let beside = extensions::in_layers(spec.layers.as_deref());
        let sandbox = self.sandbox(spec, &launch, why, &stream, beside.is_empty()).await;
        let sandbox = sandbox.map_err(StartError::Platform)?;
        let boxed = began.elapsed();
        self.observer.started(spec, StartPhase::Sandbox, boxed);
        let (instance, started) = self.run(birth, sandbox, stream, &launch, beside);
        let failed = match tokio::time::timeout(waits.limit(), started).await {
            Ok(Ok(Started::Ready)) => {
                let took = began.elapsed();
                self.observer.started(spec, StartPhase::Init, took.saturating_sub(boxed));
                instance.log.platform([waits.init_report(took, None)]);
                return Ok((instance, took));
            }
            Err(_) if waits.may_try_again() => {
                let stream = instance.log.stream().to_owned();
                instance.kill().await;
                let failed = Some(("timeout", "Sandbox.Timedout"));
                instance.log.platform([waits.init_report(began.elapsed(), failed)]);
                return Err(StartError::TimedOut(stream));
            }
            Ok(Ok(Started::Failed { body, error_type })) => Failed::reported(body, error_type),
            Ok(_) => Failed::platform(instance.failure(&request_id, instance.exit())),
            Err(_) => Failed::platform(waits.timed_out(&request_id, self.clock.now())),
        };
        instance.kill().await;
        let outcome = waits.fail(&instance.log, began, failed);
        Err(StartError::Function(Box::new(outcome)))
    }

    async fn sandbox(
        &self,
        spec: &InstanceSpec,
        launch: &Launch,
        why: Initialization,
        stream: &str,
        is_alone: bool,
    ) -> Result<Box<dyn Sandbox>, InvokeError> {
        let credentials = self.credentials.issue(spec).await.map_err(InvokeError::Credentials)?;
        let sandbox = environment::sandbox(spec, launch, why, stream, &credentials, is_alone);
        Ok(self.sandboxes.create(sandbox).await?)
    }

    fn log(
        &self,
        spec: &InstanceSpec,
        stream: String,
        pipe: Option<tokio::net::unix::pipe::Receiver>,
    ) -> Arc<InstanceLog> {
        let (sink, clock) = (self.logs.clone(), self.clock.clone());
        let stream = LogStream {
            group: spec.log_group.clone(),
            name: stream,
            role: spec.role.clone(),
            function: spec.function_name.clone(),
        };
        Arc::new(InstanceLog::new(stream, spec.log_format, pipe, sink, clock))
    }

    /// Connects a running sandbox with its listeners and its log.
    fn run(
        &self,
        birth: Birth<'_>,
        mut sandbox: Box<dyn Sandbox>,
        stream: String,
        launch: &Launch,
        started_beside: Vec<String>,
    ) -> (Arc<Instance>, oneshot::Receiver<Started>) {
        let spec = birth.spec;
        let log = self.log(spec, stream, sandbox.output());
        log.begin(&PlatformEvent::InitStart { launch, why: birth.why() });
        let extensions = Arc::new(Extensions::new(started_beside, self.ids.clone()));
        let (exchange, started) = Exchange::new();
        let exchange = Arc::new(exchange);
        let mut tasks = vec![tokio::spawn(log.clone().follow()).abort_handle()];
        if let Some(listener) = sandbox.runtime_api() {
            let version = spec.key.version.clone();
            let about = About {
                function_name: spec.function_name.clone(),
                handler: spec.handler.clone(),
                account: spec.role.account().to_owned(),
            };
            let (exchange, log) = (exchange.clone(), log.clone());
            let api = Api { exchange, log, version, extensions: extensions.clone(), about };
            tasks.push(tokio::spawn(api::serve(listener, Arc::new(api))).abort_handle());
        }
        if let Some(listener) = sandbox.platform() {
            tasks.push(tokio::spawn(self.platform.serve(listener)).abort_handle());
        }
        if let Some(listener) = sandbox.platform_over_tls() {
            tasks.push(tokio::spawn(self.platform.serve_over_tls(listener)).abort_handle());
        }
        let memory = sandbox.memory_gauge();
        let (ended_sender, ended) = watch::channel(None);
        let kill = Arc::new(Notify::new());
        let watcher = Watcher {
            kill: kill.clone(),
            exchange: exchange.clone(),
            extensions: extensions.clone(),
            clock: self.clock.clone(),
            log: log.clone(),
            ended: ended_sender,
            tasks,
            on_end: birth.on_end,
        };
        let instance = Arc::new(Instance {
            id: birth.id,
            spec: spec.clone(),
            created: self.clock.now(),
            exchange,
            extensions,
            log,
            clock: self.clock.clone(),
            kill,
            doomed: AtomicBool::new(false),
            ended,
            memory,
        });
        // The sandbox may be dead already: its end is told only after its start.
        (birth.on_running)(&instance);
        tokio::spawn(watcher.watch(sandbox));
        (instance, started)
    }
}

/// Owns the sandbox, waits for its end and tells everyone.
struct Watcher {
    kill: Arc<Notify>,
    exchange: Arc<Exchange>,
    extensions: Arc<Extensions>,
    clock: SharedClock,
    log: Arc<InstanceLog>,
    ended: watch::Sender<Option<Exit>>,
    tasks: Vec<AbortHandle>,
    on_end: Box<dyn FnOnce() + Send>,
}

impl Watcher {
    async fn watch(self, mut sandbox: Box<dyn Sandbox>) {
        let ended_itself = tokio::select! {
            exit = sandbox.wait() => Some(exit),
            () = self.kill.notified() => None,
        };
        let exit = match ended_itself {
            Some(exit) => exit,
            None => {
                let patience = self.extensions.shut_down(self.clock.now());
                // It ends early where all of its processes do.
                let _ = tokio::time::timeout(patience, sandbox.wait()).await;
                sandbox.kill().await;
                sandbox.wait().await
            }
        };
        self.log.drain();
        self.exchange.end(exit);
        for task in &self.tasks {
            task.abort();
        }
        (self.on_end)();
        self.ended.send_replace(Some(exit));
    }
}

impl Failed {
    fn platform(failure: Failure) -> Self {
        Self {
            payload: failure.payload(),
            error: FunctionError { error_type: failure.error_type, reported: false },
            status: failure.status,
            line: Some(failure.line),
        }
    }

    fn reported(payload: Bytes, error_type: String) -> Self {
        let error = FunctionError { error_type, reported: true };
        Self { payload, error, status: "error", line: None }
    }

    fn outcome(self, report: Report, log_tail: Option<String>, log: &InstanceLog) -> Outcome {
        Outcome {
            payload: self.payload,
            content_type: Some("application/json".into()),
            error: Some(self.error),
            report,
            log_tail,
            log_stream: log.stream().to_owned(),
        }
    }
}

/// Who waits for a start.
struct Waits<'a> {
    spec: &'a InstanceSpec,
    invocation: Option<&'a Invocation>,
    why: Initialization,
    /// Whether it is the second start, as a part of the invocation.
    again: bool,
}

impl Waits<'_> {
    /// How long the start may take.
    fn limit(&self) -> Duration {
        if self.again { self.spec.timeout } else { self.spec.init_timeout }
    }

    /// Whether a start that took too long is done once more, with the time of the invocation that
    /// waits for it ("Lambda runtime environment lifecycle": the init phase).
    fn may_try_again(&self) -> bool {
        self.invocation.is_some() && !self.again
    }

    fn timed_out(&self, request_id: &str, now: Timestamp) -> Failure {
        if self.again {
            Failure::timed_out(request_id, now, self.spec.timeout)
        } else {
            Failure::start_timed_out(request_id, self.spec.init_timeout)
        }
    }

    fn init_report<'b>(&self, took: Duration, failed: PlatformFailed<'b>) -> PlatformEvent<'b> {
        PlatformEvent::InitReport { took, failed, why: self.why, again: self.again }
    }

    /// Writes a start that failed to the log, and what the invocation that waited for it gets.
    fn fail(&self, log: &InstanceLog, began: Instant, failed: Failed) -> Outcome {
        let init = began.elapsed();
        let report = Report {
            duration: if self.again { init } else { Duration::ZERO },
            billed: round_up(init),
            init: (!self.again).then_some(init),
            memory_mib: self.spec.memory_mib,
            max_memory_mib: None,
        };
        let why = Some((failed.status, failed.error.error_type.as_str()));
        let fault = failed.line.as_deref().map(|line| PlatformEvent::Fault { line });
        let first = self.init_report(init, why);
        let Some(invocation) = self.invocation else {
            log.platform([first].into_iter().chain(fault));
            return failed.outcome(report, None, log);
        };
        let (request_id, version) = (&*invocation.request_id, &*self.spec.key.version);
        let first = [first, PlatformEvent::Start { request_id, version }];
        let last = [
            PlatformEvent::RuntimeDone { request_id, report: &report, failed: why },
            PlatformEvent::Report { request_id, report: &report, failed: why, reported: false },
        ];
        log.platform(first.into_iter().chain(fault).chain(last));
        let tail = if invocation.tail { log.take_tail() } else { None };
        failed.outcome(report, tail, log)
    }
}
