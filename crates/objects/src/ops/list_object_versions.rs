use crate::{
    Error, Objects, keys,
    model::{
        self, Bucket, CommonPrefix, ListInput, Listed, ListedMarker, Next, Owner, Page, Query,
        Split, Version, VersionId,
    },
};
use kv::{Key, Transaction};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists all versions of objects and their delete markers, the newest of a key first.
pub(crate) struct ListObjectVersions;

pub(crate) type Input = Split<ListInput, Own>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    #[serde(default)]
    key_marker: String,
    version_id_marker: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    name: String,
    prefix: String,
    key_marker: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id_marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    max_keys: usize,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_key_marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_version_id_marker: Option<VersionId>,
    versions: Vec<Listed>,
    delete_markers: Vec<ListedMarker>,
    common_prefixes: Vec<CommonPrefix>,
}

impl Own {
    /// Where the page begins.
    async fn from(&self, tx: &mut Transaction, bucket: &Bucket) -> Result<Option<Key>, Error> {
        let (store, key) = (&bucket.store, self.key_marker.as_str());
        let Some(id) = self.version_id_marker.as_deref().filter(|id| !id.is_empty()) else {
            return Ok((!key.is_empty()).then(|| keys::versions(store, key).end));
        };
        if key.is_empty() {
            let text = "A version-id marker cannot be specified without a key marker.";
            return Err(Error::InvalidArgument(text.to_owned()));
        }
        let id = VersionId::wanted(id)?;
        let sequence = match (id, model::find_version(tx, bucket, key, id).await?) {
            (VersionId::Made { sequence, .. }, _) => sequence,
            (VersionId::Null, Some((_, version))) => version.sequence,
            // It went meanwhile; what came behind it cannot be told any more.
            (VersionId::Null, None) => return Ok(Some(keys::versions(store, key).end)),
        };
        let marker = keys::version(store, key, keys::place(sequence));
        Ok(Some(keys::versions(store, key).after(&marker).start))
    }

    fn output(
        &self,
        list: &ListInput,
        limit: usize,
        page: &Page<(bool, Version)>,
        owner: &Owner,
    ) -> Result<Output, Error> {
        let encoding = list.encoding()?;
        let write = |text: &String| encoding.write(text);
        let (mut versions, mut delete_markers) = (Vec::new(), Vec::new());
        for (key, (is_latest, version)) in &page.items {
            match Listed::of(key, version, encoding, Some(owner.clone())) {
                Some(listed) => versions.push(listed.version(version.id, *is_latest)),
                None => delete_markers.push(ListedMarker::of(
                    key,
                    version,
                    *is_latest,
                    encoding,
                    owner.clone(),
                )),
            }
        }
        let next = page.next.as_ref().map(|(Next::After(item) | Next::Within(item))| item);
        let last = page.items.last().filter(|(key, _)| Some(key) == next);
        Ok(Output {
            name: list.bucket.clone(),
            prefix: encoding.write(&list.prefix),
            key_marker: encoding.write(&self.key_marker),
            version_id_marker: self.version_id_marker.clone(),
            delimiter: list.delimiter.as_ref().map(write),
            max_keys: limit,
            is_truncated: next.is_some(),
            encoding_type: list.encoding_type.clone(),
            next_key_marker: next.map(write),
            next_version_id_marker: last.map(|(_, (_, version))| version.id),
            versions,
            delete_markers,
            common_prefixes: CommonPrefix::all(&page.prefixes, encoding),
        })
    }
}

impl Operation for ListObjectVersions {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListObjectVersions";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.0.permissions(ctx, tx, "s3:ListBucketVersions").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(list, own): &Input,
    ) -> Result<Output, Fault> {
        let bucket = list.find(ctx, tx).await?;
        let limit = list.limit()?;
        let has_version = own.version_id_marker.as_deref().is_some_and(|id| !id.is_empty());
        let marker = Some(own.key_marker.as_str());
        let query = Query {
            prefix: &list.prefix,
            delimiter: list.delimiter.as_deref(),
            // With a version, the marker is a place among the versions of a key.
            after: marker.filter(|marker| !marker.is_empty() && !has_version),
            limit,
        };
        let from = own.from(tx, &bucket).await?;
        let page = model::list_versions(tx, &bucket, &query, from).await?;
        Ok(own.output(list, limit, &page, &Owner::of(&bucket.store.account))?)
    }
}
