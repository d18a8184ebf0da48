//! The publishing side.

use super::server::Server;
use super::topic::Topic;
use crate::keys;
use crate::redis::{self as connections, CONNECT_TIMEOUT, Connection, RESPONSE_TIMEOUT};
use redis::cluster::{ClusterClient, ClusterConfig};
use redis::cluster_async::ClusterConnection;
use redis::{AsyncCommands, RedisResult};

/// Attempts beyond the first: enough to be led to where a slot has moved; a failed publish is repeated by
/// whoever sweeps.
const RETRIES: u32 = 3;

/// Publishes on topics' channels. Cheap to clone; clones share their connections, which are made when first
/// needed.
#[derive(Debug, Clone)]
pub struct Publisher(Way);

#[derive(Clone)]
enum Way {
    Single(Connection),
    Cluster(ClusterConnection),
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Single(_) => "Single",
            Self::Cluster(_) => "Cluster",
        })
    }
}

impl Publisher {
    /// A publisher on the Redis, or Redis Cluster, at `url`.
    ///
    /// # Errors
    /// When `url` is neither's.
    pub fn new(url: &str) -> RedisResult<Self> {
        match Server::parse(url)? {
            Server::Single(_) => Ok(Self(Way::Single(connections::connection(url)?))),
            Server::Cluster(nodes) => {
                let client = ClusterClient::builder(nodes).retries(RETRIES).build()?;
                let config = ClusterConfig::new()
                    .set_connection_timeout(CONNECT_TIMEOUT)
                    .set_response_timeout(RESPONSE_TIMEOUT);
                Ok(Self(Way::Cluster(client.get_pending_async_connection_with_config(config))))
            }
        }
    }

    /// A publisher over a connection to one Redis.
    pub fn over(connection: Connection) -> Self {
        Self(Way::Single(connection))
    }

    /// Publishes `message` to all who watch the topic.
    ///
    /// # Errors
    /// When the server, or the node that has the channel, can't be reached.
    pub async fn publish(&self, topic: Topic, message: String) -> RedisResult<()> {
        let channel = keys::channel(topic);
        match self.0.clone() {
            Way::Single(mut connection) => connection.publish(channel, message).await,
            Way::Cluster(mut connection) => connection.spublish(channel, message).await,
        }
    }

    /// Whether the server, or every primary of the cluster, answers.
    ///
    /// # Errors
    /// When one does not.
    pub async fn ping(&self) -> RedisResult<()> {
        match self.0.clone() {
            Way::Single(mut connection) => connections::ping(&mut connection).await,
            Way::Cluster(mut connection) => redis::cmd("PING").query_async(&mut connection).await,
        }
    }
}
