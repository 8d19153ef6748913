//! Which operation of a REST service a method and a path mean.

use crate::model::Model;
use percent_encoding::percent_decode_str;

/// The operations of one REST service by their paths.
#[derive(Debug)]
pub(crate) struct Routes(Vec<Route>);

#[derive(Debug)]
struct Route {
    method: String,
    segments: Vec<Segment>,
    operation: String,
}

#[derive(Debug, PartialEq)]
enum Segment {
    Literal(String),
    Label(String),
    /// `{Key+}`: the rest of the path, slashes included.
    Greedy(String),
}

/// The labels that a path gave.
pub(crate) type Labels = Vec<(String, String)>;

impl Routes {
    pub(crate) fn new(model: &Model) -> Self {
        let route = |operation: &crate::model::OperationModel| Route {
            method: operation.http.method.clone(),
            segments: segments(&operation.http.request_uri),
            operation: operation.name.clone(),
        };
        let mut routes: Vec<Route> = model.operations.values().map(route).collect();
        // A literal wins over a label at the same place.
        routes.sort_by_key(|route| {
            route.segments.iter().filter(|s| !matches!(s, Segment::Literal(_))).count()
        });
        Self(routes)
    }

    /// The operation and its labels.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<(&str, Labels)> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        self.0
            .iter()
            .filter(|route| route.method == method)
            .find_map(|route| Some((route.operation.as_str(), labels(&route.segments, &parts)?)))
    }
}

fn segments(uri: &str) -> Vec<Segment> {
    let path = uri.split('?').next().unwrap_or_default().trim_matches('/');
    let segment = |text: &str| match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
        Some(label) => match label.strip_suffix('+') {
            Some(label) => Segment::Greedy(label.to_owned()),
            None => Segment::Label(label.to_owned()),
        },
        None => Segment::Literal(text.to_owned()),
    };
    path.split('/').map(segment).collect()
}

fn labels(segments: &[Segment], parts: &[&str]) -> Option<Labels> {
    let mut labels = Vec::new();
    let mut rest = parts;
    for segment in segments {
        let (part, behind) = rest.split_first()?;
        match segment {
            Segment::Literal(text) if text == part => rest = behind,
            Segment::Literal(_) => return None,
            Segment::Label(_) if part.is_empty() => return None,
            Segment::Label(name) => {
                labels.push((name.clone(), decode(part)?));
                rest = behind;
            }
            Segment::Greedy(name) => {
                labels.push((name.clone(), decode(&rest.join("/"))?));
                rest = &[];
            }
        }
    }
    rest.is_empty().then_some(labels)
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gives_its_labels() {
        let uri = segments("/2015-03-31/functions/{FunctionName}/invocations");
        let path = "2015-03-31/functions/arn%3Aaws/invocations";
        let parts: Vec<&str> = path.split('/').collect();
        assert_eq!(
            labels(&uri, &parts),
            Some(vec![("FunctionName".to_owned(), "arn:aws".to_owned())])
        );
        assert_eq!(labels(&uri, &["2015-03-31", "functions", "", "invocations"]), None);
        assert_eq!(labels(&uri, &["2015-03-31", "functions", "f"]), None);
    }

    #[test]
    fn a_greedy_label_takes_the_rest() {
        let labels = labels(&segments("/{Bucket}/{Key+}"), &["b", "x", "y"]).unwrap();
        assert_eq!(labels[1], ("Key".to_owned(), "x/y".to_owned()));
    }
}
