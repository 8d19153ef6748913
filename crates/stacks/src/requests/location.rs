//! The URLs of objects in buckets.

use percent_encoding::percent_decode_str;
use service::PublicUrl;

/// An object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

impl Location {
    /// The object of an HTTP URL, virtual-hosted or by path, at this platform's own address or at
    /// one of Amazon S3: `None` for any other, `s3://` included.
    pub(crate) fn of_url(url: &str, public_url: &PublicUrl) -> Option<Self> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let (authority, path) = rest.split_once('/')?;
        let path = path.split_once('#').map_or(path, |(path, _)| path);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let bucket = match host(authority, public_url)? {
            Host::Path => None,
            Host::Bucket(bucket) => Some(bucket),
        };
        let (bucket, key) = match &bucket {
            Some(bucket) => (bucket.as_str(), path),
            None => path.split_once('/')?,
        };
        let version = query.split('&').find_map(|one| one.strip_prefix("versionId="));
        Self::new(&decode(bucket)?, &decode(key)?, version.map(decode))
    }

    /// The object of `s3://bucket/key`.
    pub(crate) fn of_s3(text: &str) -> Option<Self> {
        let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
        Self::new(bucket, key, None)
    }

    fn new(bucket: &str, key: &str, version: Option<Option<String>>) -> Option<Self> {
        if bucket.is_empty() || key.is_empty() {
            return None;
        }
        let version = match version {
            Some(version) => Some(version?),
            None => None,
        };
        Some(Self { bucket: bucket.to_owned(), key: key.to_owned(), version })
    }
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}

/// What a host name says.
enum Host {
    /// The bucket is in the path.
    Path,
    /// The bucket is in the name.
    Bucket(String),
}

fn host(authority: &str, public_url: &PublicUrl) -> Option<Host> {
    let lower = authority.to_ascii_lowercase();
    if let Some(own) = own_host(&lower, &public_url.authority().to_ascii_lowercase()) {
        return Some(own);
    }
    let name = lower.strip_suffix(":443").unwrap_or(&lower);
    let name = name.strip_suffix(".cn").unwrap_or(name).strip_suffix(".amazonaws.com")?;
    if is_endpoint(name) {
        return Some(Host::Path);
    }
    // The last label that begins the endpoint; a bucket's name may have dots and `s3` in it.
    let starts = name.match_indices('.').map(|(at, _)| at);
    let end = starts.rev().find(|at| is_endpoint(&name[at + 1..]))?;
    Some(Host::Bucket(name[..end].to_owned()))
}

/// Whether a host name without `amazonaws.com` is that of S3 itself: `s3`, `s3.eu-west-1`,
/// `s3-eu-west-1`, `s3.dualstack.eu-west-1`.
fn is_endpoint(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("s3") else { return false };
    let region = rest.strip_prefix('.').or_else(|| rest.strip_prefix('-')).unwrap_or(rest);
    let region = region.strip_prefix("dualstack.").unwrap_or(region);
    rest.is_empty() || (region != rest && !region.is_empty() && !region.contains('.'))
}

/// This platform's own address, which has other names on a loopback interface.
fn own_host(authority: &str, own: &str) -> Option<Host> {
    const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
    let (own_name, own_port) = split_port(own);
    let (name, port) = split_port(authority);
    if port != own_port {
        return None;
    }
    let mut names = vec![own_name];
    if LOOPBACK.contains(&own_name) {
        names.extend(LOOPBACK);
    }
    names.iter().find_map(|own| {
        let before = name.strip_suffix(own)?;
        if before.is_empty() {
            return Some(Host::Path);
        }
        let bucket = before.strip_suffix('.').filter(|bucket| !bucket.is_empty())?;
        Some(if bucket == "s3" { Host::Path } else { Host::Bucket(bucket.to_owned()) })
    })
}

/// Host and port of an authority.
fn split_port(authority: &str) -> (&str, &str) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (authority, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<String> {
        let own = PublicUrl::new("http://127.0.0.1:4566");
        let Location { bucket, key, version } = Location::of_url(url, &own)?;
        Some(format!("{bucket} {key} {}", version.unwrap_or_default()).trim_end().to_owned())
    }

    #[test]
    fn urls_of_buckets_have_many_forms() {
        for url in [
            "https://box.s3.amazonaws.com/a/b.yaml",
            "https://box.s3.eu-west-1.amazonaws.com/a/b.yaml",
            "https://box.s3-eu-west-1.amazonaws.com/a/b.yaml",
            "https://box.s3.dualstack.eu-west-1.amazonaws.com/a%2Fb.yaml",
            "https://s3.amazonaws.com/box/a/b.yaml",
            "https://s3.eu-west-1.amazonaws.com/box/a/b.yaml",
            "https://s3-eu-west-1.amazonaws.com/box/a/b.yaml#x",
            "https://s3.cn-north-1.amazonaws.com.cn/box/a/b.yaml",
            "http://127.0.0.1:4566/box/a/b.yaml",
            "http://localhost:4566/box/a/b.yaml",
            "http://box.localhost:4566/a/b.yaml",
        ] {
            assert_eq!(of(url).as_deref(), Some("box a/b.yaml"), "{url}");
        }
        assert_eq!(of("https://b.s3.x.s3.amazonaws.com/k").as_deref(), Some("b.s3.x k"));
        let versioned = "http://127.0.0.1:4566/box/k?versionId=a%2Bb";
        assert_eq!(of(versioned).as_deref(), Some("box k a+b"));
    }

    #[test]
    fn other_urls_are_none_of_buckets() {
        for url in [
            "s3://box/key",
            "https://example.com/box/key",
            "http://127.0.0.1:4567/box/key",
            "https://s3.amazonaws.com/box",
            "https://s3.amazonaws.com/box/",
            "https://s3evil.amazonaws.com/box/key",
            "https://amazonaws.com/box/key",
            "ftp://s3.amazonaws.com/box/key",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
    }
}
