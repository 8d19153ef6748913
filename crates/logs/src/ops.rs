//! The list of operations. Dispatch, enforcement, documentation and the conformance tests all read
//! this one list.

mod create_log_group;
mod create_log_stream;
mod delete_log_group;
mod delete_log_stream;
mod delete_retention_policy;
mod describe_log_groups;
mod describe_log_streams;
mod filter_log_events;
mod get_log_events;
mod list_tags_for_resource;
mod put_log_events;
mod put_retention_policy;
mod tag_resource;
mod untag_resource;

use crate::{
    Error, Logs,
    model::{self, Group},
};
use kv::Transaction;
use service::{AnyOperation, Context, Permission, direct, transactional};
use std::sync::Arc;
use types::Arn;

/// Every operation of the service.
#[must_use]
pub fn operations(logs: &Arc<Logs>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        transactional::<create_log_group::CreateLogGroup>(logs),
        transactional::<create_log_stream::CreateLogStream>(logs),
        transactional::<delete_log_group::DeleteLogGroup>(logs),
        transactional::<delete_log_stream::DeleteLogStream>(logs),
        transactional::<delete_retention_policy::DeleteRetentionPolicy>(logs),
        transactional::<describe_log_groups::DescribeLogGroups>(logs),
        transactional::<describe_log_streams::DescribeLogStreams>(logs),
        transactional::<filter_log_events::FilterLogEvents>(logs),
        transactional::<get_log_events::GetLogEvents>(logs),
        transactional::<list_tags_for_resource::ListTagsForResource>(logs),
        direct::<put_log_events::PutLogEvents>(logs),
        transactional::<put_retention_policy::PutRetentionPolicy>(logs),
        transactional::<tag_resource::TagResource>(logs),
        transactional::<untag_resource::UntagResource>(logs),
    ]
}

/// The permission for what is done to a whole group.
fn on_group(ctx: &Context, action: &'static str, group: &str) -> Vec<Permission> {
    vec![Permission::new(action, model::group_resource(ctx.account(), &ctx.region, group))]
}

/// The permission for what is done to a stream.
fn on_stream(ctx: &Context, action: &'static str, group: &str, stream: &str) -> Vec<Permission> {
    vec![Permission::new(action, model::stream_resource(ctx.account(), &ctx.region, group, stream))]
}

/// The name of the group that one of two members gives: its name, or its name or ARN.
fn group_name<'a>(
    ctx: &Context,
    name: Option<&'a str>,
    identifier: Option<&'a str>,
) -> Result<&'a str, Error> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(arn)) if arn.starts_with("arn:") => name_in_arn(ctx, arn),
        (None, Some(name)) => Ok(name),
        (Some(_), Some(_)) => {
            Err(Error::invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters."))
        }
        (None, None) => {
            Err(Error::invalid("Either logGroupName or logGroupIdentifier must be specified."))
        }
    }
}

/// The name in the ARN of a group of this account and region.
fn name_in_arn<'a>(ctx: &Context, text: &'a str) -> Result<&'a str, Error> {
    let prefix = model::group_arn(ctx.account(), &ctx.region, "");
    match text.strip_prefix(prefix.as_str()) {
        Some(name) if !name.is_empty() => Ok(name),
        _ if text.parse::<Arn>().is_ok_and(|arn| arn.service() == "logs") => {
            Err(Error::GroupNotFound)
        }
        _ => Err(Error::invalid(format!("{text} is not the ARN of a log group."))),
    }
}

/// The group whose tags an ARN names.
async fn tagged_group(ctx: &Context, tx: &mut Transaction, arn: &str) -> Result<Group, Error> {
    model::get_group(ctx, tx, name_in_arn(ctx, arn)?).await
}

/// The permission for what is done to the tags of a group.
fn on_tags(ctx: &Context, action: &'static str, arn: &str) -> Result<Vec<Permission>, Error> {
    let arn = model::group_arn(ctx.account(), &ctx.region, name_in_arn(ctx, arn)?);
    Ok(vec![Permission::new(action, arn.as_str())])
}
