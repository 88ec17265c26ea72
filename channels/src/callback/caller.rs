//! Address ranges of the gateways that may call, in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3).

use std::net::IpAddr;

/// A network and the bits of it that count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallerRange {
    network: IpAddr,
    bits: u8,
}

/// An address range that cannot be read; surfaces at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an address or a range such as 196.201.214.0/24")]
pub struct BadRange;

impl CallerRange {
    /// Reads an address, or a range such as `196.201.214.0/24`.
    ///
    /// # Errors
    /// [`BadRange`] when it is neither, or the bits are more than the address has.
    pub fn parse(text: &str) -> Result<Self, BadRange> {
        let (network, bits) = match text.split_once('/') {
            Some((network, bits)) => (network, Some(bits)),
            None => (text, None),
        };
        let network = network.trim().parse::<IpAddr>().ok().ok_or(BadRange)?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse::<u8>().ok().ok_or(BadRange)?,
            None => most,
        };
        if bits > most {
            return Err(BadRange);
        }
        Ok(Self { network, bits })
    }

    /// Whether an address lies in the range; an IPv4 address mapped into IPv6 counts as itself.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(range: &str, address: &str, inside: bool) {
        assert_eq!(
            CallerRange::parse(range)
                .unwrap()
                .contains(address.parse().unwrap()),
            inside
        );
    }

    #[test]
    fn ranges_hold_their_addresses_and_no_others() {
        check("196.201.214.0/24", "196.201.214.200", true);
        check("196.201.214.0/24", "196.201.215.1", false);
        check("127.0.0.1", "127.0.0.1", true);
        check("127.0.0.1", "127.0.0.2", false);
        check("127.0.0.1", "::ffff:127.0.0.1", true);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "::1", false);
        check("2001:db8::/32", "2001:db8:1::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "here", "1.2.3.4/33", "1.2.3.4/", "1.2.3/8", "::1/129"] {
            assert_eq!(CallerRange::parse(text), Err(BadRange));
        }
    }
}
