//! Limits, as "Understand CloudFormation quotas" and the API reference give them; what differs says
//! so.

use std::time::Duration;

/// Bytes of a template, or of a file that it includes. CloudFormation takes 51,200 directly and 1 MB
/// from S3; Pileus takes the larger size directly.
pub const TEMPLATE_BYTES: usize = template::limits::TEMPLATE_BYTES;
/// Files that a template can include with `AWS::Include`.
pub const INCLUDES: usize = 100;
/// Characters of a stack's name.
pub const STACK_NAME_CHARS: usize = 128;
/// Tags of a stack.
pub const TAGS: usize = 50;
/// Characters of a tag's key.
pub const TAG_KEY_CHARS: usize = 128;
/// Characters of a tag's value.
pub const TAG_VALUE_CHARS: usize = 256;
/// Stacks that an account can have in a region.
pub const STACKS: usize = 2_000;
/// Change sets that a stack can have. (CloudFormation allows 1,000.)
pub const CHANGE_SETS: usize = 100;
/// How long a deleted stack can still be described by its id.
pub const DELETED_STACK_DAYS: u64 = 90;
/// Entries in one page of a list.
pub const PAGE: usize = 100;

/// Resources that one deployment works on at a time.
pub(crate) const PARALLEL: usize = 8;
/// How long one step of a deployment starts new work; then the job hands over to its next step.
pub(crate) const STEP: Duration = Duration::from_secs(15);
/// How long one call of a resource's provider may take.
pub(crate) const CALL: Duration = Duration::from_secs(60);
/// How often one resource is tried although its service fails with an error of the platform.
pub(crate) const TRIES: u32 = 5;
/// The pause before such a resource is tried again.
pub(crate) const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// Stacks that can be nested in one another. (CloudFormation names no limit.)
pub const NESTED: usize = 10;
/// How often a stack looks at one that is nested in it.
pub(crate) const NESTED_POLL: Duration = Duration::from_secs(1);
/// Bytes of the answer of a custom resource.
pub const RESPONSE_BYTES: usize = 4_096;
/// Characters of a physical id that a custom resource answers.
pub const PHYSICAL_ID_CHARS: usize = 1_024;
/// The longest time that a custom resource may take, and its default.
pub const SERVICE_TIMEOUT: Duration = Duration::from_secs(3_600);
/// How often a stack looks for the answer of a custom resource: at first, and at last.
pub(crate) const RESPONSE_POLL: (Duration, Duration) =
    (Duration::from_millis(500), Duration::from_secs(10));
/// How long the URL of a wait condition's handle can be used.
pub(crate) const HANDLE_LIFETIME: Duration = Duration::from_secs(24 * 3_600);
/// The longest time that a wait condition may take.
pub const WAIT_TIMEOUT: Duration = Duration::from_secs(12 * 3_600);
/// Signals that a handle takes, and a wait condition may ask for. (CloudFormation names no limit.)
pub const WAIT_SIGNALS: usize = 256;
/// Random characters at the end of a generated name.
pub(crate) const NAME_RANDOM_CHARS: usize = 12;
/// Entries that one step of forgetting a stack removes.
pub(crate) const FORGET_STEP: usize = 500;
