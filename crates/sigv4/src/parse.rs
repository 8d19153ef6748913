use crate::{
    ALGORITHM, BodyHash, Error, Kind, MAX_EXPIRES, Presented,
    date::AmzDate,
    encoding::{SIGNATURE, decode_query, query_pairs},
    key::parse_hex32,
    presented::{AMZ_DATE, SECURITY_TOKEN},
    scope::Scope,
};
use http::{
    HeaderMap,
    header::{AUTHORIZATION, DATE},
    request::Parts,
};
use std::time::Duration;
use types::Secret;

impl Presented {
    /// Reads the signature of a request: `None` if it has none of any version, so that it is
    /// anonymous or authenticated in another way (`Authorization: Bearer`).
    ///
    /// # Errors
    /// A signature that is there but not readable, complete and of version 4.
    pub fn parse(parts: &Parts) -> Result<Option<Self>, Error> {
        let query = parts.uri.query().unwrap_or_default();
        match (header_value(&parts.headers)?, is_presigned(query)) {
            (Some(_), true) => Err(Error::TwoMechanisms),
            (Some(value), false) => from_header(value, &parts.headers).map(Some),
            (None, true) => from_query(query).map(Some),
            (None, false) => Ok(None),
        }
    }
}

/// The `Authorization` header, if it is of a signature.
fn header_value(headers: &HeaderMap) -> Result<Option<&str>, Error> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(first) = values.next() else { return Ok(None) };
    let bytes = first.as_bytes();
    if !bytes.starts_with(b"AWS4-") && !bytes.starts_with(b"AWS ") {
        return Ok(None);
    }
    if values.next().is_some() {
        return Err(Error::TwoMechanisms);
    }
    first.to_str().map(Some).map_err(|_| malformed("Authorization"))
}

fn is_presigned(query: &str) -> bool {
    query.contains("X-Amz-")
        && query_pairs(query)
            .any(|(name, _)| matches!(name, ALGORITHM_PARAM | CREDENTIAL_PARAM | SIGNATURE))
}

fn from_header(value: &str, headers: &HeaderMap) -> Result<Presented, Error> {
    let (algorithm, rest) = value.split_once(' ').unwrap_or((value, ""));
    if algorithm != ALGORITHM {
        return Err(Error::UnsupportedAlgorithm);
    }
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(|| malformed(part))?;
        let slot = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut signed_headers,
            "Signature" => &mut signature,
            _ => return Err(malformed(name)),
        };
        if slot.replace(value).is_some() {
            return Err(malformed(name));
        }
    }
    let date = headers.get(&AMZ_DATE).or_else(|| headers.get(DATE));
    let (Some(credential), Some(signed_headers), Some(signature), Some(date)) =
        (credential, signed_headers, signature, date)
    else {
        return Err(incomplete([
            credential.is_none(),
            signature.is_none(),
            signed_headers.is_none(),
            date.is_none(),
        ]));
    };
    let date = date.to_str().unwrap_or_default();
    let parsed = match headers.contains_key(&AMZ_DATE) {
        true => AmzDate::parse(date),
        false => AmzDate::parse_http(date),
    };
    let token = headers.get(&SECURITY_TOKEN).map(|token| token.to_str().unwrap_or_default());
    build(Fields {
        credential,
        signed_headers,
        signature,
        date: parsed.ok_or_else(|| Error::InvalidDate { got: date.to_owned() })?,
        token: token.map(Secret::new),
        kind: Kind::Header,
        query_body: None,
    })
}

fn incomplete(missing: [bool; 4]) -> Error {
    const SENTENCES: [&str; 4] = [
        "Authorization header requires 'Credential' parameter.",
        "Authorization header requires 'Signature' parameter.",
        "Authorization header requires 'SignedHeaders' parameter.",
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    ];
    let sentences: Vec<_> = SENTENCES
        .into_iter()
        .zip(missing)
        .filter_map(|(s, missing)| missing.then_some(s))
        .collect();
    Error::IncompleteHeader { missing: sentences.join(" ") }
}

fn malformed(part: &str) -> Error {
    Error::MalformedHeader { part: part.to_owned() }
}

const ALGORITHM_PARAM: &str = "X-Amz-Algorithm";
const CREDENTIAL_PARAM: &str = "X-Amz-Credential";
const PARAMS: [&str; 8] = [
    ALGORITHM_PARAM,
    CREDENTIAL_PARAM,
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    SIGNATURE,
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
];

fn from_query(query: &str) -> Result<Presented, Error> {
    let mut values: [Option<String>; 8] = Default::default();
    for (name, value) in query_pairs(query) {
        let name = decode_query(name);
        let Some(at) = PARAMS.iter().position(|param| *param.as_bytes() == *name) else { continue };
        let value = String::from_utf8(decode_query(value).into_owned())
            .map_err(|_| Error::IncompleteQuery)?;
        if values[at].replace(value).is_some() {
            return Err(Error::IncompleteQuery);
        }
    }
    let [
        Some(algorithm),
        Some(credential),
        Some(date),
        Some(expires),
        Some(signed_headers),
        Some(signature),
        token,
        body,
    ] = values
    else {
        return Err(Error::IncompleteQuery);
    };
    if algorithm != ALGORITHM {
        return Err(Error::UnsupportedAlgorithm);
    }
    build(Fields {
        credential: &credential,
        signed_headers: &signed_headers,
        signature: &signature,
        date: AmzDate::parse(&date).ok_or(Error::InvalidDate { got: date })?,
        token: token.map(Secret::new),
        kind: Kind::Presigned { expires: parse_expires(&expires)? },
        query_body: body.map(|body| BodyHash::parse(body.as_bytes())).transpose()?,
    })
}

fn parse_expires(text: &str) -> Result<Duration, Error> {
    let secs = text.parse::<u64>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    secs.filter(|secs| (1..=MAX_EXPIRES.as_secs()).contains(secs))
        .map(Duration::from_secs)
        .ok_or_else(|| Error::InvalidExpires { got: text.to_owned() })
}

struct Fields<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
    date: AmzDate,
    token: Option<Secret>,
    kind: Kind,
    query_body: Option<BodyHash>,
}

fn build(fields: Fields<'_>) -> Result<Presented, Error> {
    let (access_key_id, scope) = Scope::parse_credential(fields.credential)?;
    if scope.day() != fields.date.day() {
        return Err(Error::ScopeDate {
            scope: scope.day().to_owned(),
            day: fields.date.day().to_owned(),
            date: fields.date.as_str().to_owned(),
        });
    }
    check_signed_headers(fields.signed_headers)?;
    Ok(Presented {
        access_key_id: access_key_id.to_owned(),
        scope,
        date: fields.date,
        signed_headers: fields.signed_headers.to_owned(),
        signature: parse_hex32(fields.signature.as_bytes()).ok_or(Error::Mismatch)?,
        token: fields.token,
        kind: fields.kind,
        query_body: fields.query_body,
    })
}

fn check_signed_headers(list: &str) -> Result<(), Error> {
    let mut last = "";
    for name in list.split(';') {
        if name <= last || name.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_whitespace()) {
            return Err(Error::InvalidSignedHeaders);
        }
        last = name;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
