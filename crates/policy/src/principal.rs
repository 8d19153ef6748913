use types::{AccountId, Arn};

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The root user of an account.
    Root {
        /// The account that it owns.
        account: AccountId,
    },
    /// An IAM user.
    User {
        /// `arn:aws:iam::123456789012:user/path/name`.
        arn: Arn,
        /// The unique id, `AIDA...`.
        id: String,
    },
    /// A session of a role.
    Session {
        /// `arn:aws:sts::123456789012:assumed-role/role/session`.
        arn: Arn,
        /// `arn:aws:iam::123456789012:role/path/role`.
        role: Arn,
        /// The unique id of the role and the name of the session, `AROA...:session`.
        id: String,
    },
    /// A service that acts by itself, such as `events.amazonaws.com`.
    Service {
        /// The service principal.
        name: String,
    },
    /// Nobody who has said who they are.
    Anonymous,
}

impl Principal {
    /// The account that the caller belongs to; services and anonymous callers belong to none.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Root { account } => Some(account.as_str()),
            Self::User { arn, .. } | Self::Session { arn, .. } => Some(arn.account()),
            Self::Service { .. } | Self::Anonymous => None,
        }
    }

    /// How a denial names the caller: its ARN, the service, or `anonymous`.
    #[must_use]
    pub fn display_name(&self) -> String {
        match self {
            Self::Root { account } => format!("arn:aws:iam::{account}:root"),
            Self::User { arn, .. } | Self::Session { arn, .. } => arn.to_string(),
            Self::Service { name } => name.clone(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }

    pub(crate) fn is_service(&self) -> bool {
        matches!(self, Self::Service { .. })
    }

    /// `aws:PrincipalType`.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Root { .. } => "Account",
            Self::User { .. } => "User",
            Self::Session { .. } => "AssumedRole",
            Self::Service { .. } => "Service",
            Self::Anonymous => "Anonymous",
        }
    }

    /// `aws:PrincipalArn`: for a session the ARN of its role.
    pub(crate) fn policy_arn(&self) -> Option<String> {
        match self {
            Self::Root { .. } => Some(self.display_name()),
            Self::User { arn, .. } | Self::Session { role: arn, .. } => Some(arn.to_string()),
            Self::Service { .. } | Self::Anonymous => None,
        }
    }

    /// `aws:userid`.
    pub(crate) fn user_id(&self) -> Option<&str> {
        match self {
            Self::Root { account } => Some(account.as_str()),
            Self::User { id, .. } | Self::Session { id, .. } => Some(id),
            Self::Service { .. } => None,
            Self::Anonymous => Some("anonymous"),
        }
    }

    /// `aws:username`, which only users have: the last part of the path.
    pub(crate) fn user_name(&self) -> Option<&str> {
        match self {
            Self::User { arn, .. } => arn.resource().rsplit('/').next(),
            _ => None,
        }
    }
}
