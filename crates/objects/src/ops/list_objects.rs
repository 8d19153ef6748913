use crate::{
    Error, Objects,
    model::{self, Access, CommonPrefix, Encoding, Listed, Next, Owner, Page, Query, Version},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists objects in the order of their keys: the first form of it.
pub(crate) struct ListObjects;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    #[serde(default)]
    prefix: String,
    delimiter: Option<String>,
    encoding_type: Option<String>,
    #[serde(default)]
    marker: String,
    max_keys: Option<i64>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    name: String,
    prefix: String,
    marker: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    max_keys: usize,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    contents: Vec<Listed>,
    common_prefixes: Vec<CommonPrefix>,
}

impl Input {
    fn output(&self, limit: usize, page: &Page<Version>, owner: &Owner) -> Result<Output, Error> {
        let encoding = Encoding::of(self.encoding_type.as_deref())?;
        let listed = |(key, version): &(String, Version)| {
            Listed::of(key, version, encoding, Some(owner.clone()))
        };
        let next = match &page.next {
            None => None,
            Some(Next::After(item)) => Some(item),
            // A marker cannot say that: it would pass the rest of the common prefix.
            Some(Next::Within(_)) if self.delimiter.is_some() => return Err(Error::SlowDown),
            Some(Next::Within(key)) => Some(key),
        };
        let write = |text: &String| encoding.write(text);
        Ok(Output {
            name: self.bucket.clone(),
            prefix: encoding.write(&self.prefix),
            marker: encoding.write(&self.marker),
            delimiter: self.delimiter.as_ref().map(write),
            max_keys: limit,
            is_truncated: next.is_some(),
            encoding_type: self.encoding_type.clone(),
            next_marker: next.map(write),
            contents: page.items.iter().filter_map(listed).collect(),
            common_prefixes: CommonPrefix::all(&page.prefixes, encoding),
        })
    }
}

impl Operation for ListObjects {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListObjects";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        let delimiter = input.delimiter.as_deref();
        Ok(vec![access.list("s3:ListBucket", &input.prefix, delimiter, input.max_keys)])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let limit = model::limit(input.max_keys, "maxKeys")?;
        let query = Query {
            prefix: &input.prefix,
            delimiter: input.delimiter.as_deref(),
            after: Some(input.marker.as_str()).filter(|marker| !marker.is_empty()),
            limit,
        };
        let page = model::list_current(tx, &bucket, &query, None).await?;
        Ok(input.output(limit, &page, &Owner::of(&bucket.store.account))?)
    }
}
