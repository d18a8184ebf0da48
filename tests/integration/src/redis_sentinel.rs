//! A test's Redis with Sentinels.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pollster_stack::{Redis, RedisSentinels, Signal};
use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;

use crate::wait::{DEADLINE, blocking, wait_until};

/// A primary that comes back too late is left alone by its Sentinels for eight seconds.
const AGREEMENT: Duration = Duration::from_secs(60);

/// A primary with replicas, and three Sentinels that make another the primary when it is away. Members are those that
/// hold data, by their numbers; the first primary is 0.
#[derive(Debug)]
pub struct SentinelServer {
    redis: Arc<Mutex<RedisSentinels>>,
    url: String,
    member_urls: Vec<String>,
}

impl SentinelServer {
    /// Starts them in `folder`. A primary that fewer than `min_replicas` replicas follow refuses to write.
    ///
    /// # Panics
    /// When they do not start, or do not agree.
    pub async fn start(folder: &Path, replicas: usize, min_replicas: u32) -> Self {
        let folder = folder.join("sentinels");
        let start = move || RedisSentinels::start(&folder, replicas, min_replicas).expect("Sentinels start");
        let mut redis = blocking(start).await;
        let url = redis.url();
        let member_urls = redis.members().iter().map(Redis::url).collect();
        Self { redis: Arc::new(Mutex::new(redis)), url, member_urls }
    }

    /// Where clients find it: by the Sentinels.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Host and port of a member.
    pub fn address(&self, member: usize) -> &str {
        self.member_urls[member].trim_start_matches("redis://").trim_end_matches('/')
    }

    /// Host and port of the first Sentinel.
    pub fn sentinel_address(&self) -> &str {
        self.url.trim_start_matches("redis+sentinel://").split(',').next().unwrap_or_default()
    }

    /// The member that most of the Sentinels say is the primary.
    pub async fn primary(&self) -> Option<usize> {
        self.with(|redis| redis.primary()).await
    }

    /// The members that are not, as far as there is a primary.
    pub async fn replicas(&self) -> Vec<usize> {
        let primary = self.primary().await;
        (0..self.member_urls.len())
            .filter(|member| primary.is_some_and(|primary| primary != *member))
            .collect()
    }

    /// A new connection to a member.
    ///
    /// # Panics
    /// When it can't be reached.
    pub async fn connect(&self, member: usize) -> MultiplexedConnection {
        let client = redis::Client::open(self.member_urls[member].as_str()).expect("a Redis URL");
        // Its own half a second is too short for a busy machine's disk.
        let patient = AsyncConnectionConfig::new().set_response_timeout(Some(DEADLINE));
        client.get_multiplexed_async_connection_with_config(&patient).await.expect("the member is reached")
    }

    /// Kills a member; it keeps its data.
    pub async fn kill(&self, member: usize) {
        self.with(move |redis| redis.members()[member].kill().expect("the member is killed")).await;
    }

    /// Starts a member again.
    pub async fn restart(&self, member: usize) {
        self.with(move |redis| redis.members()[member].restart().expect("the member starts again")).await;
    }

    /// Freezes a member: connections stand, nothing is answered.
    pub async fn freeze(&self, member: usize) {
        self.signal(member, Signal::STOP).await;
    }

    /// Lets a member go on.
    pub async fn thaw(&self, member: usize) {
        self.signal(member, Signal::CONT).await;
    }

    /// Has a member refuse replicas, or take them again.
    pub async fn set_replication_cut(&self, member: usize, is_cut: bool) {
        let set = move |redis: &mut RedisSentinels| redis.set_replication_cut(member, is_cut);
        self.with(set).await.expect("the member takes settings");
    }

    /// Has the Sentinels make a replica the primary, though nothing is wrong.
    pub async fn fail_over(&self) {
        self.with(|redis| redis.fail_over().expect("the Sentinels agree")).await;
    }

    /// Kills a Sentinel.
    pub async fn kill_sentinel(&self, number: usize) {
        self.with(move |redis| redis.sentinels()[number].kill().expect("the Sentinel is killed")).await;
    }

    /// Starts a Sentinel again.
    pub async fn restart_sentinel(&self, number: usize) {
        self.with(move |redis| redis.sentinels()[number].restart().expect("the Sentinel starts again")).await;
    }

    /// Waits until the Sentinels know one primary, and all others follow it.
    pub async fn works(&self) {
        wait_until("agreement among the Sentinels", AGREEMENT, async || {
            // Others may start what is missing meanwhile.
            self.with(|redis| redis.works()).await.then_some(())
        })
        .await;
    }

    async fn signal(&self, member: usize, signal: Signal) {
        self.with(move |redis| redis.members()[member].process().signal(signal).expect("it takes a signal"))
            .await;
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut RedisSentinels) -> T + Send + 'static,
    ) -> T {
        let redis = self.redis.clone();
        blocking(move || work(&mut redis.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}
