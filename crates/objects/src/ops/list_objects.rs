use crate::{
    Error, Objects,
    model::{self, CommonPrefix, ListInput, Listed, Next, Owner, Page, Query, Split, Version},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists objects in the order of their keys: the first form of it.
pub(crate) struct ListObjects;

pub(crate) type Input = Split<ListInput, Own>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    #[serde(default)]
    marker: String,
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

impl Own {
    fn output(
        &self,
        list: &ListInput,
        limit: usize,
        page: &Page<Version>,
        owner: &Owner,
    ) -> Result<Output, Error> {
        let encoding = list.encoding()?;
        let listed = |(key, version): &(String, Version)| {
            Listed::of(key, version, encoding, Some(owner.clone()))
        };
        let next = match &page.next {
            None => None,
            Some(Next::After(item)) => Some(item),
            // A marker cannot say that: it would pass the rest of the common prefix.
            Some(Next::Within(_)) if list.delimiter.is_some() => return Err(Error::SlowDown),
            Some(Next::Within(key)) => Some(key),
        };
        let write = |text: &String| encoding.write(text);
        Ok(Output {
            name: list.bucket.clone(),
            prefix: encoding.write(&list.prefix),
            marker: encoding.write(&self.marker),
            delimiter: list.delimiter.as_ref().map(write),
            max_keys: limit,
            is_truncated: next.is_some(),
            encoding_type: list.encoding_type.clone(),
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
        input.0.permissions(ctx, tx, "s3:ListBucket").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(list, own): &Input,
    ) -> Result<Output, Fault> {
        let bucket = list.find(ctx, tx).await?;
        let limit = list.limit()?;
        let query = Query {
            prefix: &list.prefix,
            delimiter: list.delimiter.as_deref(),
            after: Some(own.marker.as_str()).filter(|marker| !marker.is_empty()),
            limit,
        };
        let page = model::list_current(tx, &bucket, &query, None).await?;
        Ok(own.output(list, limit, &page, &Owner::of(&bucket.store.account))?)
    }
}
