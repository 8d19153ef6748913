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
    /// What the query must have, where that tells two operations of one path from each other:
    /// `find=LayerVersion`.
    query: Option<String>,
    operation: String,
}

impl Route {
    /// More conditions first, and a literal wins over a label at the same place.
    fn precedence(&self) -> (bool, usize) {
        let labels = self.segments.iter().filter(|s| !matches!(s, Segment::Literal(_))).count();
        (self.query.is_none(), labels)
    }

    fn accepts(&self, query: &str) -> bool {
        self.query.as_ref().is_none_or(|wanted| query.split('&').any(|pair| pair == wanted))
    }
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
            query: operation.http.request_uri.split_once('?').map(|(_, query)| query.to_owned()),
            operation: operation.name.clone(),
        };
        let mut routes: Vec<Route> = model.operations.values().map(route).collect();
        routes.sort_by_key(Route::precedence);
        Self(routes)
    }

    /// The operation and its labels; `uri` is a path with its query.
    pub(crate) fn find(&self, method: &str, uri: &str) -> Option<(&str, Labels)> {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        self.0
            .iter()
            .filter(|route| route.method == method && route.accepts(query))
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
    fn a_query_tells_two_operations_of_one_path_from_each_other() {
        let route = |operation: &str, uri: &str| Route {
            method: "GET".to_owned(),
            segments: segments(uri),
            query: uri.split_once('?').map(|(_, query)| query.to_owned()),
            operation: operation.to_owned(),
        };
        let mut all = vec![route("List", "/layers"), route("ByArn", "/layers?find=LayerVersion")];
        all.sort_by_key(Route::precedence);
        let routes = Routes(all);
        let found = |uri: &str| routes.find("GET", uri).map(|(name, _)| name.to_owned());
        assert_eq!(found("/layers?find=LayerVersion&Arn=x").as_deref(), Some("ByArn"));
        assert_eq!(found("/layers?MaxItems=1").as_deref(), Some("List"));
        assert_eq!(found("/layers").as_deref(), Some("List"));
    }

    #[test]
    fn a_greedy_label_takes_the_rest() {
        let labels = labels(&segments("/{Bucket}/{Key+}"), &["b", "x", "y"]).unwrap();
        assert_eq!(labels[1], ("Key".to_owned(), "x/y".to_owned()));
    }
}
