//! Who sends a request.

use crate::{
    Dispatcher,
    body::{Check, Received},
    execute::Request,
};
use http::{header::CONTENT_ENCODING, request::Parts};
use kv::Transaction;
use service::{Caller, Fault};
use sigv4::{BodyHash, Dialect, PathStyle, Presented, SigningKey, Streaming, TextSignature};
use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
};
use types::Timestamp;
use wire::{Endpoint, Protocol};

/// On whose word a request acts.
pub(crate) enum Signer<'a> {
    /// A signature, to be verified once and its owner looked up in every transaction.
    Signature(Signature<'a>),
    /// A signature of one text that the request brings, and how the body is framed.
    Text(Box<TextSigner<'a>>),
    /// Nobody signed. A body may be framed and hashed all the same.
    Anonymous(Caller, BodyHash),
    /// A call between services: dispatch was told who.
    Known(&'a Caller),
}

pub(crate) struct TextSigner<'a> {
    pub(crate) signature: TextSignature,
    /// The service that it must be for, if it names one.
    pub(crate) service: &'static str,
    pub(crate) peer: Option<IpAddr>,
    pub(crate) body: BodyHash,
    pub(crate) region: &'a str,
}

pub(crate) struct Signature<'a> {
    presented: &'a Presented,
    request: &'a Request<'a>,
    body: BodyHash,
    dialect: Dialect,
    /// The key that it was verified with.
    key: OnceLock<Arc<SigningKey>>,
}

impl Dispatcher {
    pub(crate) fn signer<'a>(
        &self,
        request: &'a Request<'a>,
        presented: Option<&'a Presented>,
        dialect: Dialect,
    ) -> Result<Signer<'a>, Fault> {
        let Some(presented) = presented else {
            let body = match dialect {
                Dialect::S3 => unsigned_body(request.parts)?,
                _ => BodyHash::Unsigned,
            };
            return Ok(Signer::Anonymous(self.anonymous(request.peer), body));
        };
        let declared = match dialect {
            Dialect::S3 => presented.s3_body(request.parts).map(Some),
            _ => presented.declared_body(request.parts),
        };
        let body = match declared.map_err(|error| fault(&error, dialect))? {
            Some(BodyHash::Unsigned) => BodyHash::Unsigned,
            Some(BodyHash::Streaming(kind)) if dialect == Dialect::S3 => BodyHash::Streaming(kind),
            // What is not here yet is compared at its end.
            Some(hash) if request.is_streamed() => hash,
            _ => BodyHash::of(request.body),
        };
        Ok(Signer::Signature(Signature { presented, request, body, dialect, key: OnceLock::new() }))
    }

    /// The body of a request whose signer has been verified: in memory, or as a stream that ends in
    /// an error unless it is what was signed.
    pub(crate) fn body(
        &self,
        signer: &Signer<'_>,
        request: &Request<'_>,
    ) -> Result<Received, Fault> {
        let (bytes, stream) = (request.body.clone(), request.take_stream());
        if request.is_part {
            return Ok(Received { bytes, stream, ..Received::default() });
        }
        let (hash, signed) = match signer {
            Signer::Known(_) => return Ok(Received { bytes, stream, ..Received::default() }),
            Signer::Anonymous(_, hash) => (hash, None),
            Signer::Text(signer) => (&signer.body, None),
            Signer::Signature(signature) => {
                // What is in memory was verified together with the head.
                if stream.is_none() && !matches!(signature.body, BodyHash::Streaming(_)) {
                    return Ok(Received { bytes, ..Received::default() });
                }
                let key = signature.key.get().map(AsRef::as_ref);
                (&signature.body, key.map(|key| (signature.presented, key)))
            }
        };
        let check = Check::new(hash, signed, request.parts)?;
        let Some(stream) = stream else {
            let (bytes, trailers) = check.whole(bytes)?;
            return Ok(Received { bytes, trailers, stream: None });
        };
        // Without a chunked frame the connection has counted.
        let announced = hash.announced_length(request.parts).or(stream.length());
        let missing = || fault(&sigv4::Error::MissingDecodedLength, Dialect::S3);
        let stream = check.stream(stream, announced.ok_or_else(missing)?);
        Ok(Received { stream: Some(stream), ..Received::default() })
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
            Signer::Anonymous(caller, _) => return Ok(caller.clone()),
            Signer::Text(signer) => return self.text_caller(signer, tx, now, verified).await,
            Signer::Signature(signature) => signature,
        };
        let Signature { presented, request, body, dialect, key: verified_with } = signature;
        let token = presented.token().map(types::Secret::expose);
        let key_id = presented.access_key_id();
        let identity = self.identities.find(tx, key_id, token, now).await?;
        if !verified {
            let style = PathStyle::of(presented.service());
            let key = self.signing_keys.get(presented, &identity.secret);
            presented
                .verify(&key, request.parts, body, now, style)
                .map_err(|error| fault(&error, *dialect))?;
            // Only the first verification comes here.
            let _ = verified_with.set(key);
        }
        let mut caller = identity.caller;
        caller.access_key_id = Some(key_id.to_owned());
        caller.source_ip = request.peer;
        Ok(caller)
    }
}

impl Dispatcher {
    /// As [`Dispatcher::caller`], of a text.
    async fn text_caller(
        &self,
        signer: &TextSigner<'_>,
        tx: &mut Transaction,
        now: Timestamp,
        verified: bool,
    ) -> Result<Caller, Fault> {
        let TextSigner { signature, service, peer, region, .. } = signer;
        let token = signature.token().map(types::Secret::expose);
        let key_id = signature.access_key_id();
        let identity = self.identities.find(tx, key_id, token, now).await?;
        if !verified {
            let is_it = signature.verify(&identity.secret, region, service, now);
            is_it.map_err(|error| fault(&error, Dialect::S3))?;
        }
        let mut caller = identity.caller;
        caller.access_key_id = Some(key_id.to_owned());
        caller.source_ip = *peer;
        Ok(caller)
    }

    /// The signer of a text, for a service of this dialect.
    pub(crate) fn text_signer(
        &self,
        signature: TextSignature,
        service: &'static str,
        peer: Option<IpAddr>,
        body: BodyHash,
    ) -> Signer<'_> {
        let region = self.platform.region.as_str();
        Signer::Text(Box::new(TextSigner { signature, service, peer, body, region }))
    }
}

/// The words of a protocol for a bad signature.
pub(crate) fn fault(error: &sigv4::Error, dialect: Dialect) -> Fault {
    let fault =
        Fault::sender(error.code(dialect), error.message(dialect)).status(error.status(dialect));
    match error {
        // S3's clients sign anew for the region that they are told.
        sigv4::Error::WrongRegion { expected, .. } if dialect == Dialect::S3 => {
            fault.member("Region", expected.as_str())
        }
        _ => fault,
    }
}

/// What a request that is not signed says of its body.
pub(crate) fn unsigned_body(parts: &Parts) -> Result<BodyHash, Fault> {
    if let Some(declared) = parts.headers.get("x-amz-content-sha256") {
        return BodyHash::parse(declared.as_bytes()).map_err(|error| fault(&error, Dialect::S3));
    }
    let codings = parts.headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let mut codings = codings.into_iter().flat_map(|value| value.split(','));
    Ok(match codings.any(|coding| coding.trim() == "aws-chunked") {
        true => BodyHash::Streaming(Streaming::UnsignedTrailer),
        false => BodyHash::Unsigned,
    })
}

pub(crate) fn dialect(protocol: Protocol) -> Dialect {
    match protocol {
        Protocol::Json => Dialect::Json,
        Protocol::Query => Dialect::Query,
        Protocol::RestJson => Dialect::RestJson,
        Protocol::RestXml => Dialect::S3,
    }
}
