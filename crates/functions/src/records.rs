//! What functions keep in the store, for checks and backups.

use crate::{
    code::Code,
    keys::{
        ALIAS, ALL_RESERVED, CODE, FUNCTION, INVOKE_CONFIG, LAST_LAYER, LAST_VERSION, LAYER,
        PROVISIONED, RESERVED, URL, URL_OF, VERSION, all_reserved, code, function, url, url_of,
    },
    model::{Alias, AllReserved, Function, InvokeConfig, LayerVersion, Provisioned, Reserved, Url},
};
use kv::{Entry, Error, KeyReader, Tag};
use service::Records;
use types::{AccountId, Region};

/// What lies under each of its key tags.
#[must_use]
pub fn records() -> Vec<Records> {
    vec![
        Records::of::<Function>(FUNCTION, "function", |entry, found, inspection| {
            let (account, region, _) = place(FUNCTION, entry)?;
            inspection.requires(code(&account, &region, found.code.id.as_str()));
            Ok(())
        }),
        Records::of::<Function>(VERSION, "version of a function", |entry, found, inspection| {
            let (account, region) = owner(VERSION, entry)?;
            inspection.requires(code(&account, &region, found.code.id.as_str()));
            Ok(())
        }),
        Records::of::<LayerVersion>(LAYER, "version of a layer", |entry, found, inspection| {
            let (account, region) = owner(LAYER, entry)?;
            inspection.requires(code(&account, &region, found.code.id.as_str()));
            Ok(())
        }),
        Records::of::<Reserved>(RESERVED, "reserved concurrency", |entry, _, inspection| {
            let (account, region, name) = place(RESERVED, entry)?;
            inspection.requires(function(&account, &region, &name));
            inspection.requires(all_reserved(&account, &region));
            Ok(())
        }),
        Records::of::<Provisioned>(
            PROVISIONED,
            "provisioned concurrency",
            |entry, found, check| {
                let (account, region) = owner(PROVISIONED, entry)?;
                check.requires(function(&account, &region, &found.function));
                check.requires(all_reserved(&account, &region));
                Ok(())
            },
        ),
        Records::of::<AllReserved>(ALL_RESERVED, "sum of reserved concurrency", |_, _, _| Ok(())),
        Records::bytes(LAST_LAYER, "last number of versions of a layer"),
        Records::bytes(LAST_VERSION, "last number of versions"),
        Records::of::<Alias>(ALIAS, "alias of a function", |entry, _, inspection| {
            let (account, region) = owner(ALIAS, entry)?;
            let mut key = KeyReader::new(ALIAS, &entry.key)?;
            let (_, _) = (key.str()?, key.str()?);
            inspection.requires(function(&account, &region, &key.str()?));
            Ok(())
        }),
        Records::of::<Code>(CODE, "code of functions", |_, found, inspection| {
            inspection.refers(found.blob, found.size);
            Ok(())
        }),
        Records::of::<Url>(URL, "function URL", |entry, found, inspection| {
            let (account, region, id) = place(URL, entry)?;
            inspection.requires(function(&account, &region, &found.function));
            inspection.requires_value(url_of(&account, &region, found.place()), id.into());
            Ok(())
        }),
        Records::new(URL_OF, "index of function URLs", |entry, inspection| {
            let (account, region, _) = place(URL_OF, entry)?;
            let id = std::str::from_utf8(&entry.value);
            let id = id.map_err(|error| Error::Corrupt(error.to_string()))?;
            inspection.requires(url(&account, &region, id));
            Ok(())
        }),
        Records::of::<InvokeConfig>(
            INVOKE_CONFIG,
            "settings of asynchronous calls",
            |entry, _, inspection| {
                let (account, region, name) = place(INVOKE_CONFIG, entry)?;
                let name = name.split_once(':').map_or(&*name, |(name, _)| name);
                inspection.requires(function(&account, &region, name));
                Ok(())
            },
        ),
    ]
}

fn owner(tag: Tag, entry: &Entry) -> Result<(AccountId, Region), Error> {
    let mut key = KeyReader::new(tag, &entry.key)?;
    let account = key.str()?.parse().map_err(|_| Error::Corrupt("an account".to_owned()))?;
    let region = key.str()?.parse().map_err(|_| Error::Corrupt("a region".to_owned()))?;
    Ok((account, region))
}

/// Account, region and the name or id that a key ends with.
fn place(tag: Tag, entry: &Entry) -> Result<(AccountId, Region, String), Error> {
    let mut key = KeyReader::new(tag, &entry.key)?;
    let account = key.str()?.parse().map_err(|_| Error::Corrupt("an account".to_owned()))?;
    let region = key.str()?.parse().map_err(|_| Error::Corrupt("a region".to_owned()))?;
    let name = key.str()?;
    key.finish()?;
    Ok((account, region, name))
}
