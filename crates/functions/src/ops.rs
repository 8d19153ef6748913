//! The list of operations. Dispatch, enforcement, documentation and the conformance tests all read
//! this one list.

mod add_layer_version_permission;
mod add_permission;
mod create_alias;
mod create_event_source_mapping;
mod create_function;
mod create_function_url_config;
mod delete_alias;
mod delete_event_source_mapping;
mod delete_function;
mod delete_function_concurrency;
mod delete_function_event_invoke_config;
mod delete_function_url_config;
mod delete_layer_version;
mod delete_provisioned_concurrency_config;
mod describe_repositories;
mod get_account_settings;
mod get_alias;
mod get_event_source_mapping;
mod get_function;
mod get_function_concurrency;
mod get_function_configuration;
mod get_function_event_invoke_config;
mod get_function_recursion_config;
mod get_function_url_config;
mod get_layer_version;
mod get_layer_version_by_arn;
mod get_layer_version_policy;
mod get_policy;
mod get_provisioned_concurrency_config;
mod invoke;
mod invoke_with_response_stream;
mod list_aliases;
mod list_event_source_mappings;
mod list_function_event_invoke_configs;
mod list_function_url_configs;
mod list_functions;
mod list_layer_versions;
mod list_layers;
mod list_provisioned_concurrency_configs;
mod list_tags;
mod list_versions_by_function;
mod publish_layer_version;
mod publish_version;
mod put_function_concurrency;
mod put_function_event_invoke_config;
mod put_function_recursion_config;
mod put_provisioned_concurrency_config;
mod remove_layer_version_permission;
mod remove_permission;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_event_source_mapping;
mod update_function_code;
mod update_function_configuration;
mod update_function_event_invoke_config;
mod update_function_url_config;

use crate::{Functions, Registry};
use service::{AnyOperation, direct, prepared, transactional};
use std::sync::Arc;

/// Every operation of the service.
#[must_use]
pub fn operations(functions: &Arc<Functions>) -> Vec<Arc<dyn AnyOperation>> {
    on_functions(functions).into_iter().chain(on_layers(functions)).collect()
}

fn on_functions(functions: &Arc<Functions>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<add_permission::AddPermission>(functions),
        transactional::<create_alias::CreateAlias>(functions),
        prepared::<create_event_source_mapping::CreateEventSourceMapping>(functions),
        prepared::<create_function::CreateFunction>(functions),
        transactional::<create_function_url_config::CreateFunctionUrlConfig>(functions),
        transactional::<delete_alias::DeleteAlias>(functions),
        transactional::<delete_event_source_mapping::DeleteEventSourceMapping>(functions),
        transactional::<delete_function::DeleteFunction>(functions),
        transactional::<delete_function_concurrency::DeleteFunctionConcurrency>(functions),
        transactional::<delete_function_event_invoke_config::DeleteFunctionEventInvokeConfig>(
            functions,
        ),
        transactional::<delete_function_url_config::DeleteFunctionUrlConfig>(functions),
        transactional::<delete_provisioned_concurrency_config::DeleteProvisionedConcurrencyConfig>(
            functions,
        ),
        transactional::<get_account_settings::GetAccountSettings>(functions),
        transactional::<get_alias::GetAlias>(functions),
        transactional::<get_event_source_mapping::GetEventSourceMapping>(functions),
        transactional::<get_function::GetFunction>(functions),
        transactional::<get_function_concurrency::GetFunctionConcurrency>(functions),
        transactional::<get_function_configuration::GetFunctionConfiguration>(functions),
        transactional::<get_function_event_invoke_config::GetFunctionEventInvokeConfig>(functions),
        transactional::<get_function_recursion_config::GetFunctionRecursionConfig>(functions),
        transactional::<get_function_url_config::GetFunctionUrlConfig>(functions),
        transactional::<get_policy::GetPolicy>(functions),
        transactional::<get_provisioned_concurrency_config::GetProvisionedConcurrencyConfig>(
            functions,
        ),
        direct::<invoke::Invoke>(functions),
        direct::<invoke_with_response_stream::InvokeWithResponseStream>(functions),
        transactional::<list_aliases::ListAliases>(functions),
        transactional::<list_event_source_mappings::ListEventSourceMappings>(functions),
        transactional::<list_function_event_invoke_configs::ListFunctionEventInvokeConfigs>(
            functions,
        ),
        transactional::<list_function_url_configs::ListFunctionUrlConfigs>(functions),
        transactional::<list_functions::ListFunctions>(functions),
        transactional::<list_provisioned_concurrency_configs::ListProvisionedConcurrencyConfigs>(
            functions,
        ),
        transactional::<list_tags::ListTags>(functions),
        transactional::<list_versions_by_function::ListVersionsByFunction>(functions),
        transactional::<publish_version::PublishVersion>(functions),
        transactional::<put_function_concurrency::PutFunctionConcurrency>(functions),
        transactional::<put_function_event_invoke_config::PutFunctionEventInvokeConfig>(functions),
        transactional::<put_function_recursion_config::PutFunctionRecursionConfig>(functions),
        transactional::<put_provisioned_concurrency_config::PutProvisionedConcurrencyConfig>(
            functions,
        ),
        transactional::<remove_permission::RemovePermission>(functions),
        transactional::<tag_resource::TagResource>(functions),
        transactional::<untag_resource::UntagResource>(functions),
        transactional::<update_alias::UpdateAlias>(functions),
        prepared::<update_event_source_mapping::UpdateEventSourceMapping>(functions),
        prepared::<update_function_code::UpdateFunctionCode>(functions),
        transactional::<update_function_configuration::UpdateFunctionConfiguration>(functions),
        transactional::<update_function_event_invoke_config::UpdateFunctionEventInvokeConfig>(
            functions,
        ),
        transactional::<update_function_url_config::UpdateFunctionUrlConfig>(functions),
    ]
}

fn on_layers(functions: &Arc<Functions>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<add_layer_version_permission::AddLayerVersionPermission>(functions),
        transactional::<delete_layer_version::DeleteLayerVersion>(functions),
        transactional::<get_layer_version::GetLayerVersion>(functions),
        transactional::<get_layer_version_by_arn::GetLayerVersionByArn>(functions),
        transactional::<get_layer_version_policy::GetLayerVersionPolicy>(functions),
        transactional::<list_layer_versions::ListLayerVersions>(functions),
        transactional::<list_layers::ListLayers>(functions),
        prepared::<publish_layer_version::PublishLayerVersion>(functions),
        transactional::<remove_layer_version_permission::RemoveLayerVersionPermission>(functions),
    ]
}

/// Every operation of the registry.
pub(crate) fn registry_operations(registry: &Arc<Registry>) -> Vec<Arc<dyn AnyOperation>> {
    vec![transactional::<describe_repositories::DescribeRepositories>(registry)]
}
