use crate::{Caller, Platform};
use bytes::Bytes;
use clock::Ids;
use std::sync::Arc;
use types::{AccountId, Arn, Region, RequestId, Timestamp};

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
    /// The body, where the protocol carries one beside the members (a function's payload).
    pub body: Bytes,
    /// What all services share.
    pub platform: Arc<Platform>,
    ids: Ids,
    seed: [u8; 32],
    attempt: u32,
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
            platform,
            ids,
            seed,
            attempt: 0,
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
