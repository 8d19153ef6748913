//! A new parameter, or a new version of one.

use super::{Kind, Parameter, Stored, Tag, Tier, Vault, Version, check_name, find, merge_tags};
use crate::{Error, config, keys::Place};
use kv::Transaction;
use regex_lite::Regex;
use serde::Deserialize;
use service::{Constraint, Context, Violation};
use types::{Secret, Tags};

/// The tier that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum WishedTier {
    Standard,
    Advanced,
    /// The standard tier where it is enough.
    #[serde(rename = "Intelligent-Tiering")]
    Intelligent,
}

/// What a parameter is to become.
pub(crate) struct Wish<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: Option<Kind>,
    pub(crate) value: &'a Secret,
    pub(crate) description: Option<&'a String>,
    pub(crate) allowed_pattern: Option<&'a String>,
    pub(crate) tier: Option<WishedTier>,
    pub(crate) overwrite: bool,
    pub(crate) tags: &'a [Tag],
}

/// Does it; the answer is the parameter with its new version.
pub(crate) async fn put(
    ctx: &Context,
    tx: &mut Transaction,
    vault: &Vault,
    wish: &Wish<'_>,
) -> Result<Parameter, Error> {
    let place = Place::of(ctx);
    check_name(ctx, wish.name)?;
    if wish.overwrite && !wish.tags.is_empty() {
        return Err(Error::validation(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with \
             tags, please remove overwrite flag. To update tags for an existing parameter, please \
             use AddTagsToResource or RemoveTagsFromResource.",
        ));
    }
    let before = find(tx, &place, wish.name).await?;
    if before.is_some() && !wish.overwrite {
        return Err(Error::AlreadyExists);
    }
    let was = before.as_ref().map(|before| &before.current);
    let version = version(ctx, &place, vault, was, wish)?;
    count(tx, &place, was.map(|was| was.tier), version.tier).await?;
    let parameter = match before {
        Some(before) => replace(tx, &place, before, version).await?,
        None => Parameter {
            name: wish.name.to_owned(),
            tags: merge_tags(ctx, &Tags::default(), wish.tags)?,
            labels: Default::default(),
            oldest: version.number,
            current: version,
        },
    };
    parameter.save(tx, &place)?;
    Ok(parameter)
}

/// The new version. What the request does not say stays as it was.
fn version(
    ctx: &Context,
    place: &Place,
    vault: &Vault,
    was: Option<&Version>,
    wish: &Wish<'_>,
) -> Result<Version, Error> {
    let missing = || Error::validation("A parameter type is required when you create a parameter.");
    let kind = wish.kind.or(was.map(|was| was.kind)).ok_or_else(missing)?;
    let value = wish.value.expose();
    let tier = tier(was.map(|was| was.tier), wish.tier, value.len())?;
    let kept = |new: Option<&String>, old: fn(&Version) -> &Option<String>| {
        let text = new.cloned().or_else(|| old(was?).clone());
        text.filter(|text| !text.is_empty())
    };
    let allowed_pattern = kept(wish.allowed_pattern, |was| &was.allowed_pattern);
    check_value(kind, value, allowed_pattern.as_deref())?;
    let number = was.map_or(1, |was| was.number + 1);
    let stored = match kind {
        Kind::SecureString => vault.seal(place, (wish.name, number), value, ctx.ids().bytes()),
        Kind::String | Kind::StringList => Stored::Plain(value.to_owned()),
    };
    Ok(Version {
        number,
        kind,
        value: stored,
        description: kept(wish.description, |was| &was.description),
        allowed_pattern,
        tier,
        modified: ctx.now,
        modified_by: ctx.caller.principal.display_name(),
    })
}

fn tier(was: Option<Tier>, wished: Option<WishedTier>, bytes: usize) -> Result<Tier, Error> {
    let is_large = bytes > config::STANDARD_VALUE_BYTES;
    let tier = match (wished, was) {
        (Some(WishedTier::Standard), Some(Tier::Advanced)) => {
            return Err(Error::validation(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter \
                 from the advanced-parameter tier to the standard-parameter tier. If necessary, you \
                 can delete the advanced parameter and recreate it as a standard parameter.",
            ));
        }
        (Some(WishedTier::Advanced), _) | (None, Some(Tier::Advanced)) => Tier::Advanced,
        (Some(WishedTier::Intelligent), Some(Tier::Advanced)) => Tier::Advanced,
        (Some(WishedTier::Intelligent), _) if is_large => Tier::Advanced,
        _ => Tier::Standard,
    };
    match tier {
        Tier::Standard if is_large => Err(Error::validation(
            "Standard tier parameters support a maximum parameter value of 4096 characters. To \
             create a larger parameter value, upgrade the parameter to use the advanced-parameter \
             tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/\
             userguide/parameter-store-advanced-parameters.html",
        )),
        Tier::Advanced if bytes > config::ADVANCED_VALUE_BYTES => Err(Error::validation(
            "Advanced tier parameters support a maximum parameter value of 8192 characters.",
        )),
        tier => Ok(tier),
    }
}

fn check_value(kind: Kind, value: &str, pattern: Option<&str>) -> Result<(), Error> {
    if value.is_empty() {
        let violation = Violation {
            path: "value".to_owned(),
            member: "Value".to_owned(),
            value: Some(String::new()),
            constraint: Constraint::MinLength(1),
        };
        return Err(Error::validation(Violation::join(&[violation])));
    }
    let Some(pattern) = pattern else { return Ok(()) };
    let regex = Regex::new(&format!("^(?:{pattern})$"));
    let regex = regex.map_err(|_| Error::InvalidPattern(pattern.to_owned()))?;
    let mut items = match kind {
        Kind::StringList => value.split(',').collect(),
        Kind::String | Kind::SecureString => vec![value],
    }
    .into_iter();
    match items.all(|item| regex.is_match(item)) {
        true => Ok(()),
        false => Err(Error::PatternMismatch(pattern.to_owned())),
    }
}

/// Counts a parameter in its tier.
async fn count(
    tx: &mut Transaction,
    place: &Place,
    was: Option<Tier>,
    tier: Tier,
) -> Result<(), Error> {
    if was == Some(tier) {
        return Ok(());
    }
    let limit = match tier {
        Tier::Standard => config::STANDARD_PARAMETERS,
        Tier::Advanced => config::ADVANCED_PARAMETERS,
    };
    let key = place.count(tier);
    let count = tx.get_snapshot(&key).await?;
    let count = count.and_then(|bytes| bytes[..].try_into().ok()).map_or(0, i64::from_le_bytes);
    if count >= limit {
        return Err(Error::TooManyParameters(limit));
    }
    tx.add(key, 1)?;
    if let Some(was) = was {
        tx.add(place.count(was), -1)?;
    }
    Ok(())
}

/// Sets the former version aside, and forgets the oldest when there are too many.
async fn replace(
    tx: &mut Transaction,
    place: &Place,
    mut parameter: Parameter,
    version: Version,
) -> Result<Parameter, Error> {
    let former = std::mem::replace(&mut parameter.current, version);
    tx.put_record(place.version(&parameter.name, former.number), &former)?;
    if parameter.current.number - parameter.oldest >= config::VERSIONS {
        let oldest = parameter.oldest;
        if !parameter.labels_of(oldest).is_empty() {
            let name = parameter.name.clone();
            return Err(Error::OldestHasLabel { name, version: oldest });
        }
        tx.delete(place.version(&parameter.name, oldest))?;
        parameter.oldest += 1;
    }
    Ok(parameter)
}
