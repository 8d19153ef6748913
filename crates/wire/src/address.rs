//! Which bucket and key a request addresses: by path or by host name.

use percent_encoding::percent_decode_str;

/// What is addressed. Neither: the service itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) bucket: Option<String>,
    /// Decoded once and otherwise as sent: `a//b`, `..` and a slash at the end are parts of it.
    pub(crate) key: Option<String>,
    /// Whether the host names the bucket.
    pub(crate) by_host: bool,
}

impl Address {
    /// Reads the host and the path; `None` if the path is not UTF-8 in percent-encoding.
    /// `public_host` is the host of the platform's own URL.
    pub(crate) fn parse(host: &str, path: &str, public_host: &str) -> Option<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let of_host = bucket_of_host(without_port(host), without_port(public_host));
        let (bucket, key) = match of_host {
            Some(bucket) => (Some(bucket.to_ascii_lowercase()), path),
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                (some(decode(bucket)?), key)
            }
        };
        let key = some(decode(key)?);
        Some(Self { bucket, key, by_host: of_host.is_some() })
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// `bucket.s3.<anything>`, `bucket.<public host>`, and `bucket.localhost`, which is always this
/// host.
fn bucket_of_host<'h>(host: &'h str, public_host: &str) -> Option<&'h str> {
    let lower = host.to_ascii_lowercase();
    if lower == "s3" || lower.starts_with("s3.") || lower.starts_with("s3-") {
        return None;
    }
    let by_label = lower.rfind(".s3.").or_else(|| {
        // The older names of the regions' endpoints.
        lower.ends_with(".amazonaws.com").then(|| lower.rfind(".s3-")).flatten()
    });
    let end = by_label.or_else(|| {
        [public_host, "localhost"].iter().find_map(|own| {
            let rest = lower.strip_suffix(&own.to_ascii_lowercase())?;
            rest.strip_suffix('.').map(str::len)
        })
    })?;
    (end > 0).then(|| &host[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(host: &str, path: &str) -> (Option<String>, Option<String>) {
        let address = Address::parse(host, path, "pileus.example.org:4566").unwrap();
        (address.bucket, address.key)
    }

    fn both(bucket: &str, key: &str) -> (Option<String>, Option<String>) {
        (some(bucket.to_owned()), some(key.to_owned()))
    }

    #[test]
    fn a_path_names_bucket_and_key() {
        let host = "pileus.example.org:4566";
        assert_eq!(parse(host, "/"), both("", ""));
        assert_eq!(parse(host, "/b"), both("b", ""));
        assert_eq!(parse(host, "/b/"), both("b", ""));
        assert_eq!(parse(host, "/b/k"), both("b", "k"));
        assert_eq!(parse("127.0.0.1:4566", "/b/k"), both("b", "k"));
        assert_eq!(parse("[::1]:4566", "/b/k"), both("b", "k"));
        assert_eq!(parse("s3.eu-central-1.amazonaws.com", "/b/k"), both("b", "k"));
    }

    #[test]
    fn a_host_names_a_bucket() {
        for host in [
            "b.pileus.example.org:4566",
            "b.pileus.example.org",
            "B.Pileus.example.org",
            "b.localhost:4566",
            "b.s3.pileus.example.org",
            "b.s3.eu-central-1.amazonaws.com",
            "b.s3-eu-west-1.amazonaws.com",
        ] {
            assert_eq!(parse(host, "/k/l"), both("b", "k/l"), "{host}");
            assert_eq!(parse(host, "/"), both("b", ""), "{host}");
        }
        assert_eq!(parse("my.s3.b.s3.local", "/k"), both("my.s3.b", "k"));
    }

    #[test]
    fn a_key_is_decoded_once_and_kept_as_it_is() {
        let cases = [
            ("/b/a//b", "a//b"),
            ("/b//a", "/a"),
            ("/b/./../a", "./../a"),
            ("/b/a/", "a/"),
            ("/b/a%2Fb", "a/b"),
            ("/b/a%252Fb", "a%2Fb"),
            ("/b/a+b%20c", "a+b c"),
            ("/b/%C3%A4", "ä"),
            ("/b/a%00", "a\0"),
        ];
        for (path, key) in cases {
            assert_eq!(parse("localhost", path), both("b", key), "{path}");
        }
        assert_eq!(Address::parse("localhost", "/b/%ff", "localhost"), None);
    }
}
