//! Client addresses: the peer's, or what proxies that are trusted say of it (`X-Forwarded-For`, or `Forwarded`,
//! RFC 7239).

mod forwarded;

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use hyper::HeaderMap;
use hyper::header::FORWARDED;
use ipnet::{IpNet, Ipv4Net};

/// The networks of the proxies in front of us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Whether `address` is one of theirs.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client behind `peer`, whose connection brought `headers`: read from the right, which the nearest
    /// proxy wrote, the first address that is not a proxy's. Where one can't be read, the last that can.
    ///
    /// `X-Forwarded-For` comes first because most proxies write it alone, and pass on what a client sends as
    /// `Forwarded`.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.contains(peer) {
            return peer;
        }
        if headers.contains_key("x-forwarded-for") {
            let lines = headers.get_all("x-forwarded-for").iter().rev();
            let hops = lines.flat_map(|line| line.as_bytes().rsplit(|&byte| byte == b','));
            self.first_stranger(peer, hops, forwarded::node)
        } else {
            let lines = headers.get_all(FORWARDED).iter().rev();
            let hops = lines.flat_map(|line| forwarded::rsplit_unquoted(line.as_bytes(), b','));
            self.first_stranger(peer, hops, forwarded::node_of_element)
        }
    }

    fn first_stranger<'a>(
        &self,
        peer: IpAddr,
        hops: impl Iterator<Item = &'a [u8]>,
        read: fn(&[u8]) -> Option<IpAddr>,
    ) -> IpAddr {
        let mut client = peer;
        for hop in hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()) {
            let Some(address) = read(hop) else { break };
            client = address;
            if !self.contains(client) {
                break;
            }
        }
        client
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty());
        networks.map(parse_network).collect::<Result<_, _>>().map(Self)
    }
}

/// Reads a network, or an address as the network that holds it alone.
fn parse_network(text: &str) -> Result<IpNet, String> {
    let network: IpNet = text.parse().or_else(|_| text.parse().map(IpAddr::into)).map_err(|_| {
        format!("takes networks separated by commas, for instance 10.0.0.0/8,fd00::/8, and not {text}")
    })?;
    // Addresses are compared as IPv4 where they are IPv4-mapped.
    let mapped = match network {
        IpNet::V6(network) => network.addr().to_ipv4_mapped().zip(network.prefix_len().checked_sub(96)),
        IpNet::V4(_) => None,
    };
    Ok(mapped.and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok()).map_or(network, IpNet::V4))
}

/// What is counted as one sender: an IPv4 address, or the /64 of an IPv6 address, for that is what one
/// subscriber gets at least (RFC 6177, section 2).
pub(crate) fn network(address: IpAddr) -> [u8; 16] {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).octets(),
    }
}

#[cfg(test)]
mod tests;
