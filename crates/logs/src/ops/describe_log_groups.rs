use crate::{
    Error, Logs, config, keys,
    model::{self, Group},
};
use kv::{Scan, Transaction};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Timestamp;

/// Lists groups in the order of their names.
pub(crate) struct DescribeLogGroups;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    log_groups: Vec<Described>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    log_group_name: String,
    creation_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_in_days: Option<u32>,
    metric_filter_count: u32,
    arn: String,
    log_group_arn: String,
    stored_bytes: u64,
    log_group_class: &'static str,
}

/// Groups that one read takes.
const CHUNK: usize = 200;

impl Operation for DescribeLogGroups {
    type Service = Logs;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeLogGroups";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_group(ctx, "logs:DescribeLogGroups", ""))
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let (prefix, part) = (&input.log_group_name_prefix, &input.log_group_name_pattern);
        if prefix.is_some() && part.is_some() {
            let text = "LogGroup name prefix and LogGroup name pattern are mutually exclusive \
                        parameters.";
            return Err(Error::invalid(text).into());
        }
        let (account, region) = (ctx.account(), &ctx.region);
        let mut range = keys::groups(account, region, prefix.as_deref().unwrap_or_default());
        if let Some(token) = &input.next_token {
            range = range.after(&keys::group(account, region, &model::decode_token(token)?));
        }
        let part = part.as_ref().map(|part| part.to_lowercase());
        let limit = input.limit.unwrap_or(config::DESCRIBE_LIMIT);
        let mut groups: Vec<Group> = Vec::new();
        loop {
            let entries = tx.scan(&range, Scan::first(CHUNK).snapshot()).await?;
            for entry in &entries {
                let group: Group = kv::decode_record(&entry.value)?;
                let fits = |part: &String| group.name.to_lowercase().contains(part);
                if part.as_ref().is_none_or(fits) {
                    groups.push(group);
                }
            }
            match entries.last() {
                Some(last) if entries.len() == CHUNK && groups.len() <= limit => {
                    range = range.after(&last.key);
                }
                _ => break,
            }
        }
        let more = groups.len() > limit;
        groups.truncate(limit);
        let next = groups.last().filter(|_| more).map(|last| model::encode_token(&last.name));
        let mut log_groups = Vec::with_capacity(groups.len());
        for group in groups {
            log_groups.push(describe(tx, group).await?);
        }
        Ok(Output { log_groups, next_token: next })
    }
}

async fn describe(tx: &mut Transaction, group: Group) -> Result<Described, Error> {
    let stored = tx.get_snapshot(&group.id.stored()).await?;
    let stored = stored.and_then(|bytes| bytes[..].try_into().ok()).map_or(0, i64::from_le_bytes);
    let arn = model::group_arn(&group.id.account, &group.id.region, &group.name).to_string();
    Ok(Described {
        log_group_name: group.name,
        creation_time: group.created,
        retention_in_days: group.retention_days,
        metric_filter_count: 0,
        arn: format!("{arn}:*"),
        log_group_arn: arn,
        stored_bytes: u64::try_from(stored).unwrap_or_default(),
        log_group_class: "STANDARD",
    })
}
