//! The port by which the rest of the platform knows who acts.

mod cache;
mod principals;
mod session;

pub(crate) use cache::Caches;
pub(crate) use session::{NewSession, SessionOwner, SessionToken};

use crate::{
    Error, Iam, keys,
    model::{AccessKey, KeyOwner, Role, User},
};
use futures_util::future::BoxFuture;
use kv::Transaction;
use policy::Principal;
use principals::Ready;
use service::{
    Caller, Fault, Identities, Identity, Permission, Policies, TemporaryCredentials, authorize,
};
use std::{sync::Arc, time::Duration};
use types::{AccountId, Arn, Secret, Timestamp};

/// Longer ids are nobody's.
const MAX_KEY_ID_BYTES: usize = 128;

/// An access key with its secret in the clear.
pub(crate) struct OpenKey {
    key: AccessKey,
    secret: Secret,
}

impl Iam {
    /// The owner of a long-term key.
    async fn find_key(&self, tx: &mut Transaction, id: &str) -> Result<Identity, Error> {
        if id.len() > MAX_KEY_ID_BYTES {
            return Err(Error::InvalidClientTokenId);
        }
        let stored = tx.get(&keys::access_key(id)).await?.ok_or(Error::InvalidClientTokenId)?;
        let open = self.caches.keys.get_or_make(id, &stored, || {
            let key: AccessKey = kv::decode_record(&stored)?;
            let secret = key.secret(&self.master)?;
            Ok(OpenKey { key, secret })
        })?;
        if !open.key.active {
            return Err(Error::InvalidClientTokenId);
        }
        let account = &open.key.account;
        let caller = match &open.key.owner {
            KeyOwner::Root => Caller::root(account.clone()),
            KeyOwner::User(name) => {
                let user = self.ready::<User>(tx, account, name).await?;
                self.user(account, &*user.ok_or(Error::InvalidClientTokenId)?)
            }
        };
        Ok(Identity { caller, secret: open.secret.clone() })
    }

    /// The owner of a session.
    async fn find_session(
        &self,
        tx: &mut Transaction,
        key_id: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<Identity, Error> {
        let session = self.open_session(token)?;
        if session.key_id != key_id {
            return Err(Error::InvalidClientTokenId);
        }
        if session.expires <= now {
            return Err(Error::ExpiredToken);
        }
        let account = &session.account;
        let mut caller = match &session.owner {
            SessionOwner::Root => Caller::root(account.clone()),
            SessionOwner::User { name, id } => {
                let user = self.ready::<User>(tx, account, name).await?;
                let user = user.filter(|user| user.id == *id);
                self.user(account, &*user.ok_or(Error::InvalidClientTokenId)?)
            }
            SessionOwner::Role { name, id, session: session_name } => {
                let role = self.ready::<Role>(tx, account, name).await?;
                let role = role.filter(|role| role.id == *id);
                let role = role.ok_or(Error::InvalidClientTokenId)?;
                role_session(account, &role, session_name)
            }
        };
        if let Some(document) = &session.policy {
            let bound = Some(vec![document.clone()]);
            caller.policies = Arc::new(Policies { session: bound, ..(*caller.policies).clone() });
        }
        caller.conditions.push(("aws:TokenIssueTime", session.issued.to_iso8601()));
        Ok(Identity { caller, secret: session.secret.clone() })
    }

    fn user(&self, account: &AccountId, user: &Ready) -> Caller {
        let principal = Principal::User { arn: user.arn.clone(), id: user.id.clone() };
        Caller::new(principal, account.clone(), user.policies.clone())
    }

    /// The role of an ARN.
    pub(crate) async fn role_at(
        &self,
        tx: &mut Transaction,
        arn: &str,
    ) -> Result<Option<Arc<Ready>>, Error> {
        let Ok(arn) = arn.parse::<Arn>() else { return Ok(None) };
        let own = arn.account() == self.account.as_str();
        let Some(name) = role_name(&arn).filter(|_| own) else { return Ok(None) };
        let found = self.ready::<Role>(tx, &self.account, name).await?;
        Ok(found.filter(|role| role.arn == arn))
    }

    /// The role of an ARN, which must trust `service`.
    async fn trusted_role(
        &self,
        tx: &mut Transaction,
        role: &Arn,
        service: &str,
    ) -> Result<Arc<Ready>, Fault> {
        let unknown = || Error::unknown("role", role_name(role).unwrap_or(role.as_str()));
        let found = self.role_at(tx, role.as_str()).await?.ok_or_else(unknown)?;
        let caller = Caller::service(service, self.account.clone(), None);
        let mut needed = Permission::new("sts:AssumeRole", role.as_str());
        needed.resource_policy.clone_from(&found.trust);
        needed.is_trust = true;
        let allowed = authorize(&caller, &needed, &self.region, self.clock.now());
        allowed.map_err(|denial| Error::AccessDenied(denial.message().to_owned()))?;
        Ok(found)
    }

    /// The caller that a principal is today.
    async fn reload_principal(
        &self,
        tx: &mut Transaction,
        principal: &Principal,
    ) -> Result<Caller, Error> {
        let gone = || {
            let name = principal.display_name();
            Error::AccessDenied(format!("The principal {name} does not exist any more."))
        };
        let account: Option<AccountId> = principal.account().and_then(|text| text.parse().ok());
        let account = account.ok_or_else(gone)?;
        match principal {
            Principal::Root { .. } => Ok(Caller::root(account)),
            Principal::User { arn, id } => {
                let name = arn.resource().rsplit('/').next().unwrap_or_default();
                let user = self.ready::<User>(tx, &account, name).await?;
                let user = user.filter(|user| user.id == *id).ok_or_else(gone)?;
                Ok(self.user(&account, &user))
            }
            Principal::Session { role, id, .. } => {
                let (role_id, session) = id.split_once(':').ok_or_else(gone)?;
                let name = role_name(role).ok_or_else(gone)?;
                let role = self.ready::<Role>(tx, &account, name).await?;
                let role = role.filter(|role| role.id == role_id).ok_or_else(gone)?;
                Ok(role_session(&account, &role, session))
            }
            Principal::Service { .. } | Principal::Anonymous => Err(gone()),
        }
    }
}

/// A session of a role, with what the role may do today.
fn role_session(account: &AccountId, role: &Ready, session: &str) -> Caller {
    let principal = Principal::Session {
        arn: session_arn(account, &role.name, session),
        role: role.arn.clone(),
        id: format!("{}:{session}", role.id),
    };
    Caller::new(principal, account.clone(), role.policies.clone())
}

/// The ARN of a role's session, which has no path.
pub(crate) fn session_arn(account: &AccountId, role: &str, session: &str) -> Arn {
    Arn::global("sts", account, &format!("assumed-role/{role}/{session}"))
}

/// The name in a role's ARN.
pub(crate) fn role_name(arn: &Arn) -> Option<&str> {
    let path = arn.resource().strip_prefix("role/").filter(|_| arn.service() == "iam")?;
    path.rsplit('/').next()
}

impl Identities for Iam {
    fn find<'a>(
        &'a self,
        tx: &'a mut Transaction,
        access_key_id: &'a str,
        session_token: Option<&'a str>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Identity, Fault>> {
        Box::pin(async move {
            Ok(match session_token {
                None => self.find_key(tx, access_key_id).await?,
                Some(token) => self.find_session(tx, access_key_id, token, now).await?,
            })
        })
    }

    fn reload<'a>(
        &'a self,
        tx: &'a mut Transaction,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Result<Caller, Fault>> {
        Box::pin(async move { Ok(self.reload_principal(tx, principal).await?) })
    }

    fn assume<'a>(
        &'a self,
        tx: &'a mut Transaction,
        role: &'a Arn,
        session_name: &'a str,
        service: &'a str,
    ) -> BoxFuture<'a, Result<Caller, Fault>> {
        Box::pin(async move {
            let role = self.trusted_role(tx, role, service).await?;
            Ok(role_session(&self.account, &role, session_name))
        })
    }

    fn credentials<'a>(
        &'a self,
        tx: &'a mut Transaction,
        role: &'a Arn,
        session_name: &'a str,
        service: &'a str,
        now: Timestamp,
        lifetime: Duration,
    ) -> BoxFuture<'a, Result<TemporaryCredentials, Fault>> {
        Box::pin(async move {
            let role = self.trusted_role(tx, role, service).await?;
            let owner = SessionOwner::Role {
                name: role.name.clone(),
                id: role.id.clone(),
                session: session_name.to_owned(),
            };
            let account = self.account.clone();
            let session = NewSession { account, owner, policy: None, issued: now, lifetime };
            Ok(self.seal_session(&self.ids, session)?)
        })
    }
}
