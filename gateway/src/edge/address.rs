//! Client addresses: the peer's, or what proxies that are trusted say of it (`X-Forwarded-For`, or `Forwarded`,
//! RFC 7239).

mod forwarded;

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use hyper::HeaderMap;
use hyper::header::FORWARDED;
use pollster_shared::networks::Networks;

/// The networks of the proxies in front of us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Networks);

impl TrustedProxies {
    /// Whether `address` is one of theirs.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(address)
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
        text.parse().map(Self)
    }
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
