//! What stacks keep in the store, for checks and backups.

use crate::{
    keys::{
        CHANGE_SET, CHANGE_SET_ID, CHANGE_SET_TEMPLATE, DEPLOYMENT, EVENT, EXPORT, IMPORT, NAME,
        Place, REQUEST, RESOURCE, STACK, TEMPLATE,
    },
    model::{
        ChangeSet, ChangeSetPlace, CustomRequest, Deployment, Event, Export, ResourceRecord, Stack,
    },
};
use kv::{Entry, Error, KeyReader, Tag};
use service::Records;

/// What lies under each of its key tags.
#[must_use]
pub fn records() -> Vec<Records> {
    vec![
        Records::plain::<Stack>(STACK, "stack"),
        Records::new(NAME, "index of stacks", |entry, inspection| {
            let id = std::str::from_utf8(&entry.value);
            let id = id.map_err(|error| Error::Corrupt(error.to_string()))?;
            inspection.requires(owner(NAME, entry, id)?.stack());
            Ok(())
        }),
        Records::bytes(TEMPLATE, "template of a stack"),
        Records::plain::<ResourceRecord>(RESOURCE, "resource of a stack"),
        Records::plain::<Deployment>(DEPLOYMENT, "deployment"),
        Records::plain::<Event>(EVENT, "event of a stack"),
        Records::plain::<Export>(EXPORT, "export"),
        Records::texts(IMPORT, "import"),
        Records::plain::<ChangeSet>(CHANGE_SET, "change set"),
        Records::plain::<ChangeSetPlace>(CHANGE_SET_ID, "index of change sets"),
        Records::bytes(CHANGE_SET_TEMPLATE, "template of a change set"),
        Records::plain::<CustomRequest>(REQUEST, "request to a custom resource"),
    ]
}

/// The stack of an id that an entry with account, region and name refers to.
fn owner(tag: Tag, entry: &Entry, id: &str) -> Result<Place, Error> {
    let mut key = KeyReader::new(tag, &entry.key)?;
    Ok(Place {
        account: key.str()?.parse().map_err(|_| Error::Corrupt("an account".to_owned()))?,
        region: key.str()?.parse().map_err(|_| Error::Corrupt("a region".to_owned()))?,
        name: key.str()?,
        id: id.to_owned(),
    })
}
