//! Who sends a request.

use crate::{Dispatcher, execute::Request};
use kv::Transaction;
use service::{Caller, Fault};
use sigv4::{BodyHash, Dialect, PathStyle, Presented};
use std::net::IpAddr;
use types::Timestamp;
use wire::{Endpoint, Protocol};

/// On whose word a request acts.
pub(crate) enum Signer<'a> {
    /// A signature, to be verified once and its owner looked up in every transaction.
    Signature(Signature<'a>),
    /// Nobody signed.
    Anonymous(Caller),
    /// A call between services: dispatch was told who.
    Known(&'a Caller),
}

pub(crate) struct Signature<'a> {
    presented: &'a Presented,
    request: &'a Request<'a>,
    body: BodyHash,
    dialect: Dialect,
}

impl Dispatcher {
    pub(crate) fn signer<'a>(
        &self,
        request: &'a Request<'a>,
        presented: Option<&'a Presented>,
        dialect: Dialect,
    ) -> Result<Signer<'a>, Fault> {
        let Some(presented) = presented else {
            return Ok(Signer::Anonymous(self.anonymous(request.peer)));
        };
        let declared = match dialect {
            Dialect::S3 => presented.s3_body(request.parts).map(Some),
            _ => presented.declared_body(request.parts),
        };
        let body = match declared.map_err(|error| fault(&error, dialect))? {
            Some(BodyHash::Unsigned) => BodyHash::Unsigned,
            Some(BodyHash::Streaming(_)) => {
                return Err(Fault::unsupported("bodies in the encoding aws-chunked"));
            }
            Some(BodyHash::Sha256(_)) | None => BodyHash::of(request.body),
        };
        Ok(Signer::Signature(Signature { presented, request, body, dialect }))
    }

    pub(crate) fn anonymous(&self, peer: Option<IpAddr>) -> Caller {
        Caller::anonymous(self.platform.account.clone(), peer)
    }

    /// A request must be signed for the region that this installation is, and for its service.
    pub(crate) fn check_scope(
        &self,
        presented: Option<&Presented>,
        endpoint: &Endpoint<'_>,
        dialect: Dialect,
    ) -> Result<(), Fault> {
        let Some(presented) = presented else { return Ok(()) };
        let region = if self.global_services.contains(&endpoint.service()) {
            presented.region()
        } else {
            self.platform.region.as_str()
        };
        presented.check_scope(region, endpoint.service()).map_err(|error| fault(&error, dialect))
    }

    /// The caller, read in `tx`. The signature is verified on the first attempt only: no retry
    /// changes it.
    pub(crate) async fn caller(
        &self,
        signer: &Signer<'_>,
        tx: &mut Transaction,
        now: Timestamp,
        verified: bool,
    ) -> Result<Caller, Fault> {
        let signature = match signer {
            Signer::Known(caller) => return Ok((*caller).clone()),
            Signer::Anonymous(caller) => return Ok(caller.clone()),
            Signer::Signature(signature) => signature,
        };
        let Signature { presented, request, body, dialect } = signature;
        let token = presented.token().map(types::Secret::expose);
        let key_id = presented.access_key_id();
        let identity = self.identities.find(tx, key_id, token, now).await?;
        if !verified {
            let style = PathStyle::of(presented.service());
            let key = self.signing_keys.get(presented, &identity.secret);
            presented
                .verify(&key, request.parts, body, now, style)
                .map_err(|error| fault(&error, *dialect))?;
        }
        let mut caller = identity.caller;
        caller.access_key_id = Some(key_id.to_owned());
        caller.source_ip = request.peer;
        Ok(caller)
    }
}

/// The words of a protocol for a bad signature.
pub(crate) fn fault(error: &sigv4::Error, dialect: Dialect) -> Fault {
    Fault::sender(error.code(dialect), error.message(dialect)).status(error.status(dialect))
}

pub(crate) fn dialect(protocol: Protocol) -> Dialect {
    match protocol {
        Protocol::Json => Dialect::Json,
        Protocol::Query => Dialect::Query,
        Protocol::RestJson => Dialect::RestJson,
        Protocol::RestXml => Dialect::S3,
    }
}
