use crate::{
    Error, Parameters, config,
    keys::Place,
    model::{self, HistoryEntry, Version},
};
use kv::{Scan, Transaction};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// All versions of a parameter, the oldest first.
pub(crate) struct GetParameterHistory;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    with_decryption: bool,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    parameters: Vec<HistoryEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for GetParameterHistory {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetParameterHistory";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![super::on_parameter(ctx, "ssm:GetParameterHistory", &input.name)])
    }

    async fn run(
        service: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let place = Place::of(ctx);
        let asked = model::parse(ctx, &input.name)?;
        let parameter = model::found(tx, &place, &asked).await?;
        let mut versions = Vec::new();
        for entry in tx.scan(&place.versions(&parameter.name), Scan::first(usize::MAX)).await? {
            versions.push(kv::decode_record::<Version>(&entry.value)?);
        }
        versions.push(parameter.current.clone());
        if let Some(token) = &input.next_token {
            let after = model::decode_token(token)?.parse().map_err(|_| Error::NextToken)?;
            versions.retain(|version| version.number > after);
        }
        let limit = input.max_results.unwrap_or(config::DESCRIBE_RESULTS);
        let has_more = versions.len() > limit;
        versions.truncate(limit);
        let last = versions.last().filter(|_| has_more);
        let next_token = last.map(|last| model::encode_token(&last.number.to_string()));
        let entry = |version: &Version| {
            HistoryEntry::new(ctx, &service.vault, (&parameter, version), input.with_decryption)
        };
        let parameters = versions.iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Output { parameters, next_token })
    }
}
