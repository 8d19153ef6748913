//! The Runtime API and nothing else: hands events to whichever runtime asks, and their answers back.
//! It is the floor of an invocation: no walls, no signatures, no permissions, no logs.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex as Lock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc, oneshot},
};

/// The variable that tells a runtime where it is.
pub(super) const VARIABLE: &str = "AWS_LAMBDA_RUNTIME_API";
const BASE: &str = "/2018-06-01/runtime/";

/// What an event came to: an answer, or what the runtime says is wrong.
type Answer = Result<Bytes, String>;

/// A Runtime API for any number of runtimes.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<(String, Bytes)>,
    next: Mutex<mpsc::UnboundedReceiver<(String, Bytes)>>,
    /// Who waits for the answer to each event.
    waiting: Lock<HashMap<String, oneshot::Sender<Answer>>>,
    count: AtomicU64,
}

impl RuntimeApi {
    /// Listens on an address of its own, for as long as the event loop lives.
    pub(super) async fn start() -> Result<Arc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        // As many events wait as there are callers.
        let (events, next) = mpsc::unbounded_channel();
        let api = Arc::new(Self {
            address: listener.local_addr()?,
            events,
            next: Mutex::new(next),
            waiting: Lock::default(),
            count: AtomicU64::new(0),
        });
        tokio::spawn(accept(listener, api.clone()));
        Ok(api)
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hands an event to the next runtime that asks, and waits for its answer.
    pub(super) async fn call(&self, event: Bytes) -> Result<Bytes> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let (sender, answer) = oneshot::channel();
        self.waiting().insert(id.clone(), sender);
        self.events.send((id, event))?;
        match answer.await.context("the runtime gave no answer")? {
            Ok(body) => Ok(body),
            Err(error) => bail!("the bare runtime failed: {error}"),
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Answer>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
        let path = request.uri().path().strip_prefix(BASE).unwrap_or_default().to_owned();
        if request.method() == Method::GET && path == "invocation/next" {
            let event = self.next.lock().await.recv().await;
            let (id, body) = event.context("no event comes any more")?;
            let response = Response::builder()
                .header("content-type", "application/json")
                .header("lambda-runtime-aws-request-id", id)
                .header("lambda-runtime-deadline-ms", u64::from(u32::MAX) * 1000)
                .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:::function:bare");
            return Ok(response.body(Full::new(body))?);
        }
        let body = request.into_body().collect().await?.to_bytes();
        let answered = path.strip_prefix("invocation/").and_then(|rest| rest.split_once('/'));
        let (status, said) = match answered {
            Some((id, "response")) => self.answer(id, Ok(body)),
            Some((id, "error")) => self.answer(id, Err(text(&body))),
            // No event can be answered by a runtime that does not start.
            _ if path == "init/error" => {
                let ids: Vec<String> = self.waiting().keys().cloned().collect();
                for id in ids {
                    self.answer(&id, Err(text(&body)));
                }
                (StatusCode::ACCEPTED, "{}")
            }
            _ => (StatusCode::NOT_FOUND, "{}"),
        };
        Ok(Response::builder().status(status).body(Full::from(said))?)
    }

    fn answer(&self, id: &str, answer: Answer) -> (StatusCode, &'static str) {
        if let Some(waiting) = self.waiting().remove(id) {
            // A caller that is gone needs no answer.
            let _ = waiting.send(answer);
        }
        (StatusCode::ACCEPTED, r#"{"status":"OK"}"#)
    }
}

fn text(body: &Bytes) -> String {
    String::from_utf8_lossy(body).into_owned()
}

async fn accept(listener: TcpListener, api: Arc<RuntimeApi>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(converse(stream, api.clone()));
    }
}

async fn converse(stream: TcpStream, api: Arc<RuntimeApi>) -> Result<()> {
    let answer = service_fn(|request| {
        let api = api.clone();
        async move {
            let answer = api.serve(request).await.unwrap_or_else(|error| {
                let mut failed = Response::new(Full::from(error.to_string()));
                *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                failed
            });
            Ok::<_, Infallible>(answer)
        }
    });
    Ok(http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await?)
}
