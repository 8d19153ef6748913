//! One page of a query or scan.

use super::{conditional::ItemReturned, item_key::key_attributes, stored::Stored, table::Table};
use crate::{Error, config};
use expression::{Condition, Item, Projection};
use kv::{Entry, Range, Scan, Transaction};
use serde::{Deserialize, Serialize};

/// What of the items that it finds a request wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Select {
    AllAttributes,
    AllProjectedAttributes,
    SpecificAttributes,
    Count,
}

impl Select {
    /// The official name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AllAttributes => "ALL_ATTRIBUTES",
            Self::AllProjectedAttributes => "ALL_PROJECTED_ATTRIBUTES",
            Self::SpecificAttributes => "SPECIFIC_ATTRIBUTES",
            Self::Count => "COUNT",
        }
    }

    /// What a request wants that gives `select` and `projection`, of a table without indexes.
    pub(crate) fn effective(select: Option<Self>, projects: bool) -> Result<Self, Error> {
        let both = |what: &str| {
            let text =
                format!("Cannot specify the ProjectionExpression when choosing to get {what}");
            Err(Error::validation(text))
        };
        match (select, projects) {
            (None | Some(Self::SpecificAttributes), true) => Ok(Self::SpecificAttributes),
            (None | Some(Self::AllAttributes), false) => Ok(Self::AllAttributes),
            (Some(Self::AllAttributes), true) => both("ALL_ATTRIBUTES"),
            (Some(Self::AllProjectedAttributes), true) => both("ALL_PROJECTED_ATTRIBUTES"),
            (Some(Self::Count), true) => both("only the Count"),
            (Some(Self::Count), false) => Ok(Self::Count),
            (Some(Self::AllProjectedAttributes), false) => Err(Error::validation(
                "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
            )),
            (Some(Self::SpecificAttributes), false) => Err(Error::validation(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get \
                 SPECIFIC_ATTRIBUTES",
            )),
        }
    }
}

/// What a page reads.
pub(crate) struct Reading<'a> {
    pub(crate) table: &'a Table,
    pub(crate) range: Range,
    pub(crate) reverse: bool,
    /// Items to evaluate at most.
    pub(crate) limit: Option<usize>,
    pub(crate) filter: Option<&'a Condition>,
    pub(crate) projection: Option<&'a Projection>,
    /// False if only their number is wanted.
    pub(crate) items: bool,
}

/// An item of a page.
pub(crate) type Row = ItemReturned;

/// What a page found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Row>,
    /// Items that pass the filter.
    pub(crate) count: usize,
    /// Items that were evaluated.
    pub(crate) scanned: usize,
    /// Bytes of items that were evaluated.
    pub(crate) bytes: usize,
    /// The key of the last evaluated item, if there may be more.
    pub(crate) last: Option<Item>,
}

impl Reading<'_> {
    /// Reads up to the limit, 1 MB or the end. A page that ends at its limit says that there may
    /// be more, even if its last item was the last of all, as DynamoDB's do.
    pub(crate) async fn page(mut self, tx: &mut Transaction) -> Result<Page, Error> {
        let mut page = Page::default();
        let mut last: Option<Stored> = None;
        loop {
            let limit = self.fetch(&page);
            let scan = Scan { reverse: self.reverse, limit, isolation: kv::Isolation::Snapshot };
            let entries = tx.scan(&self.range, scan).await?;
            let is_end = entries.len() < limit;
            self.skip(&entries);
            for entry in entries {
                let stored = Stored::read(entry.value)?;
                let is_full = page.bytes + stored.size() > config::PAGE_BYTES;
                if let Some(last) = last.as_ref().filter(|_| is_full) {
                    page.last = Some(key_attributes(self.table, &last.decode()?));
                    return Ok(page);
                }
                self.evaluate(&mut page, &stored)?;
                if Some(page.scanned) == self.limit {
                    page.last = Some(key_attributes(self.table, &stored.decode()?));
                    return Ok(page);
                }
                last = Some(stored);
            }
            if is_end {
                return Ok(page);
            }
        }
    }

    /// How many entries to ask for: few at first, then as many as should fill the page.
    fn fetch(&self, page: &Page) -> usize {
        let guess = match page.bytes.checked_div(page.scanned) {
            Some(average) if average > 0 => (config::PAGE_BYTES - page.bytes) / average + 1,
            _ => config::FIRST_FETCH,
        };
        let left = self.limit.map_or(usize::MAX, |limit| limit - page.scanned);
        guess.min(left).clamp(1, config::MAX_FETCH)
    }

    fn skip(&mut self, entries: &[Entry]) {
        if let Some(last) = entries.last() {
            self.range = if self.reverse {
                self.range.before(&last.key)
            } else {
                self.range.after(&last.key)
            };
        }
    }

    fn evaluate(&self, page: &mut Page, stored: &Stored) -> Result<(), Error> {
        page.scanned += 1;
        page.bytes += stored.size();
        let item = match (self.filter, self.projection) {
            (None, None) => None,
            _ => Some(stored.decode()?),
        };
        let passes = |filter: &Condition| item.as_ref().is_some_and(|item| filter.eval(item));
        if !self.filter.is_none_or(passes) {
            return Ok(());
        }
        page.count += 1;
        if self.items {
            page.rows.push(match (self.projection, item) {
                (Some(projection), Some(item)) => Row::Item(projection.apply(&item)),
                _ => Row::Stored(stored.clone()),
            });
        }
        Ok(())
    }
}
