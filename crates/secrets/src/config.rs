//! Limits and defaults, as the AWS Systems Manager User Guide ("Parameter Store": "Managing
//! parameter tiers", "Requirements and constraints for parameter names", "Working with parameter
//! labels") and the API reference give them.

/// Bytes of the value of a parameter in the standard tier.
pub const STANDARD_VALUE_BYTES: usize = 4 * 1024;
/// Bytes of the value of a parameter in the advanced tier.
pub const ADVANCED_VALUE_BYTES: usize = 8 * 1024;
/// Parameters of the standard tier in one account and region. Counted with reads that do not
/// conflict, so racing creations may pass it by as many as race.
pub const STANDARD_PARAMETERS: i64 = 10_000;
/// Parameters of the advanced tier in one account and region, counted in the same way.
pub const ADVANCED_PARAMETERS: i64 = 100_000;
/// Versions of one parameter; a new one takes the place of the oldest.
pub const VERSIONS: u64 = 100;
/// Labels of one version.
pub const LABELS: usize = 10;
/// Levels of a hierarchy.
pub const LEVELS: usize = 15;
/// Characters of a name together with the rest of its ARN.
pub const ARN_CHARS: usize = 1011;
/// Tags of one parameter.
pub const TAGS: usize = 50;
/// Parameters or versions in a page of a description or history.
pub const DESCRIBE_RESULTS: usize = 50;
/// Parameters in a page of a path.
pub const PATH_RESULTS: usize = 10;
/// The key that `SecureString` may name. The master key of the installation stands in for it.
pub const KMS_KEY: &str = "alias/aws/ssm";
/// Parameters that one request of a list looks at; the next page goes on behind them.
pub(crate) const SCANNED: usize = 500;
