//! A whole Pollster.

use pollster_bench::client::Client;
use pollster_shared::redis::{self, Connection};
use pollster_stack::Scratch;

use crate::builder::Builder;
use crate::database::Database;
use crate::pgbouncer_server::PgBouncerServer;
use crate::redis_server::RedisServer;
use crate::service::Service;

/// The real programs on a private Redis and a database of their own. All of it ends on drop; after a
/// panic the ends of the programs' logs are printed.
#[derive(Debug)]
pub struct Stack {
    // Fields are dropped in this order.
    pub(crate) gateways: Vec<Service>,
    pub(crate) aggregators: Vec<Service>,
    pub(crate) background: Vec<Service>,
    pub(crate) redis: RedisServer,
    pub(crate) pgbouncer: Option<PgBouncerServer>,
    pub(crate) database: Database,
    pub(crate) scratch: Scratch,
    /// The variables of its programs.
    pub(crate) env: Vec<(String, String)>,
}

impl Stack {
    /// One of each program with the default settings, rate limits off.
    pub async fn start() -> Self {
        Builder::default().start().await
    }

    /// Chooses what it is made of.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A gateway, by its number from 0.
    pub fn gateway(&self, number: usize) -> &Service {
        &self.gateways[number]
    }

    /// All gateways.
    pub fn gateways(&self) -> &[Service] {
        &self.gateways
    }

    /// An aggregator, by its number from 0.
    pub fn aggregator(&self, number: usize) -> &Service {
        &self.aggregators[number]
    }

    /// All aggregators.
    pub fn aggregators(&self) -> &[Service] {
        &self.aggregators
    }

    /// The background program, the first where there are several.
    pub fn background(&self) -> &Service {
        &self.background[0]
    }

    /// All background programs.
    pub fn backgrounds(&self) -> &[Service] {
        &self.background
    }

    /// A new connection to where its streams are.
    pub fn streams(&self) -> Connection {
        self.role("REDIS_STREAMS_URL")
    }

    /// A new connection to where its counts are.
    pub fn aggregates(&self) -> Connection {
        self.role("REDIS_AGGREGATES_URL")
    }

    /// What a program takes for a variable that is given more than once is the last.
    fn role(&self, variable: &str) -> Connection {
        let url = self.env.iter().rfind(|(name, _)| name == variable).map(|(_, url)| url);
        redis::connection(url.expect("it is set")).expect("a Redis URL")
    }

    /// The Redis server of its own.
    pub fn redis(&self) -> &RedisServer {
        &self.redis
    }

    /// The PgBouncer before its database.
    ///
    /// # Panics
    /// When it was not asked for.
    pub fn pgbouncer(&self) -> &PgBouncerServer {
        self.pgbouncer.as_ref().expect("the stack is pooled")
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// A client of a gateway, with a connection of its own.
    pub fn client(&self, gateway: usize) -> Client {
        Client::new(self.gateway(gateway).address())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for service in self.gateways.iter().chain(&self.aggregators).chain(&self.background) {
                eprintln!("{}", service.log_tail());
            }
        }
    }
}
