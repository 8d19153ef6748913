//! `Fn::Cidr`: address blocks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use super::{Evaluator, scalar, template_error};
use crate::error::Result;
use crate::node::Node;

impl Evaluator<'_> {
    pub(super) fn cidr(&mut self, node: &Node, argument: &Node, before: usize) -> Result<Value> {
        let error = || {
            template_error(
                node.at,
                "every Fn::Cidr object requires an address block, a count from 1 to 256 and the number of subnet bits, and the block must hold the subnets",
            )
        };
        let (block, count, bits) = match argument.as_list() {
            Some([block, count]) => (block, count, None),
            Some([block, count, bits]) => (block, count, Some(bits)),
            _ => return Err(error()),
        };
        let block = self.value(block)?;
        let count = self.value(count)?;
        let bits = bits.map(|bits| self.value(bits)).transpose()?;
        if let Some(unknown) = self.unknown_since(before, "Fn::Cidr") {
            return Ok(unknown);
        }
        let number = |value: &Value| scalar(value).and_then(|text| text.parse::<u32>().ok());
        let bits = match &bits {
            None => None,
            Some(bits) => Some(number(bits).ok_or_else(error)?),
        };
        let count = number(&count).filter(|count| (1..=256).contains(count)).ok_or_else(error)?;
        let block = scalar(&block).ok_or_else(error)?;
        let subnets = subnets(&block, count, bits).ok_or_else(error)?;
        Ok(subnets.into_iter().map(Value::from).collect())
    }
}

/// The first `count` blocks of `bits` host bits in a block. Without `bits`: 8 for IPv4, 64 for IPv6.
fn subnets(block: &str, count: u32, bits: Option<u32>) -> Option<Vec<String>> {
    let (address, prefix) = block.split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    let (base, width, default): (u128, u32, u32) = match address.parse().ok()? {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32, 8),
        IpAddr::V6(address) => (address.to_bits(), 128, 64),
    };
    let bits = bits.unwrap_or(default);
    let host_bits = width.checked_sub(prefix).filter(|host_bits| bits <= *host_bits)?;
    let room = host_bits - bits;
    if bits == 0 || (room < 32 && u64::from(count) > 1 << room) {
        return None;
    }
    let base = base.checked_shr(host_bits).unwrap_or(0).checked_shl(host_bits).unwrap_or(0);
    let one = |index: u32| {
        let address = base | (u128::from(index) << bits.min(127));
        let text = match width {
            32 => Ipv4Addr::from_bits(u32::try_from(address).ok()?).to_string(),
            _ => Ipv6Addr::from_bits(address).to_string(),
        };
        Some(format!("{text}/{}", width - bits))
    };
    (0..count).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::subnets;

    #[test]
    fn a_block_is_cut_into_subnets() {
        let found = subnets("10.0.0.0/16", 3, Some(8)).unwrap();
        assert_eq!(found, ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]);
        let found = subnets("10.0.0.0/24", 2, Some(7)).unwrap();
        assert_eq!(found, ["10.0.0.0/25", "10.0.0.128/25"]);
        let found = subnets("2001:db8::/56", 2, None).unwrap();
        assert_eq!(found, ["2001:db8::/64", "2001:db8:0:1::/64"]);
    }

    #[test]
    fn a_block_without_room_is_refused() {
        assert_eq!(subnets("10.0.0.0/24", 3, Some(7)), None);
        assert_eq!(subnets("10.0.0.0/24", 1, Some(9)), None);
        assert_eq!(subnets("10.0.0.0/40", 1, Some(1)), None);
        assert_eq!(subnets("10.0.0.0", 1, Some(1)), None);
    }
}
