use crate::{
    Error, config,
    keys::{self, GroupId},
};
use clock::Ids;
use kv::{Record, Transaction};
use serde::{Deserialize, Serialize};
use service::{Constraint, Context, Violation};
use std::time::Duration;
use types::{AccountId, Arn, Region, RequestId, Tags, Timestamp};

const DAY: u64 = 24 * 60 * 60;

/// A log group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) id: GroupId,
    pub(crate) created: Timestamp,
    pub(crate) retention_days: Option<u32>,
    pub(crate) tags: Tags,
    /// The job that deletes what is older than the retention, while there is one.
    pub(crate) sweep: Option<RequestId>,
}

impl Record for Group {
    const VERSION: u8 = 1;
}

impl Group {
    /// The time before which events are expired at `now`.
    pub(crate) fn expired_before(&self, now: Timestamp) -> Timestamp {
        self.retention_days
            .map_or(Timestamp::default(), |days| now - Duration::from_secs(u64::from(days) * DAY))
    }

    pub(crate) fn save(&self, tx: &mut Transaction) -> Result<(), Error> {
        let key = keys::group(&self.id.account, &self.id.region, &self.name);
        Ok(tx.put_record(key, self)?)
    }
}

/// The ARN of a group, as tags and templates know it.
pub(crate) fn group_arn(account: &AccountId, region: &Region, name: &str) -> Arn {
    Arn::new("logs", region, account, &format!("log-group:{name}"))
}

/// What policies call a group: the stream that has no name.
pub(crate) fn group_resource(account: &AccountId, region: &Region, name: &str) -> String {
    super::stream_resource(account, region, name, "")
}

pub(crate) async fn find_group(
    tx: &mut Transaction,
    account: &AccountId,
    region: &Region,
    name: &str,
) -> Result<Option<Group>, Error> {
    Ok(tx.get_record(&keys::group(account, region, name)).await?)
}

/// The group of that name.
///
/// # Errors
/// There is none.
pub(crate) async fn get_group(
    ctx: &Context,
    tx: &mut Transaction,
    name: &str,
) -> Result<Group, Error> {
    let found = find_group(tx, ctx.account(), &ctx.region, name).await?;
    found.ok_or(Error::GroupNotFound)
}

/// Makes a group that does not exist.
pub(crate) fn create_group(
    tx: &mut Transaction,
    (account, region): (&AccountId, &Region),
    name: &str,
    tags: &Tags,
    ids: &Ids,
    now: Timestamp,
) -> Result<Group, Error> {
    let group = Group {
        name: name.to_owned(),
        id: GroupId { account: account.clone(), region: region.clone(), id: ids.bytes() },
        created: now,
        retention_days: None,
        tags: tags.clone(),
        sweep: None,
    };
    group.save(tx)?;
    Ok(group)
}

impl Group {
    /// Sets for how long events are kept.
    ///
    /// # Errors
    /// Not one of the official numbers of days.
    pub(crate) fn set_retention(&mut self, days: i64) -> Result<(), Error> {
        let known = config::RETENTION_DAYS.iter().find(|known| i64::from(**known) == days);
        if known.is_none() {
            let values = config::RETENTION_DAYS.iter().map(ToString::to_string).collect();
            let violation = Violation {
                path: "retentionInDays".to_owned(),
                member: "retentionInDays".to_owned(),
                value: Some(days.to_string()),
                constraint: Constraint::Enum(values),
            };
            return Err(Error::invalid(Violation::join(&[violation])));
        }
        self.retention_days = known.copied();
        Ok(())
    }
}

/// `old` with `new` over it. Keys that begin with `aws:` are for the platform's own services, by
/// which stacks know their resources again.
///
/// # Errors
/// Too many tags, or a reserved key in a request from outside.
pub(crate) fn merge_tags(ctx: &Context, name: &str, old: &Tags, new: &Tags) -> Result<Tags, Error> {
    let from_outside = ctx.caller.source_ip.is_some();
    let is_reserved = |key: &&String| key.to_ascii_lowercase().starts_with("aws:");
    if let Some(key) = new.keys().find(is_reserved).filter(|_| from_outside) {
        let text = format!("The tag key {key} begins with aws:, which is reserved.");
        return Err(Error::invalid(text));
    }
    let mut tags = old.clone();
    tags.extend(new.clone());
    let own = tags.keys().filter(|key| !is_reserved(key)).count();
    if own > config::TAGS {
        let resource = group_arn(ctx.account(), &ctx.region, name).to_string();
        return Err(Error::TooManyTags { resource });
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_group_stays_readable() {
        let bytes =
            b"\x01{\"name\":\"g\",\"id\":{\"account\":\"000000000000\",\"region\":\"eu-1\",\
            \"id\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},\"created\":5,\"retention_days\":7,\
            \"tags\":{\"a\":\"b\"},\"sweep\":null}";
        let group: Group = kv::decode_record(bytes).unwrap();
        assert_eq!((group.name.as_str(), group.retention_days), ("g", Some(7)));
        assert_eq!(&kv::encode_record(&group)[..], bytes);
        let now = Timestamp::from_secs(8 * DAY);
        assert_eq!(group.expired_before(now), Timestamp::from_secs(DAY));
    }
}
