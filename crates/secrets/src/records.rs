//! What parameters keep in the store, for checks and backups.

use crate::{
    keys::{COUNT, PARAMETER, VERSION, read},
    model::{Parameter, Vault, Version},
};
use kv::Error;
use service::Records;

/// What lies under each of its key tags. The master key opens secret values.
#[must_use]
pub fn records(master_key: &[u8; 32]) -> Vec<Records> {
    let vault = Vault::new(master_key);
    let versions = vault.clone();
    vec![
        Records::of::<Parameter>(PARAMETER, "parameter", move |entry, parameter, _| {
            let (place, name, _) = read(PARAMETER, &entry.key)?;
            if parameter.name != name {
                return Err(Error::Corrupt("another parameter".to_owned()));
            }
            vault.open(&place, &name, &parameter.current).map(drop)
        }),
        Records::of::<Version>(VERSION, "version of a parameter", move |entry, version, found| {
            let (place, name, number) = read(VERSION, &entry.key)?;
            if Some(version.number) != number {
                return Err(Error::Corrupt("another version".to_owned()));
            }
            found.requires(place.parameter(&name));
            versions.open(&place, &name, &version).map(drop)
        }),
        Records::numbers(COUNT, "count of parameters"),
    ]
}
