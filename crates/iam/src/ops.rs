//! The lists of operations of IAM and STS. Dispatch, enforcement, documentation and the conformance
//! tests all read these lists; no other exists.

mod assume_role;
mod attach_role_policy;
mod attach_user_policy;
mod create_access_key;
mod create_policy;
mod create_policy_version;
mod create_role;
mod create_user;
mod delete_access_key;
mod delete_policy;
mod delete_policy_version;
mod delete_role;
mod delete_role_permissions_boundary;
mod delete_role_policy;
mod delete_user;
mod delete_user_permissions_boundary;
mod delete_user_policy;
mod detach_role_policy;
mod detach_user_policy;
mod get_caller_identity;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_role_policy;
mod get_session_token;
mod get_user;
mod get_user_policy;
mod list_access_keys;
mod list_attached_role_policies;
mod list_attached_user_policies;
mod list_instance_profiles_for_role;
mod list_policies;
mod list_policy_versions;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod list_user_policies;
mod list_user_tags;
mod list_users;
mod put_role_permissions_boundary;
mod put_role_policy;
mod put_user_permissions_boundary;
mod put_user_policy;
mod set_default_policy_version;
mod tag_role;
mod tag_user;
mod untag_role;
mod untag_user;
mod update_access_key;
mod update_assume_role_policy;
mod update_role;

use crate::Iam;
use service::{AnyOperation, transactional};
use std::sync::Arc;

/// Every operation of IAM.
#[must_use]
pub fn operations(iam: &Arc<Iam>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<attach_role_policy::AttachRolePolicy>(iam),
        transactional::<attach_user_policy::AttachUserPolicy>(iam),
        transactional::<create_access_key::CreateAccessKey>(iam),
        transactional::<create_policy::CreatePolicy>(iam),
        transactional::<create_policy_version::CreatePolicyVersion>(iam),
        transactional::<create_role::CreateRole>(iam),
        transactional::<create_user::CreateUser>(iam),
        transactional::<delete_access_key::DeleteAccessKey>(iam),
        transactional::<delete_policy::DeletePolicy>(iam),
        transactional::<delete_policy_version::DeletePolicyVersion>(iam),
        transactional::<delete_role::DeleteRole>(iam),
        transactional::<delete_role_permissions_boundary::DeleteRolePermissionsBoundary>(iam),
        transactional::<delete_role_policy::DeleteRolePolicy>(iam),
        transactional::<delete_user::DeleteUser>(iam),
        transactional::<delete_user_permissions_boundary::DeleteUserPermissionsBoundary>(iam),
        transactional::<delete_user_policy::DeleteUserPolicy>(iam),
        transactional::<detach_role_policy::DetachRolePolicy>(iam),
        transactional::<detach_user_policy::DetachUserPolicy>(iam),
        transactional::<get_policy::GetPolicy>(iam),
        transactional::<get_policy_version::GetPolicyVersion>(iam),
        transactional::<get_role::GetRole>(iam),
        transactional::<get_role_policy::GetRolePolicy>(iam),
        transactional::<get_user::GetUser>(iam),
        transactional::<get_user_policy::GetUserPolicy>(iam),
        transactional::<list_access_keys::ListAccessKeys>(iam),
        transactional::<list_attached_role_policies::ListAttachedRolePolicies>(iam),
        transactional::<list_attached_user_policies::ListAttachedUserPolicies>(iam),
        transactional::<list_instance_profiles_for_role::ListInstanceProfilesForRole>(iam),
        transactional::<list_policies::ListPolicies>(iam),
        transactional::<list_policy_versions::ListPolicyVersions>(iam),
        transactional::<list_role_policies::ListRolePolicies>(iam),
        transactional::<list_role_tags::ListRoleTags>(iam),
        transactional::<list_roles::ListRoles>(iam),
        transactional::<list_user_policies::ListUserPolicies>(iam),
        transactional::<list_user_tags::ListUserTags>(iam),
        transactional::<list_users::ListUsers>(iam),
        transactional::<put_role_permissions_boundary::PutRolePermissionsBoundary>(iam),
        transactional::<put_role_policy::PutRolePolicy>(iam),
        transactional::<put_user_permissions_boundary::PutUserPermissionsBoundary>(iam),
        transactional::<put_user_policy::PutUserPolicy>(iam),
        transactional::<set_default_policy_version::SetDefaultPolicyVersion>(iam),
        transactional::<tag_role::TagRole>(iam),
        transactional::<tag_user::TagUser>(iam),
        transactional::<untag_role::UntagRole>(iam),
        transactional::<untag_user::UntagUser>(iam),
        transactional::<update_access_key::UpdateAccessKey>(iam),
        transactional::<update_assume_role_policy::UpdateAssumeRolePolicy>(iam),
        transactional::<update_role::UpdateRole>(iam),
    ]
}

/// Every operation of STS.
#[must_use]
pub fn sts_operations(iam: &Arc<Iam>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<assume_role::AssumeRole>(iam),
        transactional::<get_caller_identity::GetCallerIdentity>(iam),
        transactional::<get_session_token::GetSessionToken>(iam),
    ]
}
