//! Temporary credentials. They are nowhere in the store: the token is all there is of a session.

use crate::{Error, Iam, model::new_secret};
use base64::{Engine, engine::general_purpose::STANDARD};
use clock::Ids;
use policy::{Document, DocumentKind};
use serde::{Deserialize, Serialize};
use service::TemporaryCredentials;
use std::{sync::Arc, time::Duration};
use types::{AccountId, Secret, Timestamp};

/// Longer tokens were not made here: the longest session policy fits four times.
const MAX_TOKEN_BYTES: usize = 16_384;
const BOUND_TO: &str = "session token";

/// Who acts in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SessionOwner {
    Root,
    User { name: String, id: String },
    Role { name: String, id: String, session: String },
}

/// What a session is made of.
pub(crate) struct NewSession {
    pub(crate) account: AccountId,
    pub(crate) owner: SessionOwner,
    /// The policy that bounds it.
    pub(crate) policy: Option<String>,
    pub(crate) issued: Timestamp,
    pub(crate) lifetime: Duration,
}

/// What a token holds. Version 1 is the only one; a token lives for a day and a half at most.
#[derive(Serialize, Deserialize)]
struct Sealed {
    version: u8,
    key_id: String,
    secret: String,
    account: AccountId,
    owner: SessionOwner,
    policy: Option<String>,
    issued: Timestamp,
    expires: Timestamp,
}

/// A token that was opened.
pub(crate) struct SessionToken {
    pub(crate) key_id: String,
    pub(crate) secret: Secret,
    pub(crate) account: AccountId,
    pub(crate) owner: SessionOwner,
    pub(crate) policy: Option<Arc<Document>>,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

impl Iam {
    /// Makes the credentials of a session.
    pub(crate) fn seal_session(
        &self,
        ids: &Ids,
        session: NewSession,
    ) -> Result<TemporaryCredentials, Error> {
        let secret = new_secret(ids);
        let sealed = Sealed {
            version: 1,
            key_id: format!("ASIA{}", ids.text(16, Ids::UPPER)),
            secret: secret.expose().to_owned(),
            account: session.account,
            owner: session.owner,
            policy: session.policy,
            issued: session.issued,
            // Credentials end on a whole second, as the replies tell it.
            expires: Timestamp::from_secs((session.issued + session.lifetime).as_secs()),
        };
        let failed = || Error::Damaged("a session could not be encrypted".to_owned());
        let plain = serde_json::to_vec(&sealed).map_err(|_| failed())?;
        let token = self.master.seal(ids.bytes(), BOUND_TO, &plain);
        Ok(TemporaryCredentials {
            access_key_id: sealed.key_id,
            secret,
            session_token: Secret::new(STANDARD.encode(token)),
            expires: sealed.expires,
        })
    }

    /// Reads a token.
    pub(crate) fn open_session(&self, token: &str) -> Result<Arc<SessionToken>, Error> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Error::InvalidClientTokenId);
        }
        self.caches.sessions.get_or_make(token, &(), || {
            let sealed = STANDARD.decode(token).ok();
            let plain = sealed.and_then(|sealed| self.master.open(BOUND_TO, &sealed));
            let sealed = plain.and_then(|plain| serde_json::from_slice::<Sealed>(&plain).ok());
            let sealed = sealed.filter(|sealed| sealed.version == 1);
            sealed.ok_or(Error::InvalidClientTokenId)?.open()
        })
    }
}

impl Sealed {
    fn open(self) -> Result<SessionToken, Error> {
        let parse = |text: String| Document::parse(&text, DocumentKind::Identity).map(Arc::new);
        Ok(SessionToken {
            key_id: self.key_id,
            secret: Secret::new(self.secret),
            account: self.account,
            owner: self.owner,
            policy: self.policy.map(parse).transpose()?,
            issued: self.issued,
            expires: self.expires,
        })
    }
}
