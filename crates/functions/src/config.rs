//! Limits and defaults, as the AWS Lambda Developer Guide gives them ("Lambda quotas", "How Lambda
//! handles errors and retries with asynchronous invocation").

use std::{ops::RangeInclusive, time::Duration};

/// Bytes of a deployment package that comes in a request, packed.
pub const ZIPPED_BYTES: usize = 50 * 1024 * 1024;
/// Bytes of a deployment package, unpacked, and of a function's package and its layers together.
pub const UNZIPPED_BYTES: u64 = 250 * 1024 * 1024;
/// Files and folders in a deployment package.
pub const PACKAGE_ENTRIES: usize = 100_000;
/// Bytes of all code of an account, as `GetAccountSettings` tells it.
pub const TOTAL_CODE_BYTES: u64 = 75 * 1024 * 1024 * 1024;
/// Bytes of the payload of a synchronous invocation.
pub const SYNC_PAYLOAD_BYTES: usize = 6 * 1024 * 1024;
/// Bytes of the payload of an asynchronous invocation.
pub const EVENT_PAYLOAD_BYTES: usize = 1024 * 1024;
/// Seconds that an invocation may take.
pub const TIMEOUT_SECONDS: RangeInclusive<u32> = 1..=900;
/// Memory of an instance in MiB.
pub const MEMORY_MIB: RangeInclusive<u32> = 128..=10_240;
/// Size of `/tmp` in MiB.
pub const TMP_MIB: RangeInclusive<u32> = 512..=10_240;
/// Bytes of all names and values of a function's environment, written as JSON.
pub const ENVIRONMENT_BYTES: usize = 4 * 1024;
/// Bytes of a function's policy.
pub const POLICY_BYTES: usize = 20 * 1024;
/// Tags that one function can have.
pub const TAGS: usize = 50;
/// Functions in one page of a list.
pub const LIST_FUNCTIONS: usize = 50;
/// Mappings in one page of a list.
pub const LIST_MAPPINGS: usize = 100;
/// Mappings that one installation can have.
pub const MAPPINGS: usize = 10_000;
/// Bytes of the client context of an invocation, before base64.
pub const CLIENT_CONTEXT_BYTES: usize = 3_583;
/// Records in one batch of a queue when a window is given.
pub const BATCH_SIZE: RangeInclusive<u32> = 1..=10_000;
/// Records in one batch of a queue without a window.
pub const BATCH_SIZE_WITHOUT_WINDOW: u32 = 10;

/// Published versions that one function can have.
pub const VERSIONS: usize = 1_000;
/// Aliases that one function can have.
pub const ALIASES: usize = 1_000;
/// Versions or aliases in one page of a list.
pub const LIST_VERSIONS: usize = 50;
/// Provisioned concurrency configurations in one page of a list.
pub const LIST_PROVISIONED: usize = 50;
/// Layers that one function can have.
pub const LAYERS: usize = 5;
/// Layer versions, or layers, in one page of a list.
pub const LIST_LAYERS: usize = 50;
/// A layer's name has at most this many characters.
pub const LAYER_NAME_CHARS: usize = 64;
/// A qualifier has at most this many characters.
pub const QUALIFIER_CHARS: usize = 128;

/// A function's name has at most this many characters.
pub const NAME_CHARS: usize = 64;

/// Default of `Timeout`.
pub const DEFAULT_TIMEOUT_SECONDS: u32 = 3;
/// Default of `MemorySize`.
pub const DEFAULT_MEMORY_MIB: u32 = 128;
/// Default of `EphemeralStorage`.
pub const DEFAULT_TMP_MIB: u32 = 512;
/// Default of `BatchSize` for queues.
pub const DEFAULT_BATCH_SIZE: u32 = 10;
/// Default of `MaximumRetryAttempts` of asynchronous invocations.
pub const DEFAULT_RETRY_ATTEMPTS: u32 = 2;
/// Default of `MaximumEventAgeInSeconds`, which is also its maximum.
pub const DEFAULT_EVENT_AGE_SECONDS: u32 = 21_600;

/// How many functions may follow each other as destinations; the recursive loop detection of
/// Lambda stops at about as many.
pub(crate) const DESTINATION_HOPS: u32 = 16;
/// The wait after the first failure of an asynchronous invocation; after the second it is twice
/// as long.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(60);
/// The longest wait of an asynchronous invocation that found no room or no working platform.
pub(crate) const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// What must be left for functions without reserved concurrency ("Lambda quotas").
pub(crate) const UNRESERVED_INSTANCES: usize = 100;
/// Functions with reserved concurrency: they are added up in one transaction.
pub(crate) const RESERVING_FUNCTIONS: usize = 1_000;
/// Versions and aliases with provisioned concurrency: they are added up in one transaction.
pub(crate) const PROVISIONED: usize = 1_000;
/// Filters of one event source mapping ("Filter criteria": five, more on request).
pub(crate) const FILTERS: usize = 5;
/// How long code without a function is kept: a deployment must end within it.
pub(crate) const CODE_GRACE: Duration = Duration::from_secs(24 * 3600);
/// How long a blob without a reference is kept.
pub(crate) const BLOB_GRACE: Duration = Duration::from_secs(3600);
/// How long credentials outlive the oldest instance.
pub(crate) const CREDENTIALS_MARGIN: Duration = Duration::from_secs(1800);
/// Functions at once of which it is asked whether they still exist, when metrics are read.
pub(crate) const LOOKS_AT_ONCE: usize = 16;
/// Instance specifications in memory.
pub(crate) const CACHED_SPECS: usize = 10_000;

/// Bytes of the prelude of a streamed response: as many as its headers may have elsewhere.
pub(crate) const PRELUDE_BYTES: usize = 64 * 1024;

/// The bucket in `Code.S3Bucket` that means an upload to this installation.
pub const CODE_BUCKET: &str = "pileus-code";
/// Where function URLs have their path form.
pub const URL_PATH: &str = "/lambda-url/";
/// Where code is uploaded: this, and the lower-case hexadecimal SHA-256 of the zip.
pub const UPLOAD_PATH: &str = "/_pileus/code/";
/// Where packages are downloaded from.
pub const DOWNLOAD_PATH: &str = "/_pileus/package/";
/// How long the place of a package that GetFunction tells is good.
pub const DOWNLOAD_TIME: Duration = Duration::from_secs(600);
