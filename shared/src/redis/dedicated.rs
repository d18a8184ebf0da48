//! Connections that nobody shares, for reads that block.

use std::fmt::{Debug, Formatter};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisResult};

use super::CONNECT_TIMEOUT;
use super::link::{connect, require_primary};
use super::router::Router;
use super::server::Server;
use super::slots::{Address, slot_of};

/// Beyond what a blocking read asks for, so that only a dead server runs into it. The client's own timeout of half a
/// second would lose what a blocked read returns after it.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection of one's own to the server that has a key. It is not made again: after an error, or once it
/// [is not current](Self::is_current), take another.
pub struct Dedicated {
    connection: MultiplexedConnection,
    router: Router,
    slot: u16,
    address: Address,
}

impl Dedicated {
    pub(super) async fn connect(router: Router, key: &str) -> RedisResult<Self> {
        let slot = if router.server().is_cluster() { slot_of(key.as_bytes()) } else { 0 };
        // Whoever comes again may have lost the last one to a server that another has replaced since.
        router.doubt();
        let address = router.owner(slot).await?.address().clone();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        let mut connection = connect(router.server().at(&address), config).await?;
        if matches!(router.server(), Server::Sentinel { .. }) {
            require_primary(&mut connection).await?;
        }
        Ok(Self { connection, router, slot, address })
    }

    /// The connection.
    pub fn connection(&mut self) -> &mut MultiplexedConnection {
        &mut self.connection
    }

    /// Whether the server still has the key, as far as is known: one that was replaced while it was cut off goes on
    /// answering that nothing comes.
    pub fn is_current(&self) -> bool {
        self.router.address(self.slot).is_none_or(|address| address == self.address)
    }
}

impl Debug for Dedicated {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dedicated").field("server", &self.address).finish_non_exhaustive()
    }
}
