//! An isolation engine whose sandboxes are tasks, and the other ports.

use crate::client::Client;
use clock::{Ids, ManualClock};
use futures_util::future::BoxFuture;
use runtime::{
    Credentials, InstanceKey, InstanceSpec, Interpreters, Invocation, InvokeError, Launch,
    LaunchError, LogFormat, LogSink, LogStream, Observer, Outcome, Platform, Pools, PoolsConfig,
    Ports, Share, StartPhase,
    sandbox::{
        Exit, ExitCause, Isolation, IsolationLevel, MemoryGauge, Sandbox, SandboxError,
        SandboxSpec, Sandboxes,
    },
};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, unix::pipe},
    sync::watch,
    task::AbortHandle,
};
use types::{Secret, Timestamp};

/// What a fake runtime is given.
pub(crate) struct Inside {
    pub(crate) api: SocketAddr,
    pub(crate) output: pipe::Sender,
    pub(crate) spec: SandboxSpec,
    /// Which sandbox of this engine it is, from 0.
    pub(crate) number: usize,
}

impl Inside {
    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.api).await
    }

    pub(crate) async fn print(&mut self, text: &str) {
        self.output.write_all(text.as_bytes()).await.unwrap();
    }
}

type Program = Arc<dyn Fn(Inside) -> BoxFuture<'static, Exit> + Send + Sync>;

pub(crate) struct Fake {
    program: Program,
    isolation: Isolation,
    /// How each sandbox ends, in the order of their creation.
    pub(crate) sandboxes: Mutex<Vec<(watch::Sender<Option<Exit>>, AbortHandle)>>,
    pub(crate) lines: Mutex<Vec<(String, String)>>,
    /// What the observer was told.
    pub(crate) observed: Mutex<Vec<String>>,
}

impl Fake {
    pub(crate) fn created(&self) -> usize {
        self.sandboxes.lock().unwrap().len()
    }

    /// Ends a sandbox from outside, as the kernel does.
    pub(crate) fn end(&self, number: usize, exit: Exit) {
        let sandboxes = self.sandboxes.lock().unwrap();
        sandboxes[number].1.abort();
        sandboxes[number].0.send_replace(Some(exit));
    }

    pub(crate) fn has_ended(&self, number: usize) -> bool {
        self.sandboxes.lock().unwrap()[number].0.borrow().is_some()
    }

    /// Waits until a sandbox has ended.
    pub(crate) async fn ended(&self, number: usize) {
        let mut ended = self.sandboxes.lock().unwrap()[number].0.subscribe();
        ended.wait_for(Option::is_some).await.unwrap();
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.lines.lock().unwrap().iter().map(|(_, line)| line.clone()).collect()
    }
}

pub(crate) const fn code(code: i32) -> Exit {
    Exit { cause: ExitCause::Code(code), out_of_memory: false }
}

pub(crate) const KILLED: Exit = Exit { cause: ExitCause::Signal(9), out_of_memory: false };

impl Sandboxes for Fake {
    fn create(&self, spec: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        Box::pin(async move {
            if spec.name == "unsandboxable" {
                let (name, remedy) = ("user namespaces".into(), "sysctl x=1".into());
                return Err(SandboxError::Missing { name, remedy });
            }
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let (output, reader) = pipe::pipe().unwrap();
            let (ended, receiver) = watch::channel(None);
            let mut sandboxes = self.sandboxes.lock().unwrap();
            let number = sandboxes.len();
            let inside = Inside { api: listener.local_addr().unwrap(), output, spec, number };
            let running = (self.program)(inside);
            let sender = ended.clone();
            let task = tokio::spawn(async move {
                let exit = running.await;
                sender.send_replace(Some(exit));
            });
            sandboxes.push((ended.clone(), task.abort_handle()));
            let task = task.abort_handle();
            let (listener, reader) = (Some(listener), Some(reader));
            Ok(Box::new(FakeSandbox { listener, reader, ended, receiver, task })
                as Box<dyn Sandbox>)
        })
    }

    fn isolation(&self) -> &Isolation {
        &self.isolation
    }
}

struct FakeSandbox {
    listener: Option<TcpListener>,
    reader: Option<pipe::Receiver>,
    ended: watch::Sender<Option<Exit>>,
    receiver: watch::Receiver<Option<Exit>>,
    task: AbortHandle,
}

impl Sandbox for FakeSandbox {
    fn runtime_api(&mut self) -> Option<TcpListener> {
        self.listener.take()
    }

    fn platform(&mut self) -> Option<TcpListener> {
        None
    }

    fn output(&mut self) -> Option<pipe::Receiver> {
        self.reader.take()
    }

    fn memory_gauge(&mut self) -> Option<MemoryGauge> {
        Some(Box::new(|| Some(20 * 1024 * 1024 + 1)))
    }

    fn wait(&mut self) -> BoxFuture<'_, Exit> {
        Box::pin(async { self.receiver.wait_for(Option::is_some).await.unwrap().unwrap() })
    }

    fn kill(&mut self) -> BoxFuture<'_, ()> {
        self.task.abort();
        self.ended.send_if_modified(|ended| ended.is_none() && ended.replace(KILLED).is_none());
        Box::pin(async {})
    }
}

impl Drop for FakeSandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl LogSink for Fake {
    fn write(&self, stream: &LogStream, lines: Vec<(Timestamp, String)>) {
        let lines = lines.into_iter().map(|(_, line)| (stream.name.clone(), line));
        self.lines.lock().unwrap().extend(lines);
    }
}

impl Observer for Fake {
    fn invoked(&self, spec: &InstanceSpec, result: &Result<Outcome, InvokeError>) {
        let result = match result {
            Ok(outcome) if outcome.error.is_none() => "well",
            Ok(_) => "failed",
            Err(_) => "refused",
        };
        self.observed.lock().unwrap().push(format!("{} {result}", spec.function_name));
    }

    fn provisioned(&self, _: &InstanceSpec, found: bool) {
        let text = if found { "found" } else { "spilled over" };
        self.observed.lock().unwrap().push(text.to_owned());
    }

    fn started(&self, _: &InstanceSpec, phase: StartPhase, _: Duration) {
        self.observed.lock().unwrap().push(format!("{phase:?}"));
    }
}

struct Others;

impl Interpreters for Others {
    fn resolve(&self, spec: &InstanceSpec) -> Result<Launch, LaunchError> {
        match spec.runtime.as_str() {
            "provided.al2023" => Ok(Launch {
                argv: vec!["/var/task/bootstrap".into()],
                mounts: Vec::new(),
                env: vec![("LANG".into(), "from the runtime".into())],
                version: "provided:al2023".into(),
                zygote: None,
                parked: None,
                substitution: None,
            }),
            "empty" => Err(LaunchError::InvalidEntrypoint(vec!["/var/task/bootstrap".into()])),
            other => Err(LaunchError::Unknown(other.into())),
        }
    }
}

impl Credentials for Others {
    fn issue<'a>(
        &'a self,
        _: &'a InstanceSpec,
    ) -> BoxFuture<'a, Result<Vec<(String, Secret)>, String>> {
        Box::pin(async { Ok(vec![("AWS_ACCESS_KEY_ID".into(), Secret::new("ASIA1"))]) })
    }
}

impl Platform for Others {
    fn serve(&self, _: TcpListener) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// A platform whose sandboxes run `program`.
pub(crate) struct World {
    pub(crate) pools: Pools,
    pub(crate) fake: Arc<Fake>,
    pub(crate) clock: ManualClock,
}

pub(crate) fn world<F, Fut>(config: PoolsConfig, program: F) -> World
where
    F: Fn(Inside) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Exit> + Send + 'static,
{
    let fake = Arc::new(Fake {
        program: Arc::new(move |inside| Box::pin(program(inside))),
        isolation: Isolation { level: IsolationLevel::Full, parts: Vec::new() },
        sandboxes: Mutex::default(),
        lines: Mutex::default(),
        observed: Mutex::default(),
    });
    let clock = ManualClock::new(Timestamp::from_secs(1_700_000_000));
    let ports = Ports {
        sandboxes: fake.clone(),
        interpreters: Arc::new(Others),
        credentials: Arc::new(Others),
        platform: Arc::new(Others),
        logs: fake.clone(),
        observer: fake.clone(),
        clock: Arc::new(clock.clone()),
        ids: Arc::new(Ids::from_seed(1)),
    };
    World { pools: Pools::new(ports, config), fake, clock }
}

/// A program that answers every event with itself.
pub(crate) async fn echo(inside: Inside) -> Exit {
    let mut client = inside.client().await;
    loop {
        let event = client.next().await;
        client.respond(&event.id(), event.body.as_bytes()).await;
    }
}

pub(crate) fn spec(revision: &str) -> InstanceSpec {
    InstanceSpec {
        key: InstanceKey {
            function_arn: "arn:aws:lambda:eu-west-1:000000000000:function:f".into(),
            version: "$LATEST".into(),
            revision: revision.into(),
        },
        function_name: "f".into(),
        runtime: "provided.al2023".into(),
        handler: "app.handler".into(),
        environment: vec![("TABLE".into(), Secret::new("users"))],
        code: "/nowhere".into(),
        layers: None,
        memory_mib: 128,
        tmp_mib: 512,
        cpu_millis: None,
        timeout: Duration::from_secs(3),
        init_timeout: Duration::from_secs(10),
        region: "eu-west-1".into(),
        role: "arn:aws:iam::000000000000:role/r".parse().unwrap(),
        log_group: "/aws/lambda/f".into(),
        log_format: LogFormat::Text,
    }
}

pub(crate) fn invocation(id: &str, payload: &str) -> Invocation {
    Invocation {
        request_id: id.into(),
        payload: payload.to_owned().into(),
        invoked_arn: "arn:aws:lambda:eu-west-1:000000000000:function:f".into(),
        trace_id: Some("Root=1-5759e988-bd862e3fe1be46a994272793".into()),
        client_context: None,
        cognito_identity: None,
        tail: true,
        share: Share::Common(1_000),
        sink: None,
    }
}
