use crate::{
    Objects, content,
    model::{self, Access, ChecksumMembers, Kind, Owner, Part, quoted},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission, Seconds};

/// Lists the parts of an upload.
pub(crate) struct ListParts;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    bucket: String,
    key: String,
    upload_id: String,
    max_parts: Option<i64>,
    part_number_marker: Option<u32>,
    expected_bucket_owner: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    bucket: String,
    key: String,
    upload_id: String,
    part_number_marker: u32,
    next_part_number_marker: u32,
    max_parts: usize,
    is_truncated: bool,
    parts: Vec<Listed>,
    initiator: Owner,
    owner: Owner,
    storage_class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<Kind>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    part_number: u32,
    last_modified: Seconds,
    #[serde(rename = "ETag")]
    etag: String,
    size: u64,
    #[serde(flatten)]
    checksum: ChecksumMembers,
}

impl Listed {
    fn of(number: u32, part: &Part, with_checksum: bool) -> Self {
        let checksum = part.checksum.as_ref().filter(|_| with_checksum);
        let members = checksum.map(|sum| ChecksumMembers::of(sum.algorithm, &sum.value));
        Self {
            part_number: number,
            last_modified: Seconds(part.modified),
            etag: quoted(&part.md5),
            size: part.size,
            checksum: members.unwrap_or_default(),
        }
    }
}

impl Operation for ListParts {
    type Service = Objects;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListParts";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let access = Access::to(ctx, tx, &input.bucket).await?;
        Ok(vec![access.object("s3:ListMultipartUploadParts", &input.key)])
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = model::at(ctx, tx, &input.bucket, owner).await?;
        let (id, upload) = model::find_upload(tx, &bucket, &input.key, &input.upload_id).await?;
        let limit = model::limit(input.max_parts, "max-parts")?;
        let marker = input.part_number_marker.unwrap_or_default();
        let all = content::parts(tx, &bucket.store, &id).await?;
        let rest: Vec<_> = all.iter().filter(|placed| placed.number > marker).collect();
        let page = &rest[..rest.len().min(limit)];
        let owner = Owner::of(&bucket.store.account);
        Ok(Output {
            bucket: input.bucket.clone(),
            key: input.key.clone(),
            upload_id: input.upload_id.clone(),
            part_number_marker: marker,
            next_part_number_marker: page.last().map_or(0, |placed| placed.number),
            max_parts: limit,
            is_truncated: rest.len() > page.len(),
            parts: page
                .iter()
                .map(|placed| Listed::of(placed.number, &placed.part, upload.is_chosen))
                .collect(),
            initiator: owner.clone(),
            owner,
            storage_class: "STANDARD",
            checksum_algorithm: upload.is_chosen.then(|| upload.algorithm.name()),
            checksum_type: upload.is_chosen.then_some(upload.kind),
        })
    }
}
