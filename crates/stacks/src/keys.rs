//! Where everything lies. `place` is account, region, the stack's name and its id.
//!
//! | tag | key | value |
//! |---|---|---|
//! | `STACK` | place | [`Stack`](crate::model::Stack) |
//! | `NAME` | account, region, name | the id of the stack that has the name now, as text |
//! | `TEMPLATE` | place, number | the text of a template, with what it includes |
//! | `TEMPLATE` | place, number, `original` | the same as it was written, if it includes something |
//! | `RESOURCE` | place, logical id | [`ResourceRecord`](crate::model::ResourceRecord) |
//! | `DEPLOYMENT` | place | [`Deployment`](crate::model::Deployment) that is under way |
//! | `EVENT` | place, versionstamp | [`Event`](crate::model::Event) |
//! | `EXPORT` | account, region, name | [`Export`](crate::model::Export) |
//! | `IMPORT` | account, region, name, id of the importing stack | that stack's name, as text |
//! | `CHANGE_SET` | place, name | [`ChangeSet`](crate::model::ChangeSet) |
//! | `CHANGE_SET_ID` | account, region, id of the change set | [`ChangeSetPlace`](crate::model::ChangeSetPlace) |
//! | `CHANGE_SET_TEMPLATE` | account, region, id of the change set | the text of its template, with what it includes |
//! | `CHANGE_SET_TEMPLATE` | the same, `original` | the same as it was written, if it includes something |
//! | `REQUEST` | place, id of the request | [`CustomRequest`](crate::model::CustomRequest) |

use kv::{Key, KeyBuilder, Range, Tag};
use serde::{Deserialize, Serialize};
use service::tag;
use types::{AccountId, Arn, Region};

pub(crate) const STACK: Tag = Tag(tag::STACKS);
pub(crate) const NAME: Tag = Tag(tag::STACKS + 1);
pub(crate) const TEMPLATE: Tag = Tag(tag::STACKS + 2);
pub(crate) const RESOURCE: Tag = Tag(tag::STACKS + 3);
pub(crate) const DEPLOYMENT: Tag = Tag(tag::STACKS + 4);
pub(crate) const EVENT: Tag = Tag(tag::STACKS + 5);
pub(crate) const EXPORT: Tag = Tag(tag::STACKS + 6);
pub(crate) const IMPORT: Tag = Tag(tag::STACKS + 7);
pub(crate) const CHANGE_SET: Tag = Tag(tag::STACKS + 8);
pub(crate) const CHANGE_SET_ID: Tag = Tag(tag::STACKS + 9);
pub(crate) const CHANGE_SET_TEMPLATE: Tag = Tag(tag::STACKS + 10);
pub(crate) const REQUEST: Tag = Tag(tag::STACKS + 11);

/// The end of the keys of templates as they were written.
const ORIGINAL: &str = "original";

/// Where a stack is: one incarnation of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
    /// The UUID at the end of the stack's ARN.
    pub(crate) id: String,
}

impl Place {
    /// The stack's id as the API shows it.
    pub(crate) fn arn(&self) -> Arn {
        let resource = format!("stack/{}/{}", self.name, self.id);
        Arn::new("cloudformation", &self.region, &self.account, &resource)
    }

    /// Where the stack of an id is.
    pub(crate) fn of_arn(text: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let (name, id) = arn.resource().strip_prefix("stack/")?.split_once('/')?;
        (arn.service() == "cloudformation").then_some(())?;
        Some(Self {
            account: arn.account().parse().ok()?,
            region: arn.region().parse().ok()?,
            name: name.to_owned(),
            id: id.to_owned(),
        })
    }

    fn under(&self, tag: Tag) -> KeyBuilder {
        owner(tag, &self.account, &self.region).str(&self.name).str(&self.id)
    }

    pub(crate) fn stack(&self) -> Key {
        self.under(STACK).build()
    }

    pub(crate) fn live_name(&self) -> Key {
        name(&self.account, &self.region, &self.name)
    }

    pub(crate) fn template(&self, number: u64) -> Key {
        self.under(TEMPLATE).u64(number).build()
    }

    /// The template as it was written, if it includes something.
    pub(crate) fn original(&self, number: u64) -> Key {
        self.under(TEMPLATE).u64(number).str(ORIGINAL).build()
    }

    pub(crate) fn templates(&self) -> Range {
        self.under(TEMPLATE).range()
    }

    pub(crate) fn resource(&self, logical_id: &str) -> Key {
        self.under(RESOURCE).str(logical_id).build()
    }

    pub(crate) fn resources(&self) -> Range {
        self.under(RESOURCE).range()
    }

    pub(crate) fn deployment(&self) -> Key {
        self.under(DEPLOYMENT).build()
    }

    /// The prefix of the versionstamped keys of events.
    pub(crate) fn events(&self) -> Key {
        self.under(EVENT).build()
    }

    pub(crate) fn request(&self, id: &str) -> Key {
        self.under(REQUEST).str(id).build()
    }

    pub(crate) fn requests(&self) -> Range {
        self.under(REQUEST).range()
    }

    pub(crate) fn change_set(&self, name: &str) -> Key {
        self.under(CHANGE_SET).str(name).build()
    }

    pub(crate) fn change_sets(&self) -> Range {
        self.under(CHANGE_SET).range()
    }

    pub(crate) fn export(&self, export: &str) -> Key {
        owner(EXPORT, &self.account, &self.region).str(export).build()
    }

    pub(crate) fn import(&self, export: &str) -> Key {
        owner(IMPORT, &self.account, &self.region).str(export).str(&self.id).build()
    }

    pub(crate) fn imports_of(&self, export: &str) -> Range {
        imports(&self.account, &self.region, export)
    }

    /// What is kept of a deleted stack, for the job that forgets it.
    pub(crate) fn history(&self) -> [Range; 5] {
        [STACK, TEMPLATE, RESOURCE, EVENT, CHANGE_SET].map(|tag| self.under(tag).range())
    }
}

fn owner(tag: Tag, account: &AccountId, region: &Region) -> KeyBuilder {
    KeyBuilder::new(tag).str(account.as_str()).str(region.as_str())
}

/// All stacks, in the order of their names.
pub(crate) fn stacks(account: &AccountId, region: &Region) -> Range {
    owner(STACK, account, region).range()
}

/// The key of the id of the stack that has a name now.
pub(crate) fn name(account: &AccountId, region: &Region, name: &str) -> Key {
    owner(NAME, account, region).str(name).build()
}

/// The names of the stacks that exist.
pub(crate) fn names(account: &AccountId, region: &Region) -> Range {
    owner(NAME, account, region).range()
}

/// All exports, in the order of their names.
pub(crate) fn exports(account: &AccountId, region: &Region) -> Range {
    owner(EXPORT, account, region).range()
}

/// The stacks that import an export.
pub(crate) fn imports(account: &AccountId, region: &Region, export: &str) -> Range {
    owner(IMPORT, account, region).str(export).range()
}

/// Where the change set of an id is.
pub(crate) fn change_set_id(account: &AccountId, region: &Region, id: &str) -> Key {
    owner(CHANGE_SET_ID, account, region).str(id).build()
}

/// The template of the change set of an id, and the same as it was written, if it includes
/// something.
pub(crate) fn change_set_template(place: &Place, id: &str) -> (Key, Key) {
    let key = || owner(CHANGE_SET_TEMPLATE, &place.account, &place.region).str(id);
    (key().build(), key().str(ORIGINAL).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_layout_is_what_it_always_was() {
        let place = Place {
            account: "000000000000".parse().unwrap(),
            region: "eu-1".parse().unwrap(),
            name: "shop".to_owned(),
            id: "x".to_owned(),
        };
        let rest = b"000000000000\0eu-1\0shop\0x\0";
        let tail = place.stack()[2..].to_vec();
        let text = |bytes: &[u8]| {
            bytes.iter().filter(|b| b.is_ascii_graphic()).copied().collect::<Vec<_>>()
        };
        assert_eq!(&place.stack()[..2], &[0x01, 0xa0]);
        assert_eq!(text(&tail), text(rest));
        assert_eq!(&place.template(258)[..2], &[0x01, 0xa2]);
        assert!(place.template(258).ends_with(&[0, 0, 0, 0, 0, 0, 1, 2]));
        assert!(place.resources().contains(&place.resource("Queue")));
        assert_eq!(&place.events()[..2], &[0x01, 0xa5]);
    }
}
