//! AWS Signature Version 4, both sides: [`Presented`] verifies what a client sent, [`sign`] and
//! [`presign`] produce it, [`ChunkDecoder`] verifies a body that is signed chunk by chunk, and [`TextSignature`]
//! what S3 still takes beside it: queries of version 2, and forms.
//!
//! Pure: no I/O, no clock, no key lookup. A verifier works in two steps, because the key must be
//! looked up in between:
//!
//! ```
//! # use sigv4::{BodyHash, Credentials, PathStyle, Presented, SigningKey};
//! # use types::{Secret, Timestamp};
//! # let now = Timestamp::from_secs(1_700_000_000);
//! # let secret = Secret::new("secret");
//! # let (mut parts, ()) = http::Request::get("http://localhost/").body(()).unwrap().into_parts();
//! # let credentials = Credentials::new("AKID", secret.clone());
//! # sigv4::sign(&mut parts, &BodyHash::EMPTY, &credentials, "us-east-1", "sqs", now).unwrap();
//! let presented = Presented::parse(&parts)?.expect("the request is signed");
//! let key = SigningKey::derive(&secret, presented.date(), presented.region(), presented.service());
//! presented.verify(&key, &parts, &BodyHash::of(b""), now, PathStyle::of(presented.service()))?;
//! # Ok::<(), sigv4::Error>(())
//! ```
//!
//! What is always required of a request: `host` and every `x-amz-*` header that is present are
//! signed, the clock is within [`MAX_SKEW`], and a declared `x-amz-content-sha256` equals the hash
//! that the caller verifies with. Signatures are compared in constant time.
//!
//! Official description: "AWS Signature Version 4 for API requests" in the IAM User Guide, and
//! "Authenticating Requests (AWS Signature Version 4)" in the S3 API Reference.

mod body;
mod canonical;
mod date;
mod encoding;
mod error;
mod key;
mod parse;
mod presented;
mod presign;
mod scope;
mod sign;
mod streaming;
mod text;
mod verify;

pub use body::{BodyHash, Streaming};
pub use encoding::PathStyle;
pub use error::{Dialect, Error};
pub use key::SigningKey;
pub use presented::{Kind, Presented};
pub use presign::presign;
pub use sign::{Credentials, sign};
pub use streaming::{ChunkDecoder, MIN_CHUNK_BYTES, Trailers};
pub use text::TextSignature;

use std::time::Duration;

/// How far the time of a request may be from ours, either way.
pub const MAX_SKEW: Duration = Duration::from_secs(15 * 60);
/// The longest life of a presigned request: seven days.
pub const MAX_EXPIRES: Duration = Duration::from_secs(604_800);

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
