//! Limits and defaults, as the IAM User Guide ("IAM and AWS STS quotas") and the API references of
//! IAM and STS give them.

use std::time::Duration;

/// Users in an account.
pub const USERS: i64 = 5_000;
/// Roles in an account.
pub const ROLES: i64 = 1_000;
/// Customer managed policies in an account.
pub const POLICIES: i64 = 1_500;
/// Access keys of one user.
pub const ACCESS_KEYS_PER_USER: usize = 2;
/// Managed policies that one user or role can have.
pub const ATTACHED_POLICIES: usize = 10;
/// Versions of one managed policy.
pub const POLICY_VERSIONS: usize = 5;
/// Tags of one user, role or policy.
pub const TAGS: usize = 50;
/// Characters of a managed policy, without white space.
pub const MANAGED_POLICY_CHARS: usize = 6_144;
/// Characters of a trust policy, without white space.
pub const TRUST_POLICY_CHARS: usize = 2_048;
/// Characters of all inline policies of one user, without white space.
pub const USER_INLINE_CHARS: usize = 2_048;
/// Characters of all inline policies of one role, without white space.
pub const ROLE_INLINE_CHARS: usize = 10_240;
/// Characters of the session policy of an `AssumeRole`.
pub const SESSION_POLICY_CHARS: usize = 2_048;
/// Elements of one page where the request does not say.
pub const DEFAULT_PAGE: usize = 100;

/// How long a session of a role lasts where the request does not say.
pub const DEFAULT_SESSION: Duration = Duration::from_secs(3_600);
/// How long a session may last that is assumed by another session.
pub const CHAINED_SESSION: Duration = Duration::from_secs(3_600);
/// `MaxSessionDuration` of a role that does not say.
pub const DEFAULT_MAX_SESSION_SECONDS: u32 = 3_600;
/// How long `GetSessionToken` lasts where the request does not say.
pub const DEFAULT_TOKEN: Duration = Duration::from_secs(43_200);
/// The longest `GetSessionToken` of the root user.
pub const ROOT_TOKEN: Duration = Duration::from_secs(3_600);

/// Users, roles, keys and tokens that are kept ready in memory, each kind for itself.
pub(crate) const CACHED: usize = 1_024;
