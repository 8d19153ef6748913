use crate::{Caller, Fault};
use futures_util::future::BoxFuture;
use kv::Transaction;
use policy::{Document, Principal};
use std::{sync::Arc, time::Duration};
use types::{Arn, Secret, Timestamp};

/// The policies that decide what a principal may do.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// Inline and managed policies of the user or role.
    pub identity: Vec<Arc<Document>>,
    /// The permissions boundary.
    pub boundary: Option<Arc<Document>>,
    /// The policies given with the session; together they bound it.
    pub session: Option<Vec<Arc<Document>>>,
}

/// The owner of an access key.
pub struct Identity {
    /// Who acts; address and request are filled in by dispatch.
    pub caller: Caller,
    /// The key's secret, which made the signature.
    pub secret: Secret,
}

/// Credentials that end by themselves.
#[derive(Debug, Clone)]
pub struct TemporaryCredentials {
    /// `ASIA...`
    pub access_key_id: String,
    /// The signing secret.
    pub secret: Secret,
    /// The token that every request carries.
    pub session_token: Secret,
    /// When they end.
    pub expires: Timestamp,
}

/// Who is behind a key or a role: the port that `iam` provides to dispatch, functions and router.
pub trait Identities: Send + Sync + 'static {
    /// The owner of an access key.
    ///
    /// # Errors
    /// `InvalidClientTokenId` for a key that is unknown, inactive or has the wrong token,
    /// `ExpiredToken` for one that has ended.
    fn find<'a>(
        &'a self,
        tx: &'a mut Transaction,
        access_key_id: &'a str,
        session_token: Option<&'a str>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Identity, Fault>>;

    /// The caller behind a principal that asked earlier, with the policies that it has now: for work
    /// that goes on after its request. Who used a session policy cannot be had again, because the
    /// policy ended with the request; such work is refused when it is asked for.
    ///
    /// # Errors
    /// `AccessDenied` if the user or role is gone, or the principal is a service or anonymous.
    fn reload<'a>(
        &'a self,
        tx: &'a mut Transaction,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Result<Caller, Fault>>;

    /// Acts as a role on behalf of the platform's service `service` (`lambda.amazonaws.com`),
    /// which the role's trust policy must allow.
    ///
    /// # Errors
    /// `NoSuchEntity` for an unknown role, `AccessDenied` if the trust policy does not allow it.
    fn assume<'a>(
        &'a self,
        tx: &'a mut Transaction,
        role: &'a Arn,
        session_name: &'a str,
        service: &'a str,
    ) -> BoxFuture<'a, Result<Caller, Fault>>;

    /// Temporary credentials of a role, for what runs outside of the platform's process.
    ///
    /// # Errors
    /// As [`Identities::assume`].
    fn credentials<'a>(
        &'a self,
        tx: &'a mut Transaction,
        role: &'a Arn,
        session_name: &'a str,
        service: &'a str,
        now: Timestamp,
        lifetime: Duration,
    ) -> BoxFuture<'a, Result<TemporaryCredentials, Fault>>;
}
