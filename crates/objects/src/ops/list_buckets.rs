use crate::{
    Error, Objects, config,
    model::{self, Bucket, Owner, Token},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission, Seconds};

/// Lists the caller's buckets, in the order of their names.
pub(crate) struct ListBuckets;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    max_buckets: Option<u32>,
    continuation_token: Option<String>,
    prefix: Option<String>,
    bucket_region: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    owner: Owner,
    buckets: Vec<Listed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    name: String,
    creation_date: Seconds,
    bucket_region: String,
    bucket_arn: String,
}

impl From<&Bucket> for Listed {
    fn from(bucket: &Bucket) -> Self {
        Self {
            name: bucket.name().to_owned(),
            creation_date: Seconds(bucket.created),
            bucket_region: bucket.store.region.to_string(),
            bucket_arn: bucket.arn(),
        }
    }
}

impl Operation for ListBuckets {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListBuckets";

    async fn permissions(
        _: &Objects,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![Permission::new("s3:ListAllMyBuckets", "arn:aws:s3:::*")])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let limit = input.max_buckets.unwrap_or(*config::LIST_BUCKETS.end());
        if !config::LIST_BUCKETS.contains(&limit) {
            let text = "Argument max-buckets must be an integer between 1 and 10000".to_owned();
            return Err(Error::InvalidArgument(text).into());
        }
        let limit = limit as usize;
        let after = input.continuation_token.as_deref().map(Token::read).transpose()?;
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let here =
            input.bucket_region.as_deref().is_none_or(|wanted| wanted == ctx.region.as_str());
        let buckets = match here {
            true => model::list(ctx, tx, prefix, after.as_deref(), limit + 1).await?,
            false => Vec::new(),
        };
        let page = &buckets[..buckets.len().min(limit)];
        let last = page.last().filter(|_| buckets.len() > limit);
        Ok(Output {
            owner: Owner::of(ctx.account()),
            buckets: page.iter().map(Listed::from).collect(),
            continuation_token: last.map(|bucket| Token::write(bucket.name())),
            prefix: input.prefix.clone(),
        })
    }
}
