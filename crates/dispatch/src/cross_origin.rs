//! What pages of other origins are told, before their requests and with them.

use crate::{Dispatcher, execute::Request};
use bytes::Bytes;
use http::{HeaderMap, Method, Response, request::Parts};
use service::{Addressed, Asked, Body, CrossOrigin, Fault};
use types::RequestId;
use wire::Surface;

impl Dispatcher {
    /// Who says it for this request, and what the request is about.
    fn cross_origin<'s>(
        &self,
        surface: &'s Surface<'_>,
    ) -> Option<(&dyn CrossOrigin, Addressed<'s>)> {
        let says = self.cross_origins.get(surface.service_name()?)?;
        Some((says.as_ref(), surface.addressed()?))
    }

    /// The answer to a browser that asks before a request. It is for everyone: browsers do not
    /// sign here, and the request itself is decided when it comes.
    pub(crate) async fn preflight(
        &self,
        surface: &Surface<'_>,
        request: &Request<'_>,
        request_id: &RequestId,
    ) -> Result<Option<Response<Body>>, Fault> {
        if request.parts.method != Method::OPTIONS {
            return Ok(None);
        }
        let Some((says, addressed)) = self.cross_origin(surface) else { return Ok(None) };
        let asked = Asked::before(request.parts).map_err(|what| says.unasked(what))?;
        let allowed = says.allowed(addressed, &asked).await?;
        let mut response = surface.empty(request_id);
        response.headers_mut().extend(allowed.headers(&asked));
        Ok(Some(response.map(|()| Body::Whole(Bytes::new()))))
    }

    /// Adds to an answer, whatever it is, what a browser needs in order to show it to the page that
    /// asked.
    pub(crate) async fn tell_page(
        &self,
        surface: &Surface<'_>,
        parts: &Parts,
        headers: &mut HeaderMap,
    ) {
        let Some(asked) = Asked::with(parts) else { return };
        let Some((says, addressed)) = self.cross_origin(surface) else { return };
        if let Ok(allowed) = says.allowed(addressed, &asked).await {
            headers.extend(allowed.headers(&asked));
        }
    }
}
