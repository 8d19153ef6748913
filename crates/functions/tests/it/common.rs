//! What these tests share: the service with sandboxes that are tasks of the test, and a queue
//! service of one operation.

use blob::Blobs;
use bytes::Bytes;
use clock::Ids;
use functions::{Functions, Parts};
use futures_util::future::BoxFuture;
use kv::{Scan, Transaction};
use runtime::{
    InstanceSpec, Interpreters, Launch, LaunchError, LogSink, PoolsConfig,
    sandbox::{
        Exit, Isolation, IsolationLevel, MemoryGauge, Sandbox, SandboxError, SandboxSpec, Sandboxes,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{
    Attempted, Caller, Calls, Context, Definition, Fault, Operation, Permission,
    delivery::{self, Delivery},
};
use std::{
    io::{Cursor, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use testkit::{ACCOUNT, Bed, Reply, TestIdentities};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, unix::pipe},
    task::AbortHandle,
};
use types::Timestamp;

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/worker";
pub(crate) const QUEUE: &str = "arn:aws:sqs:eu-central-1:000000000000:jobs";
pub(crate) const LAYER: &str = "arn:aws:lambda:eu-central-1:000000000000:layer:tools";
pub(crate) const FUNCTION: &str = "arn:aws:lambda:eu-central-1:000000000000:function:f";

/// A platform with functions.
pub(crate) struct World {
    pub(crate) bed: Bed,
    pub(crate) functions: Arc<Functions>,
    _data: tempfile::TempDir,
}

impl World {
    pub(crate) fn new(engine: Arc<dyn kv::Engine>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let identities = Arc::new(TestIdentities::default());
        let mut made = None;
        let bed = Bed::with_identities(engine, |platform| {
            let functions = service(platform, data.path());
            let definitions = vec![functions::definition(&functions), queues()];
            made = Some(functions);
            (definitions, identities.clone())
        });
        let bed = Bed { identities, ..bed };
        Self { bed, functions: made.unwrap(), _data: data }
    }

    /// The services of a platform that stores no code.
    pub(crate) fn definitions(platform: &Arc<service::Platform>) -> Vec<Definition> {
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("functions");
        vec![functions::definition(&service(platform, &data))]
    }

    /// A platform in memory.
    pub(crate) fn in_memory() -> Self {
        Self::new(Arc::new(kv_memory::MemoryEngine::new()))
    }

    /// Calls an operation as the account's root.
    pub(crate) async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        let root = Caller::root(ACCOUNT.parse().unwrap());
        self.bed.dispatcher.call(&root, "lambda", operation, input).await
    }

    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input.clone()).await;
        answer.unwrap_or_else(|fault| panic!("{operation} {input}: {fault}"))
    }

    /// Code and message.
    pub(crate) async fn fault(&self, operation: &str, input: Value) -> (String, String) {
        let fault = self.call(operation, input).await.unwrap_err();
        (fault.code().to_owned(), fault.message().to_owned())
    }

    /// The function `f`.
    pub(crate) async fn create(&self) -> Value {
        self.ok("CreateFunction", function()).await
    }

    /// Invokes `f` over the wire.
    pub(crate) async fn invoke(&self, kind: &str, payload: &Value) -> Reply {
        let request = http::Request::post("/2015-03-31/functions/f/invocations")
            .header("X-Amz-Invocation-Type", kind)
            .header("X-Amz-Log-Type", "Tail");
        self.bed.root().send("lambda", request, payload.to_string().into()).await
    }

    /// Invokes a version or alias of `f` over the wire.
    pub(crate) async fn invoke_qualified(&self, qualifier: &str, payload: &Value) -> Reply {
        let path = format!("/2015-03-31/functions/f/invocations?Qualifier={qualifier}");
        let request = http::Request::post(path);
        self.bed.root().send("lambda", request, payload.to_string().into()).await
    }

    /// The deliveries that wait.
    pub(crate) async fn waiting(&self) -> Vec<Delivery> {
        let platform = &self.bed.platform;
        let range = delivery::all(&platform.account, &platform.region);
        let entries = platform.store.begin().scan(&range, Scan::first(100)).await.unwrap();
        entries.iter().map(|entry| kv::decode_record(&entry.value).unwrap()).collect()
    }

    /// Tries a delivery to a function, as the router does.
    pub(crate) async fn attempt(&self, delivery: &Delivery) -> Attempted {
        self.try_attempt(delivery).await.unwrap()
    }

    pub(crate) async fn try_attempt(&self, delivery: &Delivery) -> Result<Attempted, Fault> {
        let target = self.bed.platform.external_target("lambda").unwrap();
        target.attempt(delivery).await
    }
}

fn service(platform: &Arc<service::Platform>, data: &Path) -> Arc<Functions> {
    let blobs = data.join("blobs");
    let parts = Parts {
        platform: platform.clone(),
        blobs: Blobs::local(platform.store.clone(), service::tag::BLOB, &blobs).unwrap(),
        data: data.to_owned(),
        master_key: [7; 32],
        sandboxes: Arc::new(Tasks),
        interpreters: Arc::new(Programs),
        endpoint: Arc::new(Programs),
        logs: Arc::new(Programs),
        pools: PoolsConfig::default(),
        ids: Arc::new(Ids::from_seed(3)),
    };
    Functions::new(parts).unwrap()
}

/// The version that an invocation ran.
pub(crate) fn ran(reply: &Reply) -> &str {
    reply.headers["x-amz-executed-version"].to_str().unwrap()
}

/// Runs a test on every engine.
pub(crate) async fn everywhere(test: impl AsyncFn(World)) {
    testkit::with_every_engine(async |engine| test(World::new(engine)).await).await;
}

/// The input that creates `f`.
pub(crate) fn function() -> Value {
    json!({
        "FunctionName": "f",
        "Runtime": "python3.12",
        "Role": ROLE,
        "Handler": "index.handler",
        "Code": {"ZipFile": base64(&zip("index.py", "one"))},
    })
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    serde_json::to_value(service::Base64(Bytes::copy_from_slice(bytes)))
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

pub(crate) fn zip(name: &str, text: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// Sandboxes without walls: a task that speaks the Runtime API.
struct Tasks;

impl Sandboxes for Tasks {
    fn create(&self, spec: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        Box::pin(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let (output, reader) = pipe::pipe().unwrap();
            let api = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let task = tokio::spawn(program(api, output, spec)).abort_handle();
            let sandbox = Task { listener: Some(listener), reader: Some(reader), task };
            Ok(Box::new(sandbox) as Box<dyn Sandbox>)
        })
    }

    fn isolation(&self) -> &Isolation {
        static ISOLATION: Isolation = Isolation { level: IsolationLevel::Full, parts: Vec::new() };
        &ISOLATION
    }
}

struct Task {
    listener: Option<TcpListener>,
    reader: Option<pipe::Receiver>,
    task: AbortHandle,
}

impl Sandbox for Task {
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
        None
    }

    fn wait(&mut self) -> BoxFuture<'_, Exit> {
        Box::pin(std::future::pending())
    }

    fn kill(&mut self) -> BoxFuture<'_, ()> {
        self.task.abort();
        Box::pin(async {})
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How long all events together lasted that say so, in seconds.
pub(crate) static LASTED: AtomicU64 = AtomicU64::new(0);

/// What the function does is in its event, or in the body of a URL's event: `{"fail": text}`,
/// `{"reply": json}`, `{"environment": name}`, `{"code": name}`, `{"layer": name}`,
/// `{"lasts": seconds}`; anything else is echoed. `{"stream": texts}` is a streamed response, which
/// `"type": name` gives a media type and `"fail": text` lets fail at its end.
async fn program(mut api: TcpStream, mut output: pipe::Sender, spec: SandboxSpec) -> Exit {
    loop {
        let (id, body) = request(&mut api, "GET", "invocation/next", b"").await;
        output.write_all(b"at work\n").await.unwrap();
        let event: Value = serde_json::from_slice(&body).unwrap();
        let order = match event["body"].as_str() {
            Some(body) => serde_json::from_str(body).unwrap_or_default(),
            None => event.clone(),
        };
        if let Some(pieces) = order["stream"].as_array() {
            stream(&mut api, &id, &order, pieces).await;
            continue;
        }
        let (path, answer) = if let Some(text) = order["fail"].as_str() {
            ("error", json!({"errorMessage": text, "errorType": "Failure"}))
        } else if let Some(reply) = order.get("reply") {
            ("response", reply.clone())
        } else if let Some(seconds) = order["lasts"].as_u64() {
            ("response", json!(LASTED.fetch_add(seconds, Ordering::Relaxed) + seconds))
        } else if let Some(name) = order["environment"].as_str() {
            let value = spec.env.iter().find(|(key, _)| key == name);
            ("response", json!(value.map(|(_, value)| value)))
        } else if let Some(name) = order["code"].as_str() {
            let code = spec.mounts.iter().find(|mount| mount.target == "/var/task").unwrap();
            ("response", json!(std::fs::read_to_string(code.source.join(name)).unwrap()))
        } else if let Some(name) = order["layer"].as_str() {
            let layers = spec.mounts.iter().find(|mount| mount.target == "/opt").unwrap();
            ("response", json!(std::fs::read_to_string(layers.source.join(name)).unwrap()))
        } else {
            ("response", event)
        };
        let path = format!("invocation/{id}/{path}");
        request(&mut api, "POST", &path, answer.to_string().as_bytes()).await;
    }
}

/// One exchange with the Runtime API: the request id that it names, and the body.
async fn request(api: &mut TcpStream, method: &str, path: &str, body: &[u8]) -> (String, Vec<u8>) {
    let length = body.len();
    let head = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    );
    api.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    reply(api).await
}

/// Streams a response in chunks.
async fn stream(api: &mut TcpStream, id: &str, order: &Value, pieces: &[Value]) {
    let media = order["type"].as_str().unwrap_or("text/plain");
    let mut request = format!(
        "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: x\r\n\
         Content-Type: {media}\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n\
         Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    for piece in pieces.iter().map(|piece| piece.as_str().unwrap()) {
        request += &format!("{:x}\r\n{piece}\r\n", piece.len());
    }
    request += "0\r\n";
    if let Some(text) = order["fail"].as_str() {
        let error = json!({"errorMessage": text, "errorType": "Failure"}).to_string();
        let error = base64(error.as_bytes());
        request += "Lambda-Runtime-Function-Error-Type: Failure\r\n";
        request += &format!("Lambda-Runtime-Function-Error-Body: {error}\r\n");
    }
    api.write_all(format!("{request}\r\n").as_bytes()).await.unwrap();
    reply(api).await;
}

async fn reply(api: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(api.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let mut body = vec![0; header("content-length:").unwrap().parse().unwrap()];
    api.read_exact(&mut body).await.unwrap();
    (header("lambda-runtime-aws-request-id:").unwrap_or_default().to_owned(), body)
}

struct Programs;

impl Interpreters for Programs {
    fn resolve(&self, spec: &InstanceSpec) -> Result<Launch, LaunchError> {
        if spec.runtime == "python3.15" {
            let remedy = "pileus runtimes install".to_owned();
            return Err(LaunchError::NotInstalled { runtime: spec.runtime.clone(), remedy });
        }
        Ok(Launch {
            argv: vec!["/program".to_owned()],
            mounts: Vec::new(),
            env: Vec::new(),
            version: "test:1".to_owned(),
            zygote: None,
            parked: None,
            substitution: None,
        })
    }
}

impl runtime::Platform for Programs {
    fn serve(&self, _: TcpListener) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

impl LogSink for Programs {
    fn write(&self, _: &runtime::LogStream, _: Vec<(Timestamp, String)>) {}
}

const QUEUES_MODEL: &str = r#"{
    "metadata": {"apiVersion": "2012-11-05", "protocol": "json", "jsonVersion": "1.0",
        "targetPrefix": "AmazonSQS"},
    "operations": {"GetQueueAttributes": {"http": {"method": "POST", "requestUri": "/"},
        "input": {"shape": "In"}, "output": {"shape": "Out"}}},
    "shapes": {
        "In": {"type": "structure", "members": {
            "QueueUrl": {"shape": "Text"}, "AttributeNames": {"shape": "Texts"}}},
        "Out": {"type": "structure", "members": {"Attributes": {"shape": "Map"}}},
        "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        "Texts": {"type": "list", "member": {"shape": "Text"}},
        "Text": {"type": "string"}}}"#;

/// A queue service that knows one queue, `jobs`, which hides messages for 30 seconds.
fn queues() -> Definition {
    let operations = vec![service::transactional::<GetQueueAttributes>(&Arc::new(()))];
    Definition::new("sqs", QUEUES_MODEL, operations)
}

struct GetQueueAttributes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    queue_url: String,
    #[serde(rename = "AttributeNames")]
    _attribute_names: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    attributes: Value,
}

impl Operation for GetQueueAttributes {
    type Service = ();
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetQueueAttributes";

    async fn permissions(
        _: &(),
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![Permission::new("sqs:GetQueueAttributes", QUEUE)])
    }

    async fn run(_: &(), _: &Context, _: &mut Transaction, input: &Input) -> Result<Output, Fault> {
        if !["/jobs", "/jobs.fifo"].iter().any(|name| input.queue_url.ends_with(name)) {
            return Err(Fault::sender("QueueDoesNotExist", "The specified queue does not exist."));
        }
        Ok(Output { attributes: json!({"VisibilityTimeout": "30"}) })
    }
}
