use super::*;

const CREDENTIAL: &str = "AKID/20130524/us-east-1/s3/aws4_request";

fn parts(authorization: &str, date: Option<&str>) -> Parts {
    let mut request = http::Request::get("/").header("host", "h");
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    if let Some(date) = date {
        request = request.header("x-amz-date", date);
    }
    request.body(()).unwrap().into_parts().0
}

fn header(rest: &str) -> Result<Option<Presented>, Error> {
    Presented::parse(&parts(&format!("AWS4-HMAC-SHA256 {rest}"), Some("20130524T000000Z")))
}

fn query(query: &str) -> Result<Option<Presented>, Error> {
    let request = http::Request::get(format!("/?{query}")).body(()).unwrap();
    Presented::parse(&request.into_parts().0)
}

#[test]
fn a_header_gives_its_parts_in_any_order_and_spacing() {
    let signature = "0".repeat(64);
    for text in [
        format!("Credential={CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature={signature}"),
        format!("Signature={signature},Credential={CREDENTIAL},SignedHeaders=host;x-amz-date"),
    ] {
        let presented = header(&text).unwrap().unwrap();
        assert_eq!(presented.access_key_id(), "AKID");
        assert_eq!(presented.date(), "20130524");
        assert_eq!((presented.region(), presented.service()), ("us-east-1", "s3"));
        assert_eq!(presented.signed_headers().collect::<Vec<_>>(), ["host", "x-amz-date"]);
        assert_eq!(presented.kind(), Kind::Header);
        assert!(presented.token().is_none());
    }
}

#[test]
fn a_request_without_a_signature_is_anonymous() {
    assert!(Presented::parse(&parts("", None)).unwrap().is_none());
    assert!(Presented::parse(&parts("Bearer abc", None)).unwrap().is_none());
    assert!(query("list-type=2&X-Amz-Other=1").unwrap().is_none());
}

#[test]
fn every_missing_parameter_is_named() {
    let error = Presented::parse(&parts("AWS4-HMAC-SHA256 Credential=x", None)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Authorization header requires 'Signature' parameter. Authorization header requires \
         'SignedHeaders' parameter. Authorization header requires existence of either a \
         'X-Amz-Date' or a 'Date' header."
    );
}

#[test]
fn broken_headers_are_refused_by_reason() {
    let signature = "0".repeat(64);
    let whole = format!("Credential={CREDENTIAL},SignedHeaders=host,Signature={signature}");
    assert!(header(&whole).is_ok());
    let malformed = |part: &str| Error::MalformedHeader { part: part.to_owned() };
    assert_eq!(header(&format!("{whole},Other")).unwrap_err(), malformed("Other"));
    assert_eq!(header(&format!("{whole},Other=1")).unwrap_err(), malformed("Other"));
    assert_eq!(
        header(&format!("{whole},SignedHeaders=a")).unwrap_err(),
        malformed("SignedHeaders")
    );
    for list in ["", "Host", "x;host", "host;host", "host;", "ho st"] {
        let text = format!("Credential={CREDENTIAL},SignedHeaders={list},Signature={signature}");
        assert_eq!(header(&text).unwrap_err(), Error::InvalidSignedHeaders, "{list}");
    }
    let other_day = whole.replace("20130524", "20130525");
    assert!(matches!(header(&other_day), Err(Error::ScopeDate { .. })));
    for signature in ["", "zz", &"A".repeat(64)] {
        let text = format!("Credential={CREDENTIAL},SignedHeaders=host,Signature={signature}");
        assert_eq!(header(&text).unwrap_err(), Error::Mismatch);
    }
    for other in ["AWS AKID:sig", "AWS4-ECDSA-P256-SHA256 x", "AWS4-HMAC-SHA512 x"] {
        let refused = Presented::parse(&parts(other, None)).unwrap_err();
        assert_eq!(refused, Error::UnsupportedAlgorithm);
    }
    let dated = Presented::parse(&parts(&format!("AWS4-HMAC-SHA256 {whole}"), Some("2013-05-24")));
    assert!(matches!(dated, Err(Error::InvalidDate { .. })));
}

#[test]
fn the_date_header_stands_in_for_x_amz_date() {
    let signature = "0".repeat(64);
    let request = http::Request::get("/")
        .header("date", "Fri, 24 May 2013 00:00:00 GMT")
        .header(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={CREDENTIAL},SignedHeaders=date;host,\
                 Signature={signature}"
            ),
        )
        .body(())
        .unwrap();
    let presented = Presented::parse(&request.into_parts().0).unwrap().unwrap();
    assert_eq!(presented.date.as_str(), "20130524T000000Z");
}

fn presigned() -> Vec<(&'static str, String)> {
    vec![
        ("X-Amz-Algorithm", ALGORITHM.to_owned()),
        ("X-Amz-Credential", CREDENTIAL.replace('/', "%2F")),
        ("X-Amz-Date", "20130524T000000Z".to_owned()),
        ("X-Amz-Expires", "604800".to_owned()),
        ("X-Amz-SignedHeaders", "host".to_owned()),
        ("X-Amz-Signature", "0".repeat(64)),
    ]
}

fn joined(pairs: &[(&str, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

#[test]
fn a_presigned_query_gives_its_parts() {
    let mut pairs = presigned();
    pairs.push(("X-Amz-Security-Token", "a%2Bb".to_owned()));
    let presented = query(&joined(&pairs)).unwrap().unwrap();
    assert_eq!(presented.kind(), Kind::Presigned { expires: MAX_EXPIRES });
    assert_eq!(presented.token(), Some(&Secret::new("a+b")));
}

#[test]
fn a_presigned_query_needs_all_its_parameters_once() {
    for index in 0..6 {
        let mut pairs = presigned();
        let removed = pairs.remove(index);
        assert_eq!(query(&joined(&pairs)).unwrap_err(), Error::IncompleteQuery, "{}", removed.0);
        let mut pairs = presigned();
        pairs.push(removed);
        assert_eq!(query(&joined(&pairs)).unwrap_err(), Error::IncompleteQuery);
    }
}

#[test]
fn a_presigned_life_is_one_second_to_seven_days() {
    for (text, good) in [
        ("1", true),
        ("604800", true),
        ("0", false),
        ("604801", false),
        ("-1", false),
        ("x", false),
    ] {
        let mut pairs = presigned();
        pairs[3].1 = text.to_owned();
        assert_eq!(query(&joined(&pairs)).is_ok(), good, "{text}");
    }
}

#[test]
fn two_signatures_are_refused() {
    let signature = "0".repeat(64);
    let value = format!(
        "AWS4-HMAC-SHA256 Credential={CREDENTIAL},SignedHeaders=host,Signature={signature}"
    );
    let both = http::Request::get(format!("/?{}", joined(&presigned())))
        .header("authorization", &value)
        .body(())
        .unwrap();
    assert_eq!(Presented::parse(&both.into_parts().0).unwrap_err(), Error::TwoMechanisms);
    let twice = http::Request::get("/")
        .header("authorization", &value)
        .header("authorization", &value)
        .body(())
        .unwrap();
    assert_eq!(Presented::parse(&twice.into_parts().0).unwrap_err(), Error::TwoMechanisms);
}
