use crate::{
    Error, Objects,
    model::{
        self, CommonPrefix, ListInput, Listed, Next, Owner, Page, Query, Split, Token, Version,
    },
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists objects in the order of their keys.
pub(crate) struct ListObjectsV2;

pub(crate) type Input = Split<ListInput, Own>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    continuation_token: Option<String>,
    start_after: Option<String>,
    #[serde(default)]
    fetch_owner: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    name: String,
    prefix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    max_keys: usize,
    key_count: usize,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_continuation_token: Option<String>,
    contents: Vec<Listed>,
    common_prefixes: Vec<CommonPrefix>,
}

/// Where a page begins: behind an item, or behind a key in the midst of a common prefix.
enum From {
    After(String),
    Within(String),
}

impl Own {
    /// A continuation token goes before a start.
    fn from(&self) -> Result<Option<From>, Error> {
        let Some(token) = &self.continuation_token else {
            let start = self.start_after.clone().filter(|start| !start.is_empty());
            return Ok(start.map(From::After));
        };
        let place = Token::read(token)?;
        match place.split_at_checked(1) {
            Some(("a", item)) => Ok(Some(From::After(item.to_owned()))),
            Some(("w", key)) => Ok(Some(From::Within(key.to_owned()))),
            _ => Err(Token::incorrect()),
        }
    }

    fn output(
        &self,
        list: &ListInput,
        limit: usize,
        page: &Page<Version>,
        owner: Option<&Owner>,
    ) -> Result<Output, Error> {
        let encoding = list.encoding()?;
        let listed =
            |(key, version): &(String, Version)| Listed::of(key, version, encoding, owner.cloned());
        let next = page.next.as_ref().map(|next| match next {
            Next::After(item) => Token::write(&format!("a{item}")),
            Next::Within(key) => Token::write(&format!("w{key}")),
        });
        let write = |text: &String| encoding.write(text);
        Ok(Output {
            name: list.bucket.clone(),
            prefix: encoding.write(&list.prefix),
            delimiter: list.delimiter.as_ref().map(write),
            max_keys: limit,
            key_count: page.items.len() + page.prefixes.len(),
            is_truncated: next.is_some(),
            encoding_type: list.encoding_type.clone(),
            start_after: self.start_after.as_ref().map(write),
            continuation_token: self.continuation_token.clone(),
            next_continuation_token: next,
            contents: page.items.iter().filter_map(listed).collect(),
            common_prefixes: CommonPrefix::all(&page.prefixes, encoding),
        })
    }
}

impl Operation for ListObjectsV2 {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListObjectsV2";

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
        let (after, within) = match own.from()? {
            None => (None, None),
            Some(From::After(item)) => (Some(item), None),
            Some(From::Within(key)) => (None, Some(key)),
        };
        let query = Query {
            prefix: &list.prefix,
            delimiter: list.delimiter.as_deref(),
            after: after.as_deref(),
            limit,
        };
        let page = model::list_current(tx, &bucket, &query, within.as_deref()).await?;
        let owner = own.fetch_owner.then(|| Owner::of(&bucket.store.account));
        Ok(own.output(list, limit, &page, owner.as_ref())?)
    }
}
