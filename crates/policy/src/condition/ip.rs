use super::Test;
use crate::{Context, Malformed};
use std::net::IpAddr;

/// `IpAddress`: addresses and CIDR ranges of both versions.
#[derive(Debug)]
pub(super) struct IpTest(Vec<Range>);

#[derive(Debug)]
struct Range {
    first: IpAddr,
    prefix: u32,
}

impl IpTest {
    pub(super) fn parse(values: &[String], at: &str) -> Result<Self, Malformed> {
        let range = |text: &String| {
            let refuse = || Malformed::new(at, format!("{text:?} is not an IP address or range."));
            Range::parse(text).ok_or_else(refuse)
        };
        let values: Result<_, _> = values.iter().map(range).collect();
        values.map(Self)
    }
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().ok()?;
        let bits = if first.is_ipv4() { 32 } else { 128 };
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let prefix = match prefix {
            None => bits,
            Some(text) => text.parse().ok().filter(|p| *p <= bits && digits(text))?,
        };
        Some(Self { first, prefix })
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let other = first.to_bits() ^ address.to_bits();
                other.leading_zeros() >= self.prefix
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let other = first.to_bits() ^ address.to_bits();
                other.leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

impl Test for IpTest {
    fn any_matches(&self, value: &str, _: &Context) -> Option<bool> {
        let address = value.parse::<IpAddr>().ok()?.to_canonical();
        Some(self.0.iter().any(|range| range.contains(address)))
    }
}
