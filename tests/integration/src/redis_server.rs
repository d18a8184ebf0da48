//! A test's Redis.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use pollster_stack::{Redis, Signal};
use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;

use crate::wait::{DEADLINE, blocking};

/// A Redis of its own.
#[derive(Debug)]
pub struct RedisServer {
    redis: Arc<Mutex<Redis>>,
    url: String,
}

impl RedisServer {
    /// Starts one more, on the data in `folder`: for a stack that uses several.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(folder: &Path) -> Self {
        let folder = folder.join("redis");
        let redis = blocking(move || Redis::start(&folder).expect("Redis starts")).await;
        let url = redis.url();
        Self { redis: Arc::new(Mutex::new(redis)), url }
    }

    /// Where clients find it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A new connection.
    ///
    /// # Panics
    /// When the server can't be reached.
    pub async fn connect(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.url.as_str()).expect("a Redis URL");
        // Its own half a second is too short for a busy machine's disk.
        let patient = AsyncConnectionConfig::new().set_response_timeout(Some(DEADLINE));
        client.get_multiplexed_async_connection_with_config(&patient).await.expect("Redis is reached")
    }

    /// Empties it, as a failover to a replica that had nothing would.
    pub async fn flush(&self) {
        let _: () = redis::cmd("FLUSHALL").query_async(&mut self.connect().await).await.expect("FLUSHALL");
    }

    /// Ends every connection that subscribes to something.
    pub async fn cut_subscribers(&self) {
        let mut kill = redis::cmd("CLIENT");
        kill.arg("KILL").arg("TYPE").arg("pubsub");
        kill.exec_async(&mut self.connect().await).await.expect("CLIENT KILL");
    }

    /// Ends it in order; it keeps its data.
    pub async fn stop(&self) {
        self.with(|redis| redis.stop().expect("Redis stops")).await;
    }

    /// Kills it; it keeps its data, which it writes before it answers.
    pub async fn kill(&self) {
        self.with(|redis| redis.kill().expect("Redis is killed")).await;
    }

    /// Freezes it: connections stand, nothing is answered.
    pub async fn freeze(&self) {
        self.with(|redis| redis.process().signal(Signal::STOP).expect("Redis is frozen")).await;
    }

    /// Lets it go on.
    pub async fn thaw(&self) {
        self.with(|redis| redis.process().signal(Signal::CONT).expect("Redis goes on")).await;
    }

    /// Starts it again on the same port and data; ends it first, should it still run.
    pub async fn restart(&self) {
        self.with(|redis| redis.restart().expect("Redis starts again")).await;
    }

    /// Whether it has ended, by itself or killed.
    pub async fn has_ended(&self) -> bool {
        self.with(|redis| redis.process().ended().expect("its state is known").is_some()).await
    }

    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Redis) -> T + Send + 'static) -> T {
        let redis = self.redis.clone();
        blocking(move || work(&mut redis.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}
