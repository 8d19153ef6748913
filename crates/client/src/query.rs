//! The Query protocol: parameters in a form, XML in the reply.

use crate::{Client, Element, Error, fault, rest::segment};
use bytes::Bytes;
use http::{HeaderValue, Method, header::CONTENT_TYPE};

const FORM: HeaderValue =
    HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");

impl Client {
    /// Calls an operation of a service of the Query protocol, such as CloudFormation. Lists are
    /// written by their members: `("Capabilities.member.1", "CAPABILITY_IAM")`. Gives the
    /// `<Action>Result` element, or the whole reply of an operation without output.
    ///
    /// # Errors
    /// As [`Client::json`].
    pub async fn query(
        &self,
        service: &str,
        version: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Element, Error> {
        let fixed = [("Action", action), ("Version", version)];
        let form: Vec<String> = fixed
            .iter()
            .chain(parameters)
            .map(|(name, value)| format!("{}={}", segment(name), segment(value)))
            .collect();
        let mut request = self.request(Method::POST, "/", Bytes::from(form.join("&")))?;
        request.headers_mut().insert(CONTENT_TYPE, FORM);
        let reply = fault::check(self.send(service, request).await?)?;
        let text = std::str::from_utf8(&reply.body).map_err(|e| Error::Reply(e.to_string()))?;
        let root = Element::parse(text)?;
        let result = format!("{action}Result");
        Ok(root.child(&result).cloned().unwrap_or(root))
    }
}
