//! Requests that are forms with a file (`multipart/form-data`, RFC 7578): browsers send them, and
//! their credentials are fields that sign another field.

use crate::{
    Dispatcher,
    authenticate::{Signer, fault},
    dispatcher::reply,
    execute::Request,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{
    Response,
    header::{CONTENT_TYPE, HeaderValue},
    request::Parts,
};
use multer::{Field, Multipart};
use service::{Body, BodyStream, Fault};
use sigv4::{BodyHash, Dialect, Presented, TextSignature};
use std::{collections::BTreeMap, sync::Mutex};
use types::RequestId;
use wire::{Endpoint, Surface};

/// The field whose content is the file. What follows it does not count.
const FILE: &str = "file";
/// Bytes of all fields in front of the file, names and texts together, as S3 allows: 20 KB.
const FIELD_BYTES: usize = 20 * 1_024;

/// A form up to its file.
struct Form {
    /// By their names in lower case.
    fields: BTreeMap<String, String>,
    file_name: Option<String>,
    file: BodyStream,
}

impl Dispatcher {
    /// Answers a form as any other request: who asks, may they, do it.
    pub(crate) async fn answer_form(
        &self,
        surface: &Surface<'_>,
        endpoint: &Endpoint<'_>,
        request: &Request<'_>,
        presented: Option<&Presented>,
        request_id: &RequestId,
    ) -> Result<Response<Body>, Fault> {
        if presented.is_some() {
            return Err(Fault::unsupported("forms whose head is signed"));
        }
        let boundary = boundary(request.parts)?;
        let stream = request.take_stream().ok_or_else(malformed)?;
        let Form { fields, file_name, file } = Form::read(stream, boundary).await?;
        let field = |name: &str| fields.get(name).map(String::as_str);
        let signature = TextSignature::of_form(field);
        let signature = signature.map_err(|error| fault(&error, Dialect::S3))?;
        let signer = match signature {
            None => Signer::Anonymous(self.anonymous(request.peer), BodyHash::Unsigned),
            Some(signature) => {
                let service = endpoint.service();
                self.text_signer(signature, service, request.peer, BodyHash::Unsigned)
            }
        };
        let empty = Bytes::new();
        let stream = Mutex::new(Some(file));
        let Request { parts, peer, seed, .. } = *request;
        let request = Request { parts, body: &empty, stream, is_part: true, peer, seed };
        let decode = |_: &_| surface.decode_form(endpoint, parts, &fields, file_name.as_deref());
        let operation = self.operation(endpoint)?;
        let output = self.execute(operation.as_ref(), &request, &signer, decode).await?;
        reply(endpoint, output, request_id).await
    }
}

fn boundary(parts: &Parts) -> Result<String, Fault> {
    let content_type = parts.headers.get(CONTENT_TYPE).map(HeaderValue::to_str);
    let boundary = content_type.and_then(|text| multer::parse_boundary(text.ok()?).ok());
    boundary.ok_or_else(|| {
        let text = "At least one of the pre-conditions you specified did not hold";
        let condition = "Bucket POST must be of the enclosure-type multipart/form-data";
        Fault::sender("PreconditionFailed", text).status(412).member("Condition", condition)
    })
}

fn malformed() -> Fault {
    let text = "The body of your POST request is not well-formed multipart/form-data.";
    Fault::sender("MalformedPOSTRequest", text)
}

fn of_form(error: multer::Error) -> Fault {
    match error {
        // What the connection said of its own body comes back as it was.
        multer::Error::StreamReadFailed(error) => match error.downcast::<Fault>() {
            Ok(fault) => *fault,
            Err(error) => malformed().detail(error.to_string()),
        },
        error => malformed().detail(error.to_string()),
    }
}

impl Form {
    /// Reads the fields in front of the file; the file is read when its bytes are wanted.
    async fn read(stream: BodyStream, boundary: String) -> Result<Self, Fault> {
        let mut form = Multipart::new(paced(stream), boundary);
        let (mut fields, mut bytes) = (BTreeMap::new(), 0);
        while let Some(mut field) = form.next_field().await.map_err(of_form)? {
            let name = field.name().ok_or_else(malformed)?.to_ascii_lowercase();
            if name == FILE {
                let file_name = field.file_name().map(str::to_owned);
                return Ok(Self { fields, file_name, file: file(form, field) });
            }
            let mut text = Vec::new();
            bytes += name.len();
            while let Some(piece) = field.chunk().await.map_err(of_form)? {
                bytes += piece.len();
                if bytes > FIELD_BYTES {
                    return Err(too_long());
                }
                text.extend_from_slice(&piece);
            }
            let text = String::from_utf8(text).map_err(|_| malformed())?;
            if fields.insert(name, text).is_some() {
                return Err(malformed());
            }
        }
        let text = "POST requires exactly one file upload per request.";
        Err(Fault::sender("InvalidArgument", text)
            .member("ArgumentName", FILE)
            .member("ArgumentValue", "0"))
    }
}

/// The parser takes all that is ready at once: a pause behind each piece bounds what it holds. None
/// is before the first, because it takes a body for broken that ends before it has looked at it.
fn paced(body: BodyStream) -> impl Stream<Item = Result<Bytes, Fault>> + Send + 'static {
    stream::try_unfold((body, true), |(mut body, is_first)| async move {
        if !is_first {
            tokio::task::yield_now().await;
        }
        Ok(body.next().await.transpose()?.map(|piece| (piece, (body, false))))
    })
}

fn too_long() -> Fault {
    let text = "Your POST request fields preceding the upload file were too large.";
    Fault::sender("MaxPostPreDataLengthExceeded", text)
        .member("MaxPostPreDataLengthExceeded", FIELD_BYTES.to_string())
}

/// The bytes of the file; then the rest of the form, which must be one.
fn file(form: Multipart<'static>, field: Field<'static>) -> BodyStream {
    let pieces = stream::try_unfold((form, Some(field)), |(mut form, mut field)| async move {
        if let Some(open) = &mut field {
            if let Some(piece) = open.chunk().await.map_err(of_form)? {
                return Ok(Some((piece, (form, field))));
            }
            drop(field.take());
            while form.next_field().await.map_err(of_form)?.is_some() {}
        }
        Ok(None)
    });
    BodyStream::new(pieces, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body in pieces of so many bytes.
    fn body(text: &str, size: usize) -> BodyStream {
        let pieces: Vec<_> = text.as_bytes().chunks(size).map(Bytes::copy_from_slice).collect();
        BodyStream::new(stream::iter(pieces.into_iter().map(Ok)), None)
    }

    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\na/b\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"c.txt\"\r\n\r\nhello\r\n--b\r\n\
        Content-Disposition: form-data; name=\"submit\"\r\n\r\nGo\r\n--b--\r\n";

    #[tokio::test]
    async fn a_form_is_read_up_to_its_file_however_it_comes() {
        for size in [1, 2, 7, 50, 1_000] {
            let form = Form::read(body(FORM, size), "b".to_owned()).await.unwrap();
            assert_eq!(form.fields, BTreeMap::from([("key".to_owned(), "a/b".to_owned())]));
            assert_eq!(form.file_name.as_deref(), Some("c.txt"));
            assert_eq!(Body::Stream(form.file).collect().await.unwrap(), "hello");
        }
    }

    #[tokio::test]
    async fn a_form_that_ends_early_is_malformed() {
        for end in [10, 60, FORM.len() - 60] {
            let read = Form::read(body(&FORM[..end], 9), "b".to_owned()).await;
            let fault = match read {
                Err(fault) => fault,
                Ok(form) => Body::Stream(form.file).collect().await.unwrap_err(),
            };
            assert_eq!(fault.code(), "MalformedPOSTRequest", "of {end} bytes");
        }
    }
}
