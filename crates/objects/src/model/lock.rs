//! Object Lock: versions that nobody deletes before their time ("Locking objects with Object Lock").

use super::{Access, Bucket, Date, Object};
use crate::{Error, config};
use serde::{Deserialize, Serialize};
use service::{Context, Permission, Seconds, authorize};
use std::time::Duration;
use types::Timestamp;

/// Who may end a retention before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LockMode {
    /// Whoever has the permission to bypass it and says so.
    #[serde(rename = "GOVERNANCE")]
    Governance,
    /// Nobody.
    #[serde(rename = "COMPLIANCE")]
    Compliance,
}

impl LockMode {
    fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "GOVERNANCE" => Ok(Self::Governance),
            "COMPLIANCE" => Ok(Self::Compliance),
            _ => Err(invalid("Unknown wormMode directive.")),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }
}

/// Until when a version stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retention {
    pub(crate) mode: LockMode,
    pub(crate) until: Timestamp,
}

/// What keeps a version from being deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Lock {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retention: Option<Retention>,
    /// Nobody deletes it while this stands.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) legal_hold: bool,
}

/// How a bucket locks new versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct BucketLock {
    /// For those whose request says no retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<DefaultRetention>,
}

/// A retention that begins with each version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DefaultRetention {
    mode: LockMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    years: Option<u32>,
}

const DAY: Duration = Duration::from_secs(24 * 3_600);
const YEAR_DAYS: u32 = 365;

fn invalid(text: &str) -> Error {
    Error::InvalidArgument(text.to_owned())
}

impl DefaultRetention {
    fn days(&self) -> u32 {
        self.days.or(self.years.map(|years| years * YEAR_DAYS)).unwrap_or_default()
    }

    fn begin(&self, now: Timestamp) -> Retention {
        Retention { mode: self.mode, until: now + DAY * self.days() }
    }
}

impl Retention {
    /// A retention that a request asks for, by the texts of its mode and its end.
    pub(crate) fn new(
        mode: Option<&str>,
        until: Option<Date>,
        now: Timestamp,
    ) -> Result<Option<Self>, Error> {
        let (mode, until) = match (mode, until) {
            (None, None) => return Ok(None),
            (Some(mode), Some(until)) => (LockMode::parse(mode)?, until.at()),
            _ => {
                return Err(invalid(
                    "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be \
                     supplied",
                ));
            }
        };
        let text = "The retain until date must be provided in ISO 8601 format";
        let until = until.ok_or_else(|| invalid(text))?;
        if until <= now {
            return Err(invalid("The retain until date must be in the future!"));
        }
        Ok(Some(Self { mode, until }))
    }

    /// Whether `next` may take its place without a bypass.
    fn yields_to(&self, next: Option<&Self>) -> bool {
        next.is_some_and(|next| next.mode == self.mode && next.until >= self.until)
    }
}

/// The status of a legal hold, as requests write it.
pub(crate) fn legal_hold(status: &str) -> Result<bool, Error> {
    match status {
        "ON" => Ok(true),
        "OFF" => Ok(false),
        _ => Err(invalid("Legal Hold must be either of 'ON' or 'OFF'")),
    }
}

impl Lock {
    pub(crate) fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a version stays at this time, whoever asks without a bypass.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        self.legal_hold || self.held_until(now).is_some()
    }

    fn held_until(&self, now: Timestamp) -> Option<Retention> {
        self.retention.filter(|retention| retention.until > now)
    }

    /// Replaces the retention.
    pub(crate) fn retain(&mut self, next: Option<Retention>, by: &Bypass<'_>) -> Result<(), Error> {
        let held = self.held_until(by.ctx.now).filter(|held| !held.yields_to(next.as_ref()));
        match held {
            Some(held) if held.mode == LockMode::Compliance || !by.is_allowed() => {
                Err(Error::Locked)
            }
            _ => {
                self.retention = next;
                Ok(())
            }
        }
    }

    /// Checks that a version may go.
    pub(crate) fn check(&self, by: &Bypass<'_>) -> Result<(), Error> {
        if self.legal_hold {
            return Err(Error::Locked);
        }
        match self.held_until(by.ctx.now) {
            Some(held) if held.mode == LockMode::Compliance || !by.is_allowed() => {
                Err(Error::Locked)
            }
            _ => Ok(()),
        }
    }
}

/// A request that may end a retention before its time: if it says so, and its caller may.
pub(crate) struct Bypass<'a> {
    pub(crate) ctx: &'a Context,
    pub(crate) access: &'a Access,
    pub(crate) key: &'a str,
    /// Whether it says so.
    pub(crate) is_wanted: bool,
}

impl Bypass<'_> {
    fn is_allowed(&self) -> bool {
        let Self { ctx, access, key, .. } = self;
        let needed = access.object("s3:BypassGovernanceRetention", key);
        self.is_wanted && authorize(&ctx.caller, &needed, &ctx.region, ctx.now).is_ok()
    }
}

/// A lock that a new object asks for is one that its bucket can give.
pub(crate) fn check_lock(bucket: &Bucket, lock: &Lock) -> Result<(), Error> {
    let text = "Bucket is missing ObjectLockConfiguration";
    match bucket.lock.is_some() || lock.is_open() {
        true => Ok(()),
        false => Err(Error::InvalidRequest(text.to_owned())),
    }
}

/// Adds to what a new object says of its lock what its bucket does.
pub(crate) fn locked(bucket: &Bucket, mut object: Object, now: Timestamp) -> Result<Object, Error> {
    check_lock(bucket, &object.lock)?;
    let default = bucket.lock.and_then(|lock| lock.default);
    let begun = default.map(|default| default.begin(now));
    object.lock.retention = object.lock.retention.or(begun);
    Ok(object)
}

/// What asks for the lock of one object: its bucket must have locks.
pub(crate) fn needs_lock(bucket: &Bucket) -> Result<(), Error> {
    let text = "Bucket is missing Object Lock Configuration";
    bucket.lock.map(drop).ok_or_else(|| Error::InvalidRequest(text.to_owned()))
}

/// What is told of an object that has no lock of that kind.
pub(crate) fn no_lock() -> Error {
    Error::NoSuchConfiguration(
        "NoSuchObjectLockConfiguration",
        "The specified object does not have a ObjectLock configuration",
    )
}

/// The permissions that a new object with such a lock needs beside that to be put.
pub(crate) fn permissions(
    access: &Access,
    key: &str,
    mode: Option<&str>,
    until: Option<Date>,
    legal_hold: Option<&str>,
) -> Vec<Permission> {
    let mut needed = Vec::new();
    if mode.is_some() || until.is_some() {
        let mut retain = access.object("s3:PutObjectRetention", key);
        if let Some(mode) = mode {
            retain = retain.with_condition("s3:object-lock-mode", mode);
        }
        if let Some(until) = until.and_then(|until| until.at()) {
            let text = until.to_iso8601();
            retain = retain.with_condition("s3:object-lock-retain-until-date", text);
        }
        needed.push(retain);
    }
    if let Some(status) = legal_hold {
        let hold = access.object("s3:PutObjectLegalHold", key);
        needed.push(hold.with_condition("s3:object-lock-legal-hold", status));
    }
    needed
}

/// `Retention` of a document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct RetentionDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retain_until_date: Option<Seconds>,
}

impl RetentionDocument {
    pub(crate) fn of(retention: &Retention) -> Self {
        let mode = Some(retention.mode.name().to_owned());
        Self { mode, retain_until_date: Some(Seconds(retention.until)) }
    }

    /// The retention; none, where the document is empty: it goes.
    pub(crate) fn read(&self, now: Timestamp) -> Result<Option<Retention>, Error> {
        let until = self.retain_until_date.map(|Seconds(at)| Date::of(at));
        match (&self.mode, until) {
            (Some(mode), _) if LockMode::parse(mode).is_err() => Err(Error::MalformedXml),
            (Some(_), None) | (None, Some(_)) => Err(Error::MalformedXml),
            (mode, until) => Retention::new(mode.as_deref(), until, now),
        }
    }
}

/// `ObjectLockConfiguration` of a document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct LockDocument {
    object_lock_enabled: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<LockRule>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct LockRule {
    default_retention: Option<DefaultDocument>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DefaultDocument {
    mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    years: Option<i64>,
}

const ENABLED: &str = "Enabled";

impl LockDocument {
    pub(crate) fn of(lock: &BucketLock) -> Self {
        let rule = lock.default.map(|default| LockRule {
            default_retention: Some(DefaultDocument {
                mode: Some(default.mode.name().to_owned()),
                days: default.days.map(i64::from),
                years: default.years.map(i64::from),
            }),
        });
        Self { object_lock_enabled: Some(ENABLED.to_owned()), rule }
    }

    pub(crate) fn read(&self) -> Result<BucketLock, Error> {
        if self.object_lock_enabled.as_deref() != Some(ENABLED) {
            return Err(Error::MalformedXml);
        }
        let Some(rule) = &self.rule else { return Ok(BucketLock::default()) };
        let default = rule.default_retention.as_ref().ok_or(Error::MalformedXml)?;
        Ok(BucketLock { default: Some(default.read()?) })
    }
}

impl DefaultDocument {
    fn read(&self) -> Result<DefaultRetention, Error> {
        let mode = self.mode.as_deref().ok_or(Error::MalformedXml)?;
        let mode = LockMode::parse(mode).map_err(|_| Error::MalformedXml)?;
        let period = |given: i64, most: u32| match u32::try_from(given) {
            Ok(period) if period > most => Err(invalid("Default retention period too large")),
            Ok(period) if period > 0 => Ok(period),
            _ => Err(invalid("Default retention period must be a positive integer value.")),
        };
        let years = config::LOCK_YEARS;
        match (self.days, self.years) {
            (Some(days), None) => {
                let days = Some(period(days, years * YEAR_DAYS)?);
                Ok(DefaultRetention { mode, days, years: None })
            }
            (None, Some(given)) => {
                let years = Some(period(given, years)?);
                Ok(DefaultRetention { mode, days: None, years })
            }
            _ => Err(Error::MalformedXml),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(rule: serde_json::Value) -> Result<BucketLock, Error> {
        let text = json!({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": rule}});
        serde_json::from_value::<LockDocument>(text).unwrap().read()
    }

    #[test]
    fn a_default_is_in_days_or_years() {
        let now = Timestamp::from_secs(1_000);
        let days = document(json!({"Mode": "GOVERNANCE", "Days": 2})).unwrap().default.unwrap();
        assert_eq!(days.begin(now).until, now + DAY * 2);
        let years = document(json!({"Mode": "COMPLIANCE", "Years": 1})).unwrap().default.unwrap();
        assert_eq!(years.begin(now).until, now + DAY * 365);
        for bad in [
            json!({"Mode": "GOVERNANCE"}),
            json!({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}),
            json!({"Mode": "GOVERNANCE", "Days": 0}),
            json!({"Mode": "GOVERNANCE", "Days": 36_501}),
            json!({"Mode": "GOVERNANCE", "Years": -1}),
            json!({"Mode": "governance", "Days": 1}),
            json!({"Days": 1}),
        ] {
            assert!(document(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_retention_yields_to_a_longer_one_of_its_mode() {
        let at = |mode, secs| Retention { mode, until: Timestamp::from_secs(secs) };
        let held = at(LockMode::Governance, 100);
        assert!(held.yields_to(Some(&at(LockMode::Governance, 100))));
        assert!(!held.yields_to(Some(&at(LockMode::Governance, 99))));
        assert!(!held.yields_to(Some(&at(LockMode::Compliance, 200))));
        assert!(!held.yields_to(None));
    }

    /// What an earlier build wrote must stay readable.
    #[test]
    fn records_keep_their_stored_form() {
        let text = r#"{"retention":{"mode":"GOVERNANCE","until":5},"legal_hold":true}"#;
        let read: Lock = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        let text = r#"{"default":{"mode":"COMPLIANCE","days":3}}"#;
        let read: BucketLock = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}
