//! Which operation of a REST-XML service a request means: method and level of the address, and
//! then what its query and headers say.

use crate::{
    address::Address,
    model::{Model, OperationModel, RefusedRequest},
    shape::Location,
};
use http::{HeaderMap, Method};

/// The operations of one service, those with most conditions first.
#[derive(Debug)]
pub(crate) struct XmlRoutes(Vec<XmlRoute>);

/// How one operation is asked for.
#[derive(Debug)]
pub(crate) struct XmlRoute {
    pub(crate) operation: String,
    /// Whether the model has the operation. The others are known in order to be refused by name.
    pub(crate) implemented: bool,
    /// Whether the body of a request is a blob that need not be in memory at once.
    pub(crate) streams: bool,
    /// Whether its members come as a form.
    pub(crate) form: bool,
    method: String,
    level: Level,
    query: Vec<(String, Option<String>)>,
    headers: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Service,
    Bucket,
    Key,
}

impl XmlRoutes {
    pub(crate) fn new(model: &Model) -> Self {
        if model.metadata.protocol != "rest-xml" {
            return Self(Vec::new());
        }
        let kept = model.operations.values().map(|operation| XmlRoute::kept(model, operation));
        let refused = model.refused.iter().map(|(name, request)| XmlRoute::refused(name, request));
        let mut routes: Vec<XmlRoute> = kept.chain(refused).collect();
        routes.sort_by(|a, b| {
            let order = |route: &XmlRoute| (route.conditions(), route.implemented);
            order(b).cmp(&order(a)).then_with(|| a.operation.cmp(&b.operation))
        });
        Self(routes)
    }

    /// True if some request of this method streams.
    pub(crate) fn stream(&self, method: &Method) -> bool {
        self.0.iter().any(|route| route.streams && route.method == method.as_str())
    }

    pub(crate) fn find(
        &self,
        method: &str,
        address: &Address,
        query: &[(String, String)],
        headers: &HeaderMap,
    ) -> Option<&XmlRoute> {
        let level = match address {
            Address { bucket: None, .. } => Level::Service,
            Address { key: None, .. } => Level::Bucket,
            Address { .. } => Level::Key,
        };
        self.0.iter().find(|route| {
            route.method == method
                && route.level == level
                && route
                    .headers
                    .iter()
                    .all(|name| headers.contains_key(name) || in_query(query, name).is_some())
                && route.query.iter().all(|(name, value)| {
                    query.iter().any(|(n, v)| n == name && value.as_ref().is_none_or(|w| w == v))
                })
        })
    }
}

/// The value of an `x-amz-` header that came in the query, where those who presign put some.
pub(crate) fn in_query<'q>(query: &'q [(String, String)], name: &str) -> Option<&'q str> {
    let is_it = |given: &str| given.eq_ignore_ascii_case(name);
    let amz = name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"));
    query.iter().find(|(given, _)| amz && is_it(given)).map(|(_, value)| value.as_str())
}

impl XmlRoute {
    fn kept(model: &Model, operation: &OperationModel) -> Self {
        let mut route =
            Self::of(&operation.name, &operation.http.method, &operation.http.request_uri);
        route.form = operation.form;
        let Some(shape) = model.input(operation) else { return route };
        for name in &shape.required {
            let Some(member) = shape.members.get(name) else { continue };
            let wire_name = member.location_name.as_deref().unwrap_or(name).to_owned();
            match member.location {
                Some(Location::Querystring) => route.query.push((wire_name, None)),
                Some(Location::Header) => route.headers.push(wire_name.to_ascii_lowercase()),
                _ => {}
            }
        }
        route.streams = model.payload(shape).is_some_and(|payload| payload.reference.streaming);
        route
    }

    fn refused(name: &str, request: &RefusedRequest) -> Self {
        let mut route = Self::of(name, &request.method, &request.request_uri);
        route.implemented = false;
        route.query.extend(request.query.iter().map(|name| (name.clone(), None)));
        route
    }

    /// What method and URI say: `/{Bucket}?list-type=2`.
    fn of(operation: &str, method: &str, uri: &str) -> Self {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let parameter = |pair: &str| match pair.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (pair.to_owned(), None),
        };
        Self {
            operation: operation.to_owned(),
            implemented: true,
            streams: false,
            form: false,
            method: method.to_owned(),
            level: match path {
                "/" => Level::Service,
                "/{Bucket}" => Level::Bucket,
                _ => Level::Key,
            },
            query: query.split('&').filter(|pair| !pair.is_empty()).map(parameter).collect(),
            headers: Vec::new(),
        }
    }

    fn conditions(&self) -> usize {
        self.query.len() + self.headers.len()
    }
}
