//! The stack's own record.

use super::{Event, StackStatus};
use crate::{
    Error,
    keys::{self, Place},
    sealed::Sealed,
};
use kv::Record;
use serde::{Deserialize, Serialize};
use service::{Context, Fault};
use std::collections::{BTreeMap, BTreeSet};
use types::{Arn, Tags, Timestamp};

/// With what a stack was deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub(crate) struct Settings {
    /// The number of its template.
    pub(crate) template: u64,
    pub(crate) description: String,
    /// Every parameter with the value that was given or is its default.
    pub(crate) parameters: BTreeMap<String, String>,
    /// The values of those that name a parameter of Parameter Store, as they were when the stack was
    /// asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) stored: BTreeMap<String, String>,
    /// The values of the dynamic references to Parameter Store, likewise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) resolved: BTreeMap<String, String>,
    /// The parameters that nobody is shown.
    pub(crate) no_echo: BTreeSet<String>,
    pub(crate) tags: Tags,
    pub(crate) capabilities: Vec<String>,
    pub(crate) role: Option<Arn>,
    /// The exports that it imports.
    pub(crate) imports: BTreeSet<String>,
}

impl Settings {
    /// Every parameter with the value that the template sees.
    pub(crate) fn values(&self) -> BTreeMap<String, String> {
        let mut values = self.parameters.clone();
        values.extend(self.stored.clone());
        values
    }
}

/// An output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StackOutput {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) description: Option<String>,
    pub(crate) export: Option<String>,
}

/// The stack of which another one is a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parent {
    /// Its id.
    pub(crate) id: String,
    /// The id of the stack at the top.
    pub(crate) root: String,
    /// How many stacks are above.
    pub(crate) depth: usize,
}

/// A stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stack {
    pub(crate) place: Place,
    pub(crate) status: StackStatus,
    pub(crate) status_reason: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Option<Timestamp>,
    pub(crate) deleted: Option<Timestamp>,
    pub(crate) settings: Settings,
    /// The highest number that a template of it has.
    pub(crate) templates: u64,
    pub(crate) outputs: Vec<StackOutput>,
    pub(crate) disable_rollback: bool,
    pub(crate) retain_except_on_create: bool,
    pub(crate) timeout_minutes: Option<u32>,
    pub(crate) termination_protection: bool,
    /// The id of the change set that made it what it is.
    pub(crate) change_set: Option<String>,
    /// The client's token of the last request that began something, with its operation.
    pub(crate) token: Option<(String, String)>,
    /// The stack that it is a resource of.
    #[serde(default)]
    pub(crate) parent: Option<Parent>,
    /// The step of that stack which began what happened last.
    #[serde(default)]
    pub(crate) driver: Option<String>,
    /// Why its last deployment was taken back, if it was.
    #[serde(default)]
    pub(crate) failure: Option<String>,
    /// The stack policy, as it was given.
    #[serde(default)]
    pub(crate) policy: Option<String>,
}

impl Record for Stack {
    const VERSION: u8 = 1;
}

impl Stack {
    /// A stack without resources.
    pub(crate) fn new(place: Place, status: StackStatus, now: Timestamp) -> Self {
        Self {
            place,
            status,
            status_reason: None,
            created: now,
            updated: None,
            deleted: None,
            settings: Settings::default(),
            templates: 0,
            outputs: Vec::new(),
            disable_rollback: false,
            retain_except_on_create: false,
            timeout_minutes: None,
            termination_protection: false,
            change_set: None,
            token: None,
            parent: None,
            driver: None,
            failure: None,
            policy: None,
        }
    }

    pub(crate) fn id(&self) -> String {
        self.place.arn().to_string()
    }

    pub(crate) fn save(&self, tx: &mut Sealed<'_>) -> Result<(), kv::Error> {
        tx.put_record(self.place.stack(), self)
    }

    /// Enters a state, and tells so in an event. The caller saves.
    pub(crate) fn enter(
        &mut self,
        tx: &mut Sealed<'_>,
        status: StackStatus,
        reason: Option<String>,
        token: Option<&String>,
        now: Timestamp,
    ) -> Result<(), kv::Error> {
        self.status = status;
        self.status_reason = reason;
        Event::of_stack(self, token, now).write(tx, &self.place)
    }
}

/// The stack of a name or an id. A deleted one is found by its id only.
pub(crate) async fn find(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    name_or_id: &str,
) -> Result<Option<Stack>, Fault> {
    let place = match name_or_id.strip_prefix("arn:") {
        Some(_) => place_of_arn(ctx, name_or_id),
        None => {
            let key = keys::name(ctx.account(), &ctx.region, name_or_id);
            let id = tx.get(&key).await?;
            id.map(|id| Place {
                account: ctx.account().clone(),
                region: ctx.region.clone(),
                name: name_or_id.to_owned(),
                id: String::from_utf8_lossy(&id).into_owned(),
            })
        }
    };
    match place {
        Some(place) => Ok(load(tx, &place).await?),
        None => Ok(None),
    }
}

fn place_of_arn(ctx: &Context, text: &str) -> Option<Place> {
    let place = Place::of_arn(text)?;
    (place.account == *ctx.account() && place.region == ctx.region).then_some(place)
}

/// The stack at a place.
pub(crate) async fn load(tx: &mut Sealed<'_>, place: &Place) -> Result<Option<Stack>, kv::Error> {
    tx.get_record(&place.stack()).await
}

/// The stack of a name or an id, which must exist.
pub(crate) async fn wanted(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    name_or_id: &str,
) -> Result<Stack, Fault> {
    let found = find(ctx, tx, name_or_id).await?;
    Ok(found.ok_or_else(|| Error::validation(format!("Stack [{name_or_id}] does not exist")))?)
}
