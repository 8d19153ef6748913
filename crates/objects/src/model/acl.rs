//! ACLs as buckets of today have them: off. Reading tells that the owner may do everything; setting
//! one is refused unless it says just that ("Controlling ownership of objects").

use super::Owner;
use crate::Error;
use serde::{Deserialize, Serialize};
use service::Permission;

/// The one canned ACL that is accepted.
const OWNER_FULL_CONTROL: &str = "bucket-owner-full-control";
const FULL_CONTROL: &str = "FULL_CONTROL";
const USER: &str = "CanonicalUser";

/// `AccessControlPolicy`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AccessControlPolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Owner>,
    #[serde(default)]
    grants: Vec<Grant>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Grant {
    #[serde(skip_serializing_if = "Option::is_none")]
    grantee: Option<Grantee>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Grantee {
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    r#type: String,
    /// What the display name says changes nothing: the id names the user.
    #[serde(rename = "DisplayName", skip_serializing)]
    _display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<String>,
    #[serde(rename = "URI", skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
}

impl AccessControlPolicy {
    /// What is true of every bucket and object.
    pub(crate) fn of(owner: Owner) -> Self {
        let grantee = Grantee {
            id: Some(owner.id().to_owned()),
            r#type: USER.to_owned(),
            _display_name: None,
            email_address: None,
            uri: None,
        };
        let grant = Grant { grantee: Some(grantee), permission: Some(FULL_CONTROL.to_owned()) };
        Self { owner: Some(owner), grants: vec![grant] }
    }

    /// Whether it says what is true anyway.
    fn is_of(&self, owner: &Owner) -> bool {
        let mut said = self.clone();
        said.grants.iter_mut().filter_map(|grant| grant.grantee.as_mut()).for_each(|grantee| {
            grantee._display_name = None;
        });
        let is_owner = said.owner.replace(owner.clone()).is_none_or(|one| one.id() == owner.id());
        is_owner && said == Self::of(owner.clone())
    }
}

/// The members by which a request sets an ACL.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub(crate) struct SetAcl {
    #[serde(rename = "ACL")]
    acl: Option<String>,
    access_control_policy: Option<AccessControlPolicy>,
    grant_full_control: Option<String>,
    grant_read: Option<String>,
    #[serde(rename = "GrantReadACP")]
    grant_read_acp: Option<String>,
    grant_write: Option<String>,
    #[serde(rename = "GrantWriteACP")]
    grant_write_acp: Option<String>,
}

impl SetAcl {
    /// The permissions, with what policies can ask of an ACL.
    pub(crate) fn conditions(&self, permissions: Vec<Permission>) -> Vec<Permission> {
        let add = |permission: Permission| match self.acl.as_deref() {
            Some(acl) => permission.with_condition("s3:x-amz-acl", acl),
            None => permission,
        };
        permissions.into_iter().map(add).collect()
    }

    /// Accepts what changes nothing: the owner's full control, canned or as a document.
    pub(crate) fn check(&self, owner: &Owner) -> Result<(), Error> {
        let grants = [
            &self.grant_full_control,
            &self.grant_read,
            &self.grant_read_acp,
            &self.grant_write,
            &self.grant_write_acp,
        ];
        refuse_grants(self.acl.as_deref(), &grants)?;
        match (&self.acl, &self.access_control_policy) {
            (None, None) => Err(Error::MissingSecurityHeader),
            (Some(_), None) => Ok(()),
            (None, Some(policy)) if policy.is_of(owner) => Ok(()),
            _ => Err(Error::AccessControlListNotSupported),
        }
    }
}

/// Refuses a canned ACL other than the owner's full control, and every grant.
pub(crate) fn refuse_grants(acl: Option<&str>, grants: &[&Option<String>]) -> Result<(), Error> {
    let is_other = acl.is_some_and(|acl| acl != OWNER_FULL_CONTROL);
    match is_other || grants.iter().any(|grant| grant.is_some()) {
        true => Err(Error::AccessControlListNotSupported),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(members: Value) -> Result<(), Error> {
        let owner = Owner::of(&"000000000000".parse().unwrap());
        serde_json::from_value::<SetAcl>(members).unwrap().check(&owner)
    }

    #[test]
    fn only_what_is_true_anyway_can_be_set() {
        let owner = Owner::of(&"000000000000".parse().unwrap());
        let read = serde_json::to_value(AccessControlPolicy::of(owner)).unwrap();
        assert!(check(json!({"AccessControlPolicy": read})).is_ok());
        assert!(check(json!({"ACL": "bucket-owner-full-control"})).is_ok());
        let mut named = read.clone();
        named["Owner"]["DisplayName"] = json!("somebody");
        named["Grants"][0]["Grantee"]["DisplayName"] = json!("somebody");
        assert!(check(json!({"AccessControlPolicy": named})).is_ok());
        let mut other = read.clone();
        other["Owner"]["ID"] = json!("1");
        let mut more = read.clone();
        more["Grants"][0]["Permission"] = json!("READ");
        for members in [
            json!({}),
            json!({"ACL": "private"}),
            json!({"ACL": "public-read"}),
            json!({"AccessControlPolicy": more}),
            json!({"AccessControlPolicy": other}),
            json!({"AccessControlPolicy": {}}),
            json!({"AccessControlPolicy": read, "GrantRead": "id=1"}),
        ] {
            assert!(check(members.clone()).is_err(), "{members}");
        }
    }
}
