//! The managed policies of AWS that are known here: those that serverless templates name. Any other
//! ARN is an unknown policy.
//!
//! `managed.json` holds the versions in force on 2026-08-22, as AWS's `GetPolicyVersion` gave them to
//! the public data set `iann0036/iam-dataset` (`aws/managedpolicies`); those of
//! `AdministratorAccess` and `PowerUserAccess` are from the AWS Managed Policy Reference Guide.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, sync::LazyLock};

/// A managed policy of AWS, in its version in force.
pub(crate) struct Managed {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) arn: String,
    /// `ANPA...`
    pub(crate) id: String,
    /// `v3`
    pub(crate) version: String,
    pub(crate) text: String,
}

#[derive(Deserialize)]
struct Row {
    path: String,
    version: u32,
    document: Box<RawValue>,
}

static TABLE: LazyLock<BTreeMap<String, Managed>> = LazyLock::new(|| {
    let rows: BTreeMap<String, Row> = serde_json::from_str(include_str!("../managed.json"))
        .expect("the table is checked in, and a test reads it");
    rows.into_iter().map(|(name, row)| Managed::new(name, row)).collect()
});

impl Managed {
    fn new(name: String, row: Row) -> (String, Self) {
        let arn = format!("arn:aws:iam::aws:policy{}{name}", row.path);
        let managed = Self {
            id: id(&name),
            path: row.path,
            arn: arn.clone(),
            version: format!("v{}", row.version),
            text: row.document.get().to_owned(),
            name,
        };
        (arn, managed)
    }
}

/// An id in the official form that follows from the name: the official ids are no part of the
/// reference.
fn id(name: &str) -> String {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut letter = |round: u8| {
        for byte in name.bytes().chain([round]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        char::from(clock::Ids::UPPER[(state >> 59) as usize])
    };
    (0..17).fold("ANPA".to_owned(), |mut id, round| {
        id.push(letter(round));
        id
    })
}

/// The policy of an ARN.
pub(crate) fn find(arn: &str) -> Option<&'static Managed> {
    TABLE.get(arn)
}

/// All of them, ordered by ARN.
pub(crate) fn all() -> impl Iterator<Item = &'static Managed> {
    TABLE.values()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_of_the_table_is_well_formed_and_has_its_own_id() {
        let mut ids: Vec<&str> = all().map(|policy| policy.id.as_str()).collect();
        for policy in all() {
            crate::model::identity_policy(&policy.text).unwrap();
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all().count());
    }

    /// Versions as the source of the table has them.
    #[test]
    fn policies_have_the_version_and_the_text_of_their_source() {
        let version = |name: &str| {
            let found = all().find(|policy| policy.name == name);
            found.map(|policy| policy.version.as_str())
        };
        assert_eq!(version("AmazonDynamoDBFullAccess"), Some("v15"));
        assert_eq!(version("AWSLambda_FullAccess"), Some("v7"));
        assert_eq!(version("AmazonSQSReadOnlyAccess"), Some("v4"));
        let basic = find("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
        let text: serde_json::Value = serde_json::from_str(&basic.unwrap().text).unwrap();
        let actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
        assert_eq!(text["Statement"][0]["Action"], serde_json::json!(actions));
    }

    #[test]
    fn service_role_policies_lie_under_their_path() {
        let arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert_eq!(find(arn).map(|policy| policy.version.as_str()), Some("v1"));
        assert!(find("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").is_none());
    }
}
