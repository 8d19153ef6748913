use super::{Test, order::Order};
use crate::{Context, Malformed};
use types::Timestamp;

/// `DateEquals` and its kin, on ISO 8601 dates and seconds since the epoch.
#[derive(Debug)]
pub(super) struct DateTest {
    order: Order,
    values: Vec<Timestamp>,
}

impl DateTest {
    pub(super) fn parse(order: Order, values: &[String], at: &str) -> Result<Self, Malformed> {
        let date = |text: &String| {
            read(text).ok_or_else(|| Malformed::new(at, format!("{text:?} is not a date.")))
        };
        let values: Result<_, _> = values.iter().map(date).collect();
        Ok(Self { order, values: values? })
    }
}

/// The W3C forms of ISO 8601, from a year to a fraction of a second; more than four digits alone
/// are seconds.
fn read(text: &str) -> Option<Timestamp> {
    if text.len() > 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        let millis = text.parse::<u64>().ok()?.checked_mul(1000)?;
        return Some(Timestamp::from_millis(millis));
    }
    let whole = match text.len() {
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        _ => with_seconds(text)?,
    };
    Timestamp::parse_iso8601(&whole)
}

/// `2026-11-22T20:17+01:00` is a W3C form too: adds the seconds that RFC 3339 wants.
fn with_seconds(text: &str) -> Option<String> {
    let (minutes, rest) = text.split_at_checked(16)?;
    Some(if rest.starts_with(':') { text.to_owned() } else { format!("{minutes}:00{rest}") })
}

impl Test for DateTest {
    fn any_matches(&self, value: &str, _: &Context) -> Option<bool> {
        let value = read(value)?;
        Some(self.values.iter().any(|limit| self.order.holds(value.cmp(limit))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_documented_forms_are_the_same_instant() {
        let at = Timestamp::parse_iso8601("2026-01-01T00:00:00Z");
        for text in [
            "2026",
            "2026-01",
            "2026-01-01",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.000Z",
            "2026-01-01T01:00+01:00",
            "1767225600",
        ] {
            assert_eq!(read(text), at, "{text}");
        }
        for bad in ["", "today", "2026-13", "2026-01-01T", "99999999999999999999"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
