//! What several operations do in the same way: inputs, and the beginning of deployments.

mod begin;
mod contexts;
mod input;
mod location;
mod proposal;
mod source;
mod stored;

pub(crate) use begin::{
    begin_create, begin_delete, begin_update, check_exports, check_update, continue_rollback,
    deployment, drop_change_sets, importer, records, register,
};
pub(crate) use contexts::{Context, Contexts, contexts};
pub(crate) use input::{
    DeploymentConfigInput, ParameterInput, TagInput, Token, check_name, check_token,
    find_change_set, new_place, no_notifications, on_failure, permission, permission_with_role,
    standard_deployment, usable_role,
};
pub(crate) use location::Location;
pub(crate) use proposal::{Proposal, Wishes, changes_of};
pub(crate) use source::{Source, fetch_url, policy_text};
