//! What happened to a stack.

use super::{MAX_PAGES, call};
use crate::error::Error;
use client::{Client, Element};
use std::collections::HashSet;

const STACK: &str = "AWS::CloudFormation::Stack";
/// How the reason of a substitution begins.
const SUBSTITUTED: &str = "Substituted: ";

/// A change of a state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) logical_id: String,
    pub(crate) physical_id: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    token: Option<String>,
}

impl Event {
    fn read(element: &Element) -> Self {
        let text = |name: &str| element.get(name).unwrap_or_default().to_owned();
        Self {
            id: text("EventId"),
            logical_id: text("LogicalResourceId"),
            physical_id: text("PhysicalResourceId"),
            kind: text("ResourceType"),
            status: text("ResourceStatus"),
            reason: element.get("ResourceStatusReason").map(str::to_owned),
            token: element.get("ClientRequestToken").map(str::to_owned),
        }
    }

    /// Whether it is about the stack itself.
    pub(crate) fn is_of_stack(&self, stack_id: &str) -> bool {
        self.kind == STACK && self.physical_id == stack_id
    }

    /// Whether the stack or the resource now rests.
    pub(crate) fn is_last(&self) -> bool {
        !self.status.ends_with("_IN_PROGRESS")
    }

    /// Whether the resource itself has failed, rather than being stopped because another has.
    pub(crate) fn is_failure(&self) -> bool {
        let cancelled = |reason: &String| {
            ["cancelled", "canceled"].iter().any(|word| reason.to_lowercase().contains(word))
        };
        self.status.ends_with("_FAILED") && !self.reason.as_ref().is_some_and(cancelled)
    }

    /// What was substituted for what the template asked.
    pub(crate) fn substitution(&self) -> Option<&str> {
        self.reason.as_deref()?.strip_prefix(SUBSTITUTED)
    }
}

/// The events of one deployment that are not yet in `seen`, oldest first, which are then in it.
pub(super) async fn news(
    client: &Client,
    stack_id: &str,
    token: &str,
    seen: &mut HashSet<String>,
) -> Result<Vec<Event>, Error> {
    let mut news = Vec::new();
    let mut next: Option<String> = None;
    'pages: for _ in 0..MAX_PAGES {
        let mut parameters = vec![("StackName", stack_id)];
        parameters.extend(next.iter().map(|next| ("NextToken", next.as_str())));
        let page = call(client, "DescribeStackEvents", &parameters).await?;
        for event in page.list("StackEvents").iter().map(Event::read) {
            if seen.contains(&event.id) {
                break 'pages;
            }
            if event.token.as_deref() == Some(token) {
                news.push(event);
            }
        }
        next = page.get("NextToken").map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    seen.extend(news.iter().map(|event| event.id.clone()));
    news.reverse();
    Ok(news)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(status: &str, reason: Option<&str>) -> Event {
        Event { status: status.to_owned(), reason: reason.map(str::to_owned), ..Event::default() }
    }

    #[test]
    fn a_resource_that_was_stopped_because_another_failed_is_no_failure() {
        assert!(event("CREATE_FAILED", Some("No such thing")).is_failure());
        assert!(!event("CREATE_FAILED", Some("Resource creation cancelled")).is_failure());
        assert!(!event("CREATE_COMPLETE", None).is_failure());
    }

    #[test]
    fn a_state_is_last_when_nothing_is_in_progress() {
        for status in ["CREATE_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE"] {
            assert!(event(status, None).is_last(), "{status}");
        }
        for status in ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "CREATE_IN_PROGRESS"] {
            assert!(!event(status, None).is_last(), "{status}");
        }
    }

    #[test]
    fn the_reason_of_a_substitution_is_known_by_its_beginning() {
        let event = event("CREATE_COMPLETE", Some("Substituted: Architectures arm64: runs here"));
        assert_eq!(event.substitution(), Some("Architectures arm64: runs here"));
    }
}
