use futures_util::future::BoxFuture;
use kv::Transaction;
use policy::{Document, DocumentKind, Principal};
use service::{Caller, Fault, Identities, Identity, Policies, TemporaryCredentials};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use types::{Arn, Secret, Timestamp};

/// Identities without a store: keys that a test makes, and roles that may do everything unless the
/// test says otherwise.
#[derive(Default)]
pub struct TestIdentities {
    callers: Mutex<HashMap<String, Caller>>,
    /// The policies of roles, by the role's name.
    roles: Mutex<HashMap<String, String>>,
}

impl TestIdentities {
    /// The access key of the account's root.
    pub const ROOT: &'static str = "AKIAROOT";

    /// The secret of every key.
    #[must_use]
    pub fn secret() -> Secret {
        Secret::new("a test's secret")
    }

    /// Makes a user with one policy; the answer is the access key.
    ///
    /// # Panics
    /// The policy is malformed.
    pub fn user(&self, name: &str, policy: &str) -> String {
        let document = Document::parse(policy, DocumentKind::Identity).expect("a policy");
        let policies = Policies { identity: vec![Arc::new(document)], ..Policies::default() };
        let principal = Principal::User {
            arn: format!("arn:aws:iam::{}:user/{name}", crate::ACCOUNT).parse().expect("an ARN"),
            id: format!("AIDA{name}"),
        };
        let account = crate::ACCOUNT.parse().expect("an account");
        let key = format!("AKIA{name}");
        let caller = Caller::new(principal, account, Arc::new(policies));
        self.callers.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), caller);
        key
    }

    /// Gives a role this policy alone.
    pub fn role(&self, name: &str, policy: &serde_json::Value) {
        let mut roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        roles.insert(name.to_owned(), policy.to_string());
    }
}

impl Identities for TestIdentities {
    fn find<'a>(
        &'a self,
        _tx: &'a mut Transaction,
        access_key_id: &'a str,
        _session_token: Option<&'a str>,
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<Identity, Fault>> {
        let account = crate::ACCOUNT.parse().expect("an account");
        let caller = match access_key_id {
            Self::ROOT => Some(Caller::root(account)),
            id => self.callers.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned(),
        };
        let identity = caller.map(|caller| Identity { caller, secret: Self::secret() });
        let unknown =
            || Fault::sender("InvalidClientTokenId", "The security token is invalid.").status(403);
        Box::pin(async move { identity.ok_or_else(unknown) })
    }

    fn reload<'a>(
        &'a self,
        _tx: &'a mut Transaction,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Result<Caller, Fault>> {
        let account = crate::ACCOUNT.parse().expect("an account");
        let caller = match principal {
            Principal::Root { .. } => Some(Caller::root(account)),
            principal => {
                let callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
                callers.values().find(|caller| caller.principal == *principal).cloned()
            }
        };
        let gone = || Fault::sender("AccessDenied", "The principal is gone.").status(403);
        Box::pin(async move { caller.ok_or_else(gone) })
    }

    fn assume<'a>(
        &'a self,
        _tx: &'a mut Transaction,
        role: &'a Arn,
        session_name: &'a str,
        _service: &'a str,
    ) -> BoxFuture<'a, Result<Caller, Fault>> {
        let everything = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        Box::pin(async move {
            let name = role.resource().trim_start_matches("role/");
            let own = self.roles.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
            let text = own.as_deref().unwrap_or(everything);
            let document = Document::parse(text, DocumentKind::Identity).expect("a policy");
            let policies = Policies { identity: vec![Arc::new(document)], ..Policies::default() };
            let session =
                format!("arn:aws:sts::{}:assumed-role/{name}/{session_name}", role.account());
            let principal = Principal::Session {
                arn: session.parse().expect("an ARN"),
                role: role.clone(),
                id: format!("AROA:{session_name}"),
            };
            Ok(Caller::new(principal, role.account().parse().expect("an account"), policies.into()))
        })
    }

    fn credentials<'a>(
        &'a self,
        _tx: &'a mut Transaction,
        _role: &'a Arn,
        _session_name: &'a str,
        _service: &'a str,
        now: Timestamp,
        lifetime: Duration,
    ) -> BoxFuture<'a, Result<TemporaryCredentials, Fault>> {
        Box::pin(async move {
            Ok(TemporaryCredentials {
                access_key_id: Self::ROOT.to_owned(),
                secret: Self::secret(),
                session_token: Secret::new("token"),
                expires: now + lifetime,
            })
        })
    }
}
