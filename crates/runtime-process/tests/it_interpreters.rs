//! Real functions in real sandboxes: what is installed starts, and behaves as on Lambda.
//!
//! The runtimes are installed once, into `target/tools/runtimes` or `$PILEUS_TEST_TOOLS/runtimes`.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use clock::{Ids, SystemClock};
use futures_util::future::BoxFuture;
use runtime::{
    Credentials, INIT_TIMEOUT, InstanceKey, InstanceSpec, Invocation, InvokeError, LogFormat,
    LogLevel, LogSink, LogStream, Observer, Outcome, Piece, Platform, Pools, PoolsConfig, Ports,
    Response, StartPhase,
};
use runtime_process::{
    ProcessSandboxes, Settings,
    interpreters::{Installed, Progress, Selection, install},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;
use types::{Secret, Timestamp};

struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str) {}
    fn done(&self, _: &str, _: bool) {}
}

/// The shared folder of runtimes, filled. Its lock makes parallel tests share one installation.
fn runtimes() -> PathBuf {
    let tools = option_env!("PILEUS_TEST_TOOLS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools"),
        PathBuf::from,
    );
    let folder = tools.join("runtimes");
    let mut selection = Selection::everything(None);
    selection.nodes = vec![22];
    install(&folder, &selection, &Silent).unwrap();
    folder.canonicalize().unwrap()
}

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl LogSink for Lines {
    fn write(&self, _: &LogStream, lines: Vec<(Timestamp, String)>) {
        self.0.lock().unwrap().extend(lines.into_iter().map(|(_, line)| line));
    }
}

struct Others;

impl Credentials for Others {
    fn issue<'a>(
        &'a self,
        _: &'a InstanceSpec,
    ) -> BoxFuture<'a, Result<Vec<(String, Secret)>, String>> {
        let pair = |name: &str, value: &str| (name.to_owned(), Secret::new(value));
        let all = vec![
            pair("AWS_ACCESS_KEY_ID", "ASIATEST"),
            pair("AWS_SECRET_ACCESS_KEY", "secret"),
            pair("AWS_ENDPOINT_URL", "http://pileus.example:4566"),
        ];
        Box::pin(async { Ok(all) })
    }
}

impl Observer for Others {
    fn invoked(&self, _: &InstanceSpec, _: &Result<Outcome, InvokeError>) {}
    fn provisioned(&self, _: &InstanceSpec, _: bool) {}
    fn started(&self, _: &InstanceSpec, _: StartPhase, _: Duration) {}
}

impl Platform for Others {
    fn serve(&self, _: TcpListener) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// Pools over the real engine, and a function's code.
struct World {
    pools: Pools,
    lines: Arc<Lines>,
    code: tempfile::TempDir,
    spec: InstanceSpec,
}

impl World {
    async fn new(runtime: &str, file: &str, code: &str) -> Self {
        let runtimes = tokio::task::spawn_blocking(runtimes).await.unwrap();
        let platform = runtime_process::Platform { host: "pileus.example".to_owned(), port: 4566 };
        let helper = env!("CARGO_BIN_EXE_sandbox-probe").into();
        let settings = Settings { helper, ..Settings::new(platform) };
        let lines = Arc::new(Lines::default());
        let ports = Ports {
            sandboxes: Arc::new(ProcessSandboxes::start(settings).await.unwrap()),
            interpreters: Arc::new(Installed::new(runtimes)),
            credentials: Arc::new(Others),
            platform: Arc::new(Others),
            logs: lines.clone(),
            observer: Arc::new(Others),
            clock: Arc::new(SystemClock::starting_at(Timestamp::default())),
            ids: Arc::new(Ids::from_seed(1)),
        };
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), 0o755);
        fs::write(folder.path().join(file), code).unwrap();
        open(&folder.path().join(file), 0o755);
        let spec = InstanceSpec {
            key: InstanceKey {
                function_arn: "arn:aws:lambda:eu-west-1:000000000000:function:hello".into(),
                version: "$LATEST".into(),
                revision: "1".into(),
            },
            function_name: "hello".into(),
            runtime: runtime.into(),
            handler: "app.handler".into(),
            environment: vec![("GREETING".into(), Secret::new("hallo"))],
            code: folder.path().into(),
            layers: None,
            memory_mib: 512,
            tmp_mib: 64,
            cpu_millis: None,
            timeout: Duration::from_secs(30),
            init_timeout: INIT_TIMEOUT * 3,
            region: "eu-west-1".into(),
            role: "arn:aws:iam::000000000000:role/r".parse().unwrap(),
            log_group: "/aws/lambda/hello".into(),
            log_format: LogFormat::Text,
        };
        let pools = Pools::new(ports, PoolsConfig::default());
        Self { pools, lines, code: folder, spec }
    }

    async fn invoke(&self, payload: &str) -> Outcome {
        let invocation = Self::invocation(payload);
        self.pools.invoke(Arc::new(self.spec.clone()), invocation).await.unwrap()
    }

    /// Media type and bytes of a response that is streamed, and how it ended.
    async fn stream(&self, payload: &str) -> (String, Vec<u8>, Outcome) {
        let invocation = Self::invocation(payload);
        let answer = self.pools.stream(Arc::new(self.spec.clone()), invocation).await.unwrap();
        let mut stream = match answer {
            Response::Stream(stream) => stream,
            Response::Whole(outcome) => panic!("{outcome:?} {:#?}", self.log()),
        };
        let media_type = stream.content_type().unwrap_or_default().to_owned();
        let mut all = Vec::new();
        loop {
            match stream.next().await {
                Piece::Data(bytes, rest) => {
                    all.extend_from_slice(&bytes);
                    stream = rest;
                }
                Piece::End(outcome) => return (media_type, all, *outcome.unwrap()),
            }
        }
    }

    fn invocation(payload: &str) -> Invocation {
        Invocation {
            request_id: "8476a536-e9f4-11e8-9739-2dfe598c3fcd".into(),
            payload: payload.to_owned().into(),
            invoked_arn: "arn:aws:lambda:eu-west-1:000000000000:function:hello".into(),
            trace_id: Some("Root=1-5759e988-bd862e3fe1be46a994272793".into()),
            client_context: Some(r#"{"custom":{"name":"Zoë"}}"#.into()),
            cognito_identity: None,
            tail: true,
            share: runtime::Share::Common(1_000),
            sink: None,
        }
    }

    /// The result of a call that must succeed.
    async fn result(&self, payload: &str) -> Value {
        let outcome = self.invoke(payload).await;
        assert_eq!(outcome.error, None, "{:?} {:#?}", outcome.payload, self.log());
        serde_json::from_slice(&outcome.payload).unwrap()
    }

    fn log(&self) -> Vec<String> {
        self.lines.0.lock().unwrap().clone()
    }
}

fn open(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

const PYTHON: &str = r#"
import os, sys, boto3
print("loaded")
client = boto3.client("sqs")

def handler(event, context):
    print("working")
    if event.get("fail"):
        raise ValueError("no")
    return {
        "event": event,
        "id": context.aws_request_id,
        "left": context.get_remaining_time_in_millis(),
        "name": context.client_context.custom["name"],
        "greeting": os.environ["GREETING"],
        "endpoint": client.meta.endpoint_url,
        "path": sys.path[0],
        "boto3": boto3.__file__,
        "environment": os.environ["AWS_EXECUTION_ENV"],
    }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_python_function_finds_what_lambda_gives_it() {
    let world = World::new("python3.11", "app.py", PYTHON).await;
    let result = world.result(r#"{"a":[1,"ü"]}"#).await;
    assert_eq!(result["event"], serde_json::json!({"a": [1, "ü"]}));
    assert_eq!(result["id"], "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
    assert!((1..=30_000).contains(&result["left"].as_u64().unwrap()));
    assert_eq!(result["name"], "Zoë");
    assert_eq!(result["greeting"], "hallo");
    assert_eq!(result["endpoint"], "http://pileus.example:4566");
    assert_eq!(result["path"], "/var/task");
    assert_eq!(result["environment"], "AWS_Lambda_python3.11");
    assert!(result["boto3"].as_str().unwrap().starts_with("/var/runtime/python-sdk/"));
    let log = world.log();
    assert_eq!(log[1], "loaded");
    assert_eq!(log[3], "working");
    assert!(log[5].contains("Max Memory Used: "), "{}", log[5]);
    let failed = world.invoke(r#"{"fail":true}"#).await;
    assert_eq!(failed.error.unwrap().error_type, "ValueError");
    let payload: Value = serde_json::from_slice(&failed.payload).unwrap();
    assert_eq!(
        (&payload["errorMessage"], &payload["errorType"]),
        (&"no".into(), &"ValueError".into())
    );
    assert!(failed.log_tail.unwrap().contains("[ERROR] ValueError: no\nTraceback"));
    world.pools.shutdown().await;
}

/// What comes before a zygote waits for work, and then clients as a function makes them.
const CLIENTS: &str = r#"
import sys
text, _, _ = open(sys.argv[1]).read().partition("\npreload()\n")
exec(compile(text, "zygote", "exec"))
sys.path.append(sys.argv[2])
preload_sdk()
opened = []
sys.addaudithook(lambda event, details: event == "open" and opened.append(str(details[0])))
keys = {"region_name": "eu-west-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
for service in ("dynamodb", "polly"):
    boto3 = __import__("boto3")
    assert boto3.session.Session(**keys).client(service).meta.service_model.service_name == service
    print(sorted(name.split("/")[-3] for name in opened if "service-2" in name))
"#;

#[test]
fn a_fork_of_a_zygote_reads_no_model_of_a_service_that_many_use() {
    let installed = fs::read_dir(runtimes()).unwrap().map(|entry| entry.unwrap().path());
    let sdk = installed.map(|path| path.join("python-sdk")).find(|path| path.is_dir()).unwrap();
    let zygote = concat!(env!("CARGO_MANIFEST_DIR"), "/src/interpreters/inside/zygote.py");
    let mut python = Command::new("/usr/bin/python3");
    let ran = python.args(["-S", "-B", "-c", CLIENTS, zygote]).arg(sdk).output().unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "[]\n['polly']\n", "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn python_code_that_cannot_be_imported_says_so_at_once() {
    let world = World::new("python3.11", "app.py", "import nowhere").await;
    let outcome = world.invoke("{}").await;
    let payload: Value = serde_json::from_slice(&outcome.payload).unwrap();
    assert_eq!(payload["errorType"], "Runtime.ImportModuleError");
    assert_eq!(payload["errorMessage"], "Unable to import module 'app': No module named 'nowhere'");
    world.pools.shutdown().await;
}

const NODE: &str = r#"
import { SQSClient } from "@aws-sdk/client-sqs";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const { DynamoDBDocumentClient } = createRequire(import.meta.url)("@aws-sdk/lib-dynamodb");
console.log("loaded");
export const handler = async (event, context) => {
  console.log("working", event);
  if (event.fail) throw new RangeError("no");
  return {
    event,
    id: context.awsRequestId,
    left: context.getRemainingTimeInMillis(),
    name: context.clientContext.custom.name,
    greeting: process.env.GREETING,
    sdk: [typeof SQSClient, typeof DynamoDBDocumentClient],
    version: process.versions.node,
    arguments: process.argv,
    isParked: readFileSync("/proc/self/cmdline", "latin1").includes("parked"),
  };
};
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_module_finds_what_lambda_gives_it() {
    for runtime in ["nodejs22.x", "nodejs24.x", "nodejs20.x"] {
        let world = World::new(runtime, "app.mjs", NODE).await;
        let result = world.result(r#"{"a":[1,"ü"]}"#).await;
        assert_eq!(result["event"], serde_json::json!({"a": [1, "ü"]}));
        assert_eq!(result["id"], "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
        assert!((1..=30_000).contains(&result["left"].as_u64().unwrap()));
        assert_eq!(result["name"], "Zoë");
        assert_eq!(result["greeting"], "hallo");
        assert_eq!(result["sdk"], serde_json::json!(["function", "function"]));
        let log = world.log();
        assert!(log[1].ends_with("\tINFO\tloaded"), "{}", log[1]);
        assert!(log[3].contains("\tINFO\tworking { a: [ 1, 'ü' ] }"), "{}", log[3]);
        let failed = world.invoke(r#"{"fail":true}"#).await;
        let payload: Value = serde_json::from_slice(&failed.payload).unwrap();
        assert_eq!(payload["errorType"], "RangeError");
        assert_eq!(payload["errorMessage"], "no");
        world.pools.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn later_starts_of_node_are_served_by_what_was_started_ahead_of_them() {
    for runtime in ["nodejs22.x", "nodejs24.x", "nodejs20.x"] {
        let mut world = World::new(runtime, "app.mjs", NODE).await;
        let first = world.result("{}").await;
        assert_eq!(first["isParked"], false);
        let mut later = first.clone();
        while later["isParked"] != true {
            world.spec.key.revision.push('1');
            later = world.result("{}").await;
        }
        for fact in ["name", "greeting", "sdk", "version", "arguments"] {
            assert_eq!(later[fact], first[fact], "{fact}");
        }
        let log = world.log();
        assert!(!log.iter().any(|line| line.contains("rror")), "{log:#?}");
        let failed = world.invoke(r#"{"fail":true}"#).await;
        assert_eq!(failed.error.unwrap().error_type, "RangeError");
        world.pools.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_of_python_and_node_log_json_from_their_level_on() {
    let python = "import logging\n\
                  def handler(event, context):\n    \
                  logging.getLogger().info('low')\n    \
                  logging.getLogger().warning('high')\n";
    let node = "export const handler = async () => {\
                console.info('low'); console.warn('high'); };";
    for (runtime, file, code, level) in
        [("python3.11", "app.py", python, "WARNING"), ("nodejs22.x", "app.mjs", node, "WARN")]
    {
        let mut world = World::new(runtime, file, code).await;
        world.spec.log_format =
            LogFormat::Json { application: LogLevel::Warn, system: LogLevel::Warn };
        world.result("{}").await;
        let log = world.log();
        let [line] = &log[..] else { panic!("{runtime}: {log:#?}") };
        let record: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&record["level"], &record["message"]), (&level.into(), &"high".into()));
        assert!(record["timestamp"].is_string(), "{line}");
        assert_eq!(record["requestId"], "8476a536-e9f4-11e8-9739-2dfe598c3fcd", "{line}");
        world.pools.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_handler_may_be_commonjs_with_a_callback_up_to_node_22() {
    let code = "exports.handler = (event, context, callback) => {\
                setTimeout(() => callback(null, { big: 'x'.repeat(event.size) }), 1); };";
    let world = World::new("nodejs22.x", "app.js", code).await;
    for size in [0, 100_000, 5_000_000] {
        let result = world.result(&format!(r#"{{"size":{size}}}"#)).await;
        assert_eq!(result["big"].as_str().unwrap().len(), size);
    }
    world.pools.shutdown().await;
}

/// A handler that streams, with and without a prelude.
const STREAMING: &str = r#"
export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event.prelude) stream = awslambda.HttpResponseStream.from(stream, event.prelude);
  else stream.setContentType("text/x-story");
  stream.write("once ");
  if (event.fail) throw new RangeError("no");
  stream.end("upon a time");
});
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_handler_streams_its_response() {
    for runtime in ["nodejs22.x", "nodejs24.x"] {
        let world = World::new(runtime, "app.mjs", STREAMING).await;
        let (media_type, bytes, outcome) = world.stream("{}").await;
        assert_eq!((media_type.as_str(), &bytes[..]), ("text/x-story", &b"once upon a time"[..]));
        assert_eq!(outcome.error, None);
        let order = r#"{"prelude":{"statusCode":201}}"#;
        let (media_type, bytes, _) = world.stream(order).await;
        assert_eq!(media_type, "application/vnd.awslambda.http-integration-response");
        assert_eq!(bytes, b"{\"statusCode\":201}\0\0\0\0\0\0\0\0once upon a time");
        let (_, bytes, outcome) = world.stream(r#"{"fail":true}"#).await;
        assert_eq!(&bytes[..], b"once ");
        assert_eq!(outcome.error.unwrap().error_type, "RangeError");
        let details: Value = serde_json::from_slice(&outcome.payload).unwrap();
        assert_eq!(details["errorMessage"], "no");
        let outcome = world.invoke("{}").await;
        assert_eq!(&outcome.payload[..], b"once upon a time");
        world.pools.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provided_runtime_is_the_codes_own_bootstrap() {
    let code = "#!/bin/sh\necho started from $PWD\nexit 7\n";
    let world = World::new("provided.al2023", "bootstrap", code).await;
    let outcome = world.invoke("{}").await;
    assert_eq!(outcome.error.unwrap().error_type, "Runtime.ExitError");
    assert!(String::from_utf8_lossy(&outcome.payload).contains("exit status 7"));
    assert_eq!(world.log()[1], "started from /var/task");
    fs::remove_file(world.code.path().join("bootstrap")).unwrap();
    let outcome = world.invoke("{}").await;
    assert_eq!(outcome.error.unwrap().error_type, "Runtime.InvalidEntrypoint");
    world.pools.shutdown().await;
}

#[test]
fn a_release_that_is_missing_is_replaced_by_the_nearest_newer_one_and_says_so() {
    let installed = Installed::new(runtimes());
    let list = installed.list();
    let exact =
        &list.iter().find(|it| it.family == "node" && it.version.starts_with("22.")).unwrap();
    assert_eq!(exact.runtime, "nodejs22.x");
    assert_eq!(installed.substitution("nodejs22.x"), Ok(None));
    let older = installed.substitution("nodejs12.x").unwrap().unwrap();
    assert!(older.used.starts_with("Node "), "{}", older.used);
    let newer = installed.substitution("nodejs99.x").unwrap().unwrap();
    let newest = list.iter().rfind(|it| it.family == "node").unwrap();
    assert_eq!(newer.used, format!("Node {}", newest.version));
    assert!(installed.substitution("ruby3.3").is_err());
    let empty = Installed::new("/nowhere");
    let error = empty.substitution("python3.12").unwrap_err().to_string();
    assert!(error.contains("pileus runtimes install"), "{error}");
}
