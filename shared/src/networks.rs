//! Networks, as settings name them.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

/// Some networks; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether `address` is in one of them. One that is IPv4-mapped is looked for as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Networks {
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
