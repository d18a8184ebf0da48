//! The publishing side.

use std::sync::LazyLock;

use super::topic::Topic;
use crate::keys;
use crate::redis::{self as connections, Connection};
use redis::{AsyncCommands, RedisResult, Script};

/// A bare `SPUBLISH` is taken by any replica, also by one that was the primary a moment ago and does not reach the new
/// one's subscribers yet; a script is sent on to the primary.
static PUBLISH_SHARDED: LazyLock<Script> =
    LazyLock::new(|| Script::new("return redis.call('SPUBLISH', KEYS[1], ARGV[1])"));

/// Publishes on topics' channels. Cheap to clone; clones share their connection, which is made when first needed.
#[derive(Debug, Clone)]
pub struct Publisher(Connection);

impl Publisher {
    /// A publisher on what `url` leads to.
    ///
    /// # Errors
    /// When it is not a Redis URL.
    pub fn new(url: &str) -> RedisResult<Self> {
        Ok(Self(connections::connection(url)?))
    }

    /// A publisher over a connection.
    pub fn over(connection: Connection) -> Self {
        Self(connection)
    }

    /// Publishes `message` to all who watch the topic.
    ///
    /// # Errors
    /// When the server that has the channel can't be reached.
    pub async fn publish(&self, topic: Topic, message: String) -> RedisResult<()> {
        let (mut connection, channel) = (self.0.clone(), keys::channel(topic));
        if connection.is_cluster() {
            return PUBLISH_SHARDED.key(channel).arg(message).invoke_async(&mut connection).await;
        }
        connection.publish(channel, message).await
    }

    /// Whether the server answers; of a cluster, every primary.
    ///
    /// # Errors
    /// When one does not.
    pub async fn ping(&self) -> RedisResult<()> {
        connections::ping(&mut self.0.clone()).await
    }
}
