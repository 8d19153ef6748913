//! What several operations do in the same way: inputs, and the beginning of deployments.

mod begin;
mod input;
mod proposal;

pub(crate) use begin::{
    begin_create, begin_update, check_update, deployment, drop_change_sets, importer, records,
    register,
};
pub(crate) use input::{
    ParameterInput, TagInput, Token, check_name, check_token, find_change_set, new_place,
    no_notifications, on_failure, pass_role, permission, template_body, usable_role,
};
pub(crate) use proposal::{Proposal, Wishes, changes_of};
