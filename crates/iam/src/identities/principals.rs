//! Users and roles with their policies compiled.

use crate::{
    Error, Iam, keys,
    model::{self, Entity, Owner},
};
use kv::{Transaction, Value};
use policy::{Document, DocumentKind};
use service::Policies;
use std::sync::Arc;
use types::{AccountId, Arn};

/// A user or role, ready to act.
pub(crate) struct Ready {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) arn: Arn,
    pub(crate) policies: Arc<Policies>,
    /// Who may assume it, if it is a role.
    pub(crate) trust: Option<Arc<Document>>,
    /// How long its sessions may last, if it is a role.
    pub(crate) max_session_seconds: u32,
    /// Some of its policies are the customer's own, whose texts are in other records.
    depends_on_policies: bool,
}

impl Iam {
    /// The user or role of a name. Reads its record, and the policies' epoch if it depends on it.
    pub(crate) async fn ready<T: Owner>(
        &self,
        tx: &mut Transaction,
        account: &AccountId,
        name: &str,
    ) -> Result<Option<Arc<Ready>>, Error> {
        let key = keys::named(T::tag(), account, name);
        let Some(stored) = tx.get(&key).await? else { return Ok(None) };
        let mut source = (stored, None);
        if let Some(ready) = self.caches.principals.get(&key, &source) {
            return Ok(Some(ready));
        }
        source.1 = Some(epoch(tx, account).await?);
        if let Some(ready) = self.caches.principals.get(&key, &source) {
            return Ok(Some(ready));
        }
        let owner: T = kv::decode_record(&source.0)?;
        let ready = compile(tx, account, &owner).await?;
        if !ready.depends_on_policies {
            source.1 = None;
        }
        Ok(Some(self.caches.principals.put(&key, source, ready)))
    }
}

/// The policies' epoch; empty until a policy changes for the first time.
async fn epoch(tx: &mut Transaction, account: &AccountId) -> Result<Value, kv::Error> {
    Ok(tx.get(&keys::policy_epoch(account)).await?.unwrap_or_default())
}

async fn compile<T: Owner>(
    tx: &mut Transaction,
    account: &AccountId,
    owner: &T,
) -> Result<Ready, Error> {
    let entity = owner.entity();
    let mut identity = Vec::new();
    for text in entity.inline.values() {
        identity.push(parse(text, DocumentKind::Identity)?);
    }
    for arn in &entity.attached {
        identity.push(managed(tx, account, arn).await?);
    }
    let boundary = match &entity.boundary {
        Some(arn) => Some(managed(tx, account, arn).await?),
        None => None,
    };
    let trust = owner.trust().map(|text| parse(text, DocumentKind::Trust)).transpose()?;
    Ok(Ready {
        name: entity.name.clone(),
        id: entity.id.clone(),
        arn: owner.arn(account),
        policies: Arc::new(Policies { identity, boundary, session: None }),
        trust,
        max_session_seconds: owner.max_session_seconds(),
        depends_on_policies: depends_on_policies(entity),
    })
}

fn depends_on_policies(entity: &Entity) -> bool {
    let mut arns = entity.attached.iter().chain(&entity.boundary);
    arns.any(|arn| !arn.starts_with("arn:aws:iam::aws:"))
}

/// A managed policy in force. One that is attached is there: it cannot be deleted.
async fn managed(
    tx: &mut Transaction,
    account: &AccountId,
    arn: &str,
) -> Result<Arc<Document>, Error> {
    let text = model::default_text(tx, account, arn).await?;
    let text = text.ok_or_else(|| Error::Damaged(format!("the attached policy {arn} is gone")))?;
    parse(&text, DocumentKind::Identity)
}

/// A stored policy was checked when it came in.
fn parse(text: &str, kind: DocumentKind) -> Result<Arc<Document>, Error> {
    let document = Document::parse(text, kind);
    document.map(Arc::new).map_err(|error| Error::Damaged(format!("a stored policy: {error}")))
}
