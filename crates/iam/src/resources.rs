//! The CloudFormation resource types of IAM: roles, users, inline and managed policies.

mod managed_policy;
mod policy;
mod role;
mod steps;
mod user;

use service::ResourceProvider;
use std::sync::Arc;

/// All of them.
pub(crate) fn providers() -> Vec<Arc<dyn ResourceProvider>> {
    vec![
        Arc::new(role::Role),
        Arc::new(user::User),
        Arc::new(policy::Policy),
        Arc::new(managed_policy::ManagedPolicy),
    ]
}
