use crate::{BodyStream, Caller, Fault, Platform};
use bytes::Bytes;
use clock::Ids;
use std::sync::{Arc, Mutex, PoisonError};
use types::{AccountId, Arn, Region, RequestId, Timestamp};

/// The longest trace header that is handed on, in bytes. A longer one is as none.
pub const TRACE_HEADER_BYTES: usize = 1024;

/// What an operation knows beside its input. Fixed for the request: a retried run sees the same
/// time and draws the same ids.
pub struct Context {
    /// Who asks.
    pub caller: Caller,
    /// The region of the request's signature.
    pub region: Region,
    /// The id that the reply carries.
    pub request_id: RequestId,
    /// The time at which the request was accepted.
    pub now: Timestamp,
    /// The body, where the protocol carries one beside the members (a function's payload). Empty
    /// where it comes as a stream: see [`Context::take_body`].
    pub body: Bytes,
    /// `X-Amzn-Trace-Id`, as it came: what the request is a part of.
    pub trace: Option<String>,
    /// What all services share.
    pub platform: Arc<Platform>,
    ids: Ids,
    seed: [u8; 32],
    attempt: u32,
    stream: Mutex<Option<BodyStream>>,
}

impl Context {
    /// A context whose ids all follow from `seed`.
    #[must_use]
    pub fn new(
        caller: Caller,
        region: Region,
        now: Timestamp,
        seed: [u8; 32],
        platform: Arc<Platform>,
    ) -> Self {
        let ids = Ids::from_bytes(seed);
        let request_id = ids.uuid();
        Self {
            caller,
            region,
            request_id,
            now,
            body: Bytes::new(),
            trace: None,
            platform,
            ids,
            seed,
            attempt: 0,
            stream: Mutex::new(None),
        }
    }

    /// The request id of a context made with `seed`.
    #[must_use]
    pub fn request_id_of(seed: [u8; 32]) -> RequestId {
        Ids::from_bytes(seed).uuid()
    }

    /// The account that the request acts in.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.caller.account
    }

    /// The ARN of a resource of this account and region.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> Arn {
        Arn::new(service, &self.region, self.account(), resource)
    }

    /// Random ids, the same again on every retry.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Gives the operation a body that is read while it comes.
    #[must_use]
    pub fn with_stream(mut self, stream: Option<BodyStream>) -> Self {
        self.stream = Mutex::new(stream);
        self
    }

    /// The body of an operation whose model says that it streams. It can be taken once, so that
    /// `prepare` or a direct operation is its place, and never what runs again on conflict.
    ///
    /// What comes out of it is provisional: the body's signature, hash and length are known to be
    /// good only when the stream has ended without an error.
    ///
    /// # Errors
    /// It was taken before: a defect of the operation.
    pub fn take_body(&self) -> Result<BodyStream, Fault> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.take().ok_or_else(|| Fault::internal("there is no body to take, or not any more"))
    }

    /// How many attempts of this request came before this one.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Starts the ids anew, so that the next attempt draws what this one drew.
    pub fn rewind(&mut self) {
        self.attempt += 1;
        self.ids = Ids::from_bytes(self.seed);
        // The first draw was the request id.
        let _ = self.ids.uuid();
    }
}
