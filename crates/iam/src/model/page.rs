//! Pages of lists.

use crate::{Error, config};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// What a request says about its page.
#[derive(Debug)]
pub(crate) struct PageInput {
    marker: Option<String>,
    max_items: Option<usize>,
}

impl PageInput {
    pub(crate) fn new(marker: Option<&str>, max_items: Option<usize>) -> Self {
        Self { marker: marker.map(str::to_owned), max_items }
    }

    pub(crate) fn limit(&self) -> usize {
        self.max_items.unwrap_or(config::DEFAULT_PAGE)
    }

    /// The name behind which the page begins.
    pub(crate) fn after(&self) -> Result<Option<String>, Error> {
        let Some(marker) = &self.marker else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
        let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let invalid = || Error::ValidationError(format!("Invalid Marker: {marker}"));
        name.map(Some).ok_or_else(invalid)
    }
}

/// One page, and where the next begins.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) marker: Option<String>,
}

impl<T> Page<T> {
    /// Cuts what was found behind [`PageInput::after`], in order, to the page.
    pub(crate) fn of(mut found: Vec<T>, input: &PageInput, name: impl Fn(&T) -> &str) -> Self {
        let more = found.len() > input.limit();
        found.truncate(input.limit());
        let last = found.last().filter(|_| more);
        let marker = last.map(|last| URL_SAFE_NO_PAD.encode(name(last)));
        Self { items: found, marker }
    }

    /// Cuts a whole list, ordered by name, to the page.
    pub(crate) fn cut(
        all: impl IntoIterator<Item = T>,
        input: &PageInput,
        name: impl Fn(&T) -> &str,
    ) -> Result<Self, Error> {
        let after = input.after()?;
        let behind = |item: &T| after.as_deref().is_none_or(|after| name(item) > after);
        let found = all.into_iter().filter(behind).take(input.limit() + 1).collect();
        Ok(Self::of(found, input, name))
    }

    /// As [`Page::cut`], for lists in an order of their own: goes on behind the named element.
    pub(crate) fn cut_after(
        all: Vec<T>,
        input: &PageInput,
        name: impl Fn(&T) -> &str,
    ) -> Result<Self, Error> {
        let after = input.after()?;
        let found = after.and_then(|after| all.iter().position(|item| name(item) == after));
        let start = found.map_or(0, |index| index + 1);
        Ok(Self::of(all.into_iter().skip(start).collect(), input, name))
    }

    pub(crate) fn is_truncated(&self) -> bool {
        self.marker.is_some()
    }
}
