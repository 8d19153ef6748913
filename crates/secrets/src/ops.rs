//! The list of operations. Dispatch, enforcement, documentation and the conformance tests all read
//! this one list.

mod add_tags_to_resource;
mod delete_parameter;
mod delete_parameters;
mod describe_parameters;
mod get_parameter;
mod get_parameter_history;
mod get_parameters;
mod get_parameters_by_path;
mod label_parameter_version;
mod list_tags_for_resource;
mod put_parameter;
mod remove_tags_from_resource;
mod unlabel_parameter_version;

use crate::{
    Error, Parameters,
    keys::Place,
    model::{self, Parameter},
};
use kv::Transaction;
use service::{AnyOperation, Context, Permission, transactional};
use std::sync::Arc;

/// Every operation of Systems Manager's parameters.
#[must_use]
pub fn operations(parameters: &Arc<Parameters>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<add_tags_to_resource::AddTagsToResource>(parameters),
        transactional::<delete_parameter::DeleteParameter>(parameters),
        transactional::<delete_parameters::DeleteParameters>(parameters),
        transactional::<describe_parameters::DescribeParameters>(parameters),
        transactional::<get_parameter::GetParameter>(parameters),
        transactional::<get_parameter_history::GetParameterHistory>(parameters),
        transactional::<get_parameters::GetParameters>(parameters),
        transactional::<get_parameters_by_path::GetParametersByPath>(parameters),
        transactional::<label_parameter_version::LabelParameterVersion>(parameters),
        transactional::<list_tags_for_resource::ListTagsForResource>(parameters),
        transactional::<put_parameter::PutParameter>(parameters),
        transactional::<remove_tags_from_resource::RemoveTagsFromResource>(parameters),
        transactional::<unlabel_parameter_version::UnlabelParameterVersion>(parameters),
    ]
}

/// The permission for what is done to the parameter of a name, which may have a selector or be an ARN.
fn on_parameter(ctx: &Context, action: &'static str, name: &str) -> Permission {
    Permission::new(action, model::arn_text(ctx, name))
}

/// The permissions for what is done to the parameters of all these names.
fn on_parameters(ctx: &Context, action: &'static str, names: &[String]) -> Vec<Permission> {
    names.iter().map(|name| on_parameter(ctx, action, name)).collect()
}

/// The parameter whose tags are asked for or changed.
///
/// # Errors
/// Another type of resource, or no such parameter.
async fn tagged(
    ctx: &Context,
    tx: &mut Transaction,
    kind: &str,
    name: &str,
) -> Result<Parameter, Error> {
    if kind != "Parameter" {
        let text = format!("parameter ResourceType with the value {kind:?}");
        return Err(Error::Unsupported(text));
    }
    let missing = || Error::ResourceId(name.to_owned());
    model::find(tx, &Place::of(ctx), name).await?.ok_or_else(missing)
}
