use crate::{
    Objects, content,
    model::{self, Access, ChecksumMembers, Content, Kind, Object},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission, Seconds};

/// Tells chosen attributes of an object.
pub(crate) struct GetObjectAttributes;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    key: String,
    version_id: Option<String>,
    object_attributes: Vec<Attribute>,
    max_parts: Option<i64>,
    part_number_marker: Option<u32>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Attribute {
    #[serde(rename = "ETag")]
    ETag,
    Checksum,
    ObjectParts,
    StorageClass,
    ObjectSize,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    #[serde(rename = "ETag", skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<Sum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_parts: Option<Parts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_size: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sum {
    #[serde(flatten)]
    members: ChecksumMembers,
    checksum_type: Kind,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Parts {
    total_parts_count: u32,
    part_number_marker: u32,
    next_part_number_marker: u32,
    max_parts: usize,
    is_truncated: bool,
    parts: Vec<OnePart>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct OnePart {
    part_number: u32,
    size: u64,
    #[serde(flatten)]
    checksum: ChecksumMembers,
}

impl Input {
    fn wants(&self, attribute: Attribute) -> bool {
        self.object_attributes.contains(&attribute)
    }

    async fn parts(
        &self,
        tx: &mut Transaction,
        bucket: &model::Bucket,
        object: &Object,
    ) -> Result<Option<Parts>, Fault> {
        let Content::Parts { upload, count } = &object.content else { return Ok(None) };
        let limit = model::limit(self.max_parts, "max-parts")?;
        let marker = self.part_number_marker.unwrap_or_default();
        let all = content::parts(tx, &bucket.store, upload).await?;
        let rest: Vec<_> = all.iter().filter(|placed| placed.number > marker).collect();
        let page = &rest[..rest.len().min(limit)];
        let part = |placed: &&content::Placed| OnePart {
            part_number: placed.number,
            size: placed.part.size,
            checksum: placed
                .part
                .checksum
                .as_ref()
                .map(|sum| ChecksumMembers::of(sum.algorithm, &sum.value))
                .unwrap_or_default(),
        };
        Ok(Some(Parts {
            total_parts_count: *count,
            part_number_marker: marker,
            next_part_number_marker: page.last().map_or(0, |placed| placed.number),
            max_parts: limit,
            is_truncated: rest.len() > page.len(),
            parts: page.iter().map(part).collect(),
        }))
    }
}

impl Operation for GetObjectAttributes {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetObjectAttributes";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        let actions = match input.version_id {
            None => ["s3:GetObject", "s3:GetObjectAttributes"],
            Some(_) => ["s3:GetObjectVersion", "s3:GetObjectVersionAttributes"],
        };
        Ok(actions.map(|action| access.object(action, &input.key)).into())
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let id = input.version_id.as_deref();
        let (_, version) = model::wanted_object(tx, &bucket, &input.key, id).await?;
        let version_id = bucket.shown(&version);
        let Some(object) = version.object else { return Ok(Output::default()) };
        let checksum = object.checksum.as_ref().filter(|_| input.wants(Attribute::Checksum));
        Ok(Output {
            last_modified: Some(Seconds(version.modified)),
            version_id,
            etag: input.wants(Attribute::ETag).then(|| object.etag.clone()),
            checksum: checksum.map(|sum| Sum {
                members: ChecksumMembers::of(sum.algorithm, &sum.value),
                checksum_type: sum.kind,
            }),
            object_parts: match input.wants(Attribute::ObjectParts) {
                true => input.parts(tx, &bucket, &object).await?,
                false => None,
            },
            storage_class: input.wants(Attribute::StorageClass).then_some("STANDARD"),
            object_size: input.wants(Attribute::ObjectSize).then_some(object.size),
        })
    }
}
