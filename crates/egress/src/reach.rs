//! Which addresses functions may reach.

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::Deserialize;

/// Networks that no function may reach, whatever is configured.
const NEVER: [(Ipv4Net, &str); 8] = [
    (network(0, 0, 0, 0, 8), "this network"),
    (network(127, 0, 0, 0, 8), "the host's loopback"),
    (network(169, 254, 0, 0, 16), "link-local, with most clouds' metadata"),
    (network(100, 100, 100, 200, 32), "metadata of Alibaba Cloud"),
    (network(168, 63, 129, 16, 32), "the wire server of Azure"),
    (network(192, 0, 0, 0, 24), "sandboxes' own, with metadata of Oracle Cloud"),
    (network(224, 0, 0, 0, 4), "multicast"),
    (network(240, 0, 0, 0, 4), "reserved, with broadcast"),
];

/// Networks that are not the internet: <https://www.iana.org/assignments/iana-ipv4-special-registry>.
const NOT_INTERNET: [Ipv4Net; 8] = [
    network(10, 0, 0, 0, 8),
    network(172, 16, 0, 0, 12),
    network(192, 168, 0, 0, 16),
    network(100, 64, 0, 0, 10),   // between a provider and its customers
    network(198, 18, 0, 0, 15),   // benchmarks
    network(192, 0, 2, 0, 24),    // documentation
    network(198, 51, 100, 0, 24), // documentation
    network(203, 0, 113, 0, 24),  // documentation
];

const fn network(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

/// What functions may reach: nothing (the default), the internet, or networks by name.
///
/// As text it is a list of `internet` and IPv4 networks such as `10.0.5.0/24` or `10.0.5.7`; `none`
/// alone is an empty list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Reach {
    internet: bool,
    networks: Vec<Ipv4Net>,
}

/// A text that names nothing that functions could be let to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReachError {
    /// It is neither `internet` nor a network.
    #[error("egress: {0:?} is neither internet nor an IPv4 network such as 10.0.5.0/24")]
    Unknown(String),
    /// A network of IPv6, which is not carried.
    #[error("egress: {0:?} is of IPv6, which functions cannot use")]
    Version6(String),
    /// An address with a prefix that ends within it.
    #[error("egress: {0:?} is an address within a network: write {1}")]
    Address(String, Ipv4Net),
    /// A network that no function may reach.
    #[error("egress: {0} is never reachable for functions: {1}")]
    Never(Ipv4Net, &'static str),
    /// `none` together with others.
    #[error("egress: none stands alone")]
    NoneAndMore,
}

impl Reach {
    /// Whether functions have no way out at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.internet && self.networks.is_empty()
    }

    /// Whether it allows an address. That the address is not the host's own is for others to see.
    #[must_use]
    pub fn allows(&self, address: Ipv4Addr) -> bool {
        let is_in = |network: &Ipv4Net| network.contains(&address);
        !NEVER.iter().any(|(network, _)| is_in(network))
            && (self.networks.iter().any(is_in) || self.internet && !NOT_INTERNET.iter().any(is_in))
    }

    /// The entries, as they are written.
    #[must_use]
    pub fn entries(&self) -> Vec<String> {
        let internet = self.internet.then(|| INTERNET.to_owned());
        internet.into_iter().chain(self.networks.iter().map(Ipv4Net::to_string)).collect()
    }
}

const INTERNET: &str = "internet";
const NONE: &str = "none";

impl TryFrom<Vec<String>> for Reach {
    type Error = ReachError;

    fn try_from(entries: Vec<String>) -> Result<Self, ReachError> {
        let mut reach = Self::default();
        for entry in &entries {
            match entry.as_str() {
                NONE if entries.len() == 1 => {}
                NONE => return Err(ReachError::NoneAndMore),
                INTERNET => reach.internet = true,
                text => reach.networks.push(parse(text)?),
            }
        }
        Ok(reach)
    }
}

fn parse(text: &str) -> Result<Ipv4Net, ReachError> {
    let unknown = || ReachError::Unknown(text.to_owned());
    let network = match text.parse::<ipnet::IpNet>() {
        Ok(ipnet::IpNet::V4(network)) => network,
        Ok(ipnet::IpNet::V6(_)) => return Err(ReachError::Version6(text.to_owned())),
        Err(_) => Ipv4Net::from(text.parse::<Ipv4Addr>().map_err(|_| unknown())?),
    };
    if network.addr() != network.network() {
        return Err(ReachError::Address(text.to_owned(), network.trunc()));
    }
    match NEVER.iter().find(|(never, _)| never.contains(&network)) {
        Some((_, why)) => Err(ReachError::Never(network, why)),
        None => Ok(network),
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() { f.write_str(NONE) } else { f.write_str(&self.entries().join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(entries: &[&str]) -> Result<Reach, ReachError> {
        Reach::try_from(entries.iter().map(|&entry| entry.to_owned()).collect::<Vec<_>>())
    }

    fn allowed(reach: &Reach, addresses: &[&str]) -> Vec<bool> {
        addresses.iter().map(|text| reach.allows(text.parse().unwrap())).collect()
    }

    /// Nobody may reach these, each the edge of a network.
    const FORBIDDEN: [&str; 14] = [
        "0.0.0.0",
        "0.255.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.1",
        "192.0.0.192",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
    ];
    const PRIVATE: [&str; 10] = [
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "198.19.0.1",
        "192.0.2.1",
        "203.0.113.9",
    ];
    const PUBLIC: [&str; 6] =
        ["1.1.1.1", "9.255.255.255", "11.0.0.0", "172.32.0.1", "192.88.99.1", "223.255.255.255"];

    #[test]
    fn nothing_is_reached_by_default() {
        for none in [Reach::default(), reach(&[]).unwrap(), reach(&["none"]).unwrap()] {
            assert!(none.is_empty());
            assert_eq!(none.to_string(), "none");
            for addresses in [&FORBIDDEN[..], &PRIVATE, &PUBLIC] {
                assert!(!allowed(&none, addresses).contains(&true));
            }
        }
    }

    #[test]
    fn the_internet_is_every_public_address_and_no_other() {
        let internet = reach(&["internet"]).unwrap();
        assert!(!allowed(&internet, &FORBIDDEN).contains(&true));
        assert!(!allowed(&internet, &PRIVATE).contains(&true));
        assert!(!allowed(&internet, &PUBLIC).contains(&false));
    }

    #[test]
    fn networks_are_reached_by_name_without_the_internet() {
        let database = reach(&["10.0.5.0/24", "203.0.113.9"]).unwrap();
        assert_eq!(database.to_string(), "10.0.5.0/24, 203.0.113.9/32");
        let asked = ["10.0.5.1", "10.0.6.1", "203.0.113.9", "203.0.113.10", "1.1.1.1"];
        assert_eq!(allowed(&database, &asked), [true, false, true, false, false]);
    }

    #[test]
    fn what_nobody_may_reach_stays_out_of_the_widest_network() {
        let all = reach(&["0.0.0.0/0"]).unwrap();
        assert!(!allowed(&all, &FORBIDDEN).contains(&true));
        assert!(!allowed(&all, &PRIVATE).contains(&false));
    }

    #[test]
    fn entries_that_mean_nothing_are_refused_with_their_reason() {
        for (entries, told) in [
            (&["intranet"][..], "\"intranet\" is neither internet nor an IPv4 network"),
            (&["10.0.0.0/33"], "is neither"),
            (&["example.org"], "is neither"),
            (&["fd00::/8"], "is of IPv6"),
            (&["10.0.5.7/24"], "write 10.0.5.0/24"),
            (&["127.0.0.1"], "127.0.0.1/32 is never reachable for functions: the host's loopback"),
            (&["169.254.169.254/32"], "metadata"),
            (&["none", "internet"], "none stands alone"),
        ] {
            let error = reach(entries).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
