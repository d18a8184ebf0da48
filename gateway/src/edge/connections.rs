//! How many connections there are: in all, and of each sender. A place is taken when a connection is accepted
//! and free again when its socket is dropped, whatever it became meanwhile.

mod counted;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::EdgeConfig;
use super::address::{TrustedProxies, network};

pub(crate) use counted::Counted;

/// Why a connection is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There are as many as there may be.
    Full,
    /// Its sender has as many as it may.
    Address,
    /// A page of another origin opened it.
    Origin,
}

impl Refusal {
    /// All reasons.
    pub(crate) const ALL: [Self; 3] = [Self::Full, Self::Address, Self::Origin];

    /// Its name in metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Address => "address",
            Self::Origin => "origin",
        }
    }
}

/// The places for connections.
#[derive(Debug)]
pub(crate) struct Connections {
    free: Arc<Semaphore>,
    networks: Arc<Networks>,
    trusted_proxies: TrustedProxies,
}

/// The connections of each network that has any.
#[derive(Debug)]
struct Networks {
    max: u32,
    open: Mutex<HashMap<[u8; 16], u32>>,
}

/// A connection's place; dropping it makes room for another.
#[derive(Debug)]
#[allow(dead_code, reason = "held for their drop")]
pub(crate) struct Place(OwnedSemaphorePermit, Option<NetworkPlace>);

/// A place among the connections of one network.
#[derive(Debug)]
pub(crate) struct NetworkPlace {
    networks: Arc<Networks>,
    network: [u8; 16],
}

impl Connections {
    pub(super) fn new(config: &EdgeConfig) -> Self {
        let networks = Networks { max: config.max_connections_per_address, open: Mutex::default() };
        Self {
            free: Arc::new(Semaphore::new(config.max_connections as usize)),
            networks: Arc::new(networks),
            trusted_proxies: config.trusted_proxies.clone(),
        }
    }

    /// Takes a place for a connection from `peer`; a proxy's connections are not its own.
    pub(crate) fn accept(&self, peer: IpAddr) -> Result<Place, Refusal> {
        let permit = self.free.clone().try_acquire_owned().map_err(|_| Refusal::Full)?;
        Ok(Place(permit, self.of_client(peer)?))
    }

    /// Takes a place for a WebSocket or stream of `client` over `peer`; `None` where its connection has it already.
    pub(super) fn behind_proxy(&self, peer: IpAddr, client: IpAddr) -> Result<Option<NetworkPlace>, Refusal> {
        if self.trusted_proxies.contains(peer) { self.of_client(client) } else { Ok(None) }
    }

    fn of_client(&self, address: IpAddr) -> Result<Option<NetworkPlace>, Refusal> {
        if self.trusted_proxies.contains(address) {
            return Ok(None);
        }
        let network = network(address);
        let mut open = self.networks.open();
        let connections = open.entry(network).or_default();
        // At least one is allowed, so that no entry of none is left behind.
        if *connections >= self.networks.max {
            return Err(Refusal::Address);
        }
        *connections += 1;
        Ok(Some(NetworkPlace { networks: self.networks.clone(), network }))
    }
}

impl Networks {
    fn open(&self) -> MutexGuard<'_, HashMap<[u8; 16], u32>> {
        // Numbers are whole whatever happened to who held them.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for NetworkPlace {
    fn drop(&mut self) {
        let mut open = self.networks.open();
        if let Some(connections) = open.get_mut(&self.network) {
            *connections -= 1;
            if *connections == 0 {
                open.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(max: u32, max_per_address: u32) -> Connections {
        Connections::new(&EdgeConfig {
            trusted_proxies: "10.0.0.0/8".parse().unwrap(),
            allowed_origins: Default::default(),
            max_connections: max,
            max_connections_per_address: max_per_address,
        })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_sender_has_as_many_as_it_may_and_places_come_free() {
        let connections = connections(100, 2);
        let one = connections.accept(ip("2001:db8::1")).unwrap();
        let _two = connections.accept(ip("2001:db8::2")).unwrap();
        assert_eq!(connections.accept(ip("2001:db8::3")).err(), Some(Refusal::Address));
        let _other = connections.accept(ip("2001:db8:0:1::1")).unwrap();
        drop(one);
        let _three = connections.accept(ip("2001:db8::3")).unwrap();
    }

    #[test]
    fn all_together_have_as_many_as_they_may() {
        let connections = connections(2, 2);
        let one = connections.accept(ip("192.0.2.1")).unwrap();
        let _proxy = connections.accept(ip("10.0.0.1")).unwrap();
        assert_eq!(connections.accept(ip("192.0.2.3")).err(), Some(Refusal::Full));
        drop(one);
        let _three = connections.accept(ip("192.0.2.3")).unwrap();
    }

    #[test]
    fn a_refused_connection_takes_no_place() {
        let connections = connections(2, 1);
        let one = connections.accept(ip("192.0.2.1")).unwrap();
        for _ in 0..5 {
            assert_eq!(connections.accept(ip("192.0.2.1")).err(), Some(Refusal::Address));
        }
        let _two = connections.accept(ip("192.0.2.2")).unwrap();
        drop(one);
        let _three = connections.accept(ip("192.0.2.1")).unwrap();
    }

    #[test]
    fn a_proxy_s_connections_count_for_its_clients() {
        let connections = connections(100, 1);
        let (proxy, client) = (ip("10.0.0.1"), ip("192.0.2.1"));
        let _many = [(); 5].map(|()| connections.accept(proxy).unwrap());
        let one = connections.behind_proxy(proxy, client).unwrap();
        assert!(one.is_some());
        assert_eq!(connections.behind_proxy(proxy, client).err(), Some(Refusal::Address));
        assert_eq!(connections.accept(client).err(), Some(Refusal::Address));
        drop(one);
        // Counted once at its own connection.
        let _own = connections.accept(client).unwrap();
        assert!(connections.behind_proxy(client, client).unwrap().is_none());
    }

    #[test]
    fn nothing_is_kept_of_who_is_gone() {
        let connections = connections(100, 2);
        let places: Vec<_> = (0..50u32).map(|n| connections.accept(IpAddr::V4(n.into())).unwrap()).collect();
        assert_eq!(connections.networks.open().len(), 50);
        drop(places);
        assert!(connections.networks.open().is_empty());
    }
}
