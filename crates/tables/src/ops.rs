//! The operations, and nothing else: dispatch, IAM, metrics and documentation read this list.

use crate::Tables;
use service::{AnyOperation, transactional};
use std::sync::Arc;

mod batch_get_item;
mod batch_write_item;
mod create_table;
mod delete_item;
mod delete_table;
mod describe_continuous_backups;
mod describe_endpoints;
mod describe_limits;
mod describe_table;
mod describe_time_to_live;
mod get_item;
mod list_tables;
mod list_tags_of_resource;
mod put_item;
mod query;
mod scan;
mod tag_resource;
mod untag_resource;
mod update_item;
mod update_table;

/// Every operation of the service.
#[must_use]
pub fn operations(tables: &Arc<Tables>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<batch_get_item::BatchGetItem>(tables),
        transactional::<batch_write_item::BatchWriteItem>(tables),
        transactional::<create_table::CreateTable>(tables),
        transactional::<delete_item::DeleteItem>(tables),
        transactional::<delete_table::DeleteTable>(tables),
        transactional::<describe_continuous_backups::DescribeContinuousBackups>(tables),
        transactional::<describe_endpoints::DescribeEndpoints>(tables),
        transactional::<describe_limits::DescribeLimits>(tables),
        transactional::<describe_table::DescribeTable>(tables),
        transactional::<describe_time_to_live::DescribeTimeToLive>(tables),
        transactional::<get_item::GetItem>(tables),
        transactional::<list_tables::ListTables>(tables),
        transactional::<list_tags_of_resource::ListTagsOfResource>(tables),
        transactional::<put_item::PutItem>(tables),
        transactional::<query::Query>(tables),
        transactional::<scan::Scan>(tables),
        transactional::<tag_resource::TagResource>(tables),
        transactional::<untag_resource::UntagResource>(tables),
        transactional::<update_item::UpdateItem>(tables),
        transactional::<update_table::UpdateTable>(tables),
    ]
}
