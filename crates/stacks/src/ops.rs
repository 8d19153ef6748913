//! The list of operations. Dispatch, enforcement, documentation and the conformance tests all read
//! this one list.

mod cancel_update_stack;
mod continue_update_rollback;
mod create_change_set;
mod create_stack;
mod delete_change_set;
mod delete_stack;
mod describe_change_set;
mod describe_stack_events;
mod describe_stack_resource;
mod describe_stack_resources;
mod describe_stacks;
mod execute_change_set;
mod get_stack_policy;
mod get_template;
mod get_template_summary;
mod list_change_sets;
mod list_exports;
mod list_imports;
mod list_stack_resources;
mod list_stacks;
mod set_stack_policy;
mod update_stack;
mod update_termination_protection;
mod validate_template;

use crate::Stacks;
use service::{AnyOperation, prepared, transactional};
use std::sync::Arc;

/// Every operation of the service.
#[must_use]
pub fn operations(stacks: &Arc<Stacks>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<cancel_update_stack::CancelUpdateStack>(stacks),
        transactional::<continue_update_rollback::ContinueUpdateRollback>(stacks),
        prepared::<create_change_set::CreateChangeSet>(stacks),
        prepared::<create_stack::CreateStack>(stacks),
        transactional::<delete_change_set::DeleteChangeSet>(stacks),
        transactional::<delete_stack::DeleteStack>(stacks),
        transactional::<describe_change_set::DescribeChangeSet>(stacks),
        transactional::<describe_stack_events::DescribeStackEvents>(stacks),
        transactional::<describe_stack_resource::DescribeStackResource>(stacks),
        transactional::<describe_stack_resources::DescribeStackResources>(stacks),
        transactional::<describe_stacks::DescribeStacks>(stacks),
        transactional::<execute_change_set::ExecuteChangeSet>(stacks),
        transactional::<get_stack_policy::GetStackPolicy>(stacks),
        transactional::<get_template::GetTemplate>(stacks),
        prepared::<get_template_summary::GetTemplateSummary>(stacks),
        transactional::<list_change_sets::ListChangeSets>(stacks),
        transactional::<list_exports::ListExports>(stacks),
        transactional::<list_imports::ListImports>(stacks),
        transactional::<list_stack_resources::ListStackResources>(stacks),
        transactional::<list_stacks::ListStacks>(stacks),
        prepared::<set_stack_policy::SetStackPolicy>(stacks),
        prepared::<update_stack::UpdateStack>(stacks),
        transactional::<update_termination_protection::UpdateTerminationProtection>(stacks),
        prepared::<validate_template::ValidateTemplate>(stacks),
    ]
}
