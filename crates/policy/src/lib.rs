//! The IAM policy language: documents are parsed once into a compiled form and evaluated often.
//!
//! Pure: no I/O, no clock, no knowledge of any service. [`Document`] is one policy, kept with its
//! original text; [`evaluate`] decides one action on one resource by the documented order:
//!
//! 1. an explicit deny in any policy refuses;
//! 2. in the same account a resource-based policy that names the caller (its user, its session, or
//!    everyone) allows by itself; one that names its role stands in for identity-based policies;
//! 3. else identity-based policies, the permissions boundary and the session policies must all allow;
//! 4. across accounts both sides must allow: 3 and the resource-based policy;
//! 5. a service and an anonymous caller have only the resource-based policy.
//!
//! The root user of an account may do everything in it that no resource-based policy denies.
//!
//! ```
//! use policy::*;
//! let text = r#"{"Version": "2012-10-17", "Statement": [
//!     {"Effect": "Allow", "Action": "sqs:Send*", "Resource": "arn:aws:sqs:*:*:orders"}]}"#;
//! let identity = [std::sync::Arc::new(Document::parse(text, DocumentKind::Identity)?)];
//! let arn = "arn:aws:iam::000000000000:user/jane".parse().unwrap();
//! let principal = Principal::User { arn, id: "AIDAJANE".into() };
//! let request = Request {
//!     principal: &principal,
//!     action: "sqs:SendMessage",
//!     resource: "arn:aws:sqs:us-east-1:000000000000:orders",
//!     resource_account: &"000000000000".parse().unwrap(),
//!     context: &Context::of(&principal),
//! };
//! let resource = ResourcePolicy::Absent;
//! let policies = Policies { identity: &identity, boundary: None, session: None, resource };
//! assert_eq!(evaluate(&request, &policies), Decision::Allow);
//! # Ok::<(), Malformed>(())
//! ```
//!
//! Official description: "IAM JSON policy element reference" and "Policy evaluation logic" in the
//! IAM User Guide.

mod action;
mod condition;
mod context;
mod decision;
mod document;
mod error;
mod evaluate;
mod json;
mod pattern;
mod principal;
mod principals;
mod resource;
mod statement;

pub use context::Context;
pub use decision::{Decision, Denial, DenialKind};
pub use document::{Document, DocumentKind, MAX_TEXT_BYTES};
pub use error::Malformed;
pub use evaluate::{Policies, Request, ResourcePolicy, evaluate};
pub use principal::Principal;
