//! The whole system in a temporary folder: two servers, three programs.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use pollster_stack::{Postgres, Program, Redis, Scratch, StackError, free_port, until};

const DATABASE: &str = "pollster";
const MIGRATE_DEADLINE: Duration = Duration::from_secs(60);
const LISTEN_DEADLINE: Duration = Duration::from_secs(30);

/// Redis and PostgreSQL with the schema; programs of ours are started apart.
#[derive(Debug)]
pub(super) struct Servers {
    pub(super) redis: Redis,
    pub(super) postgres: Postgres,
    // The last field is dropped last: the folder goes when nothing runs in it any more.
    scratch: Scratch,
}

/// The programs of ours behind the gateways; they end with this handle.
#[derive(Debug)]
pub(super) struct Workers {
    pub(super) aggregator: Program,
    pub(super) background: Program,
}

/// An aggregator that may not be ready yet.
#[derive(Debug)]
pub(super) struct Aggregator {
    pub(super) program: Program,
    /// Where it tells its metrics.
    pub(super) admin: SocketAddr,
}

/// A gateway that answers.
#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) program: Program,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// Where it tells its metrics.
    pub(super) admin: SocketAddr,
}

impl Servers {
    pub(super) fn start() -> Result<Self, StackError> {
        let scratch = Scratch::new("bench")?;
        let redis = Redis::start(&scratch.path().join("redis"))?;
        let postgres = Postgres::start(&scratch.path().join("postgres"))?;
        postgres.create_database(DATABASE)?;
        let servers = Self { redis, postgres, scratch };
        servers.migrate(&[])?;
        Ok(servers)
    }

    /// Makes or renews the schema of the database that these variables, on top of all others, name.
    pub(super) fn migrate(&self, set: &[(&str, &str)]) -> Result<(), StackError> {
        let log = self.scratch.path().join("migrate.log");
        let env = self.env_with(set);
        Program::run_once("pollster-background", &["migrate"], &env, &log, MIGRATE_DEADLINE)
    }

    /// A folder for more servers.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub(super) fn database_url(&self) -> String {
        self.postgres.url(DATABASE)
    }

    /// Starts what moves votes on from a gateway.
    pub(super) fn start_workers(&self) -> Result<Workers, StackError> {
        self.start_workers_with(&[], &[])
    }

    /// The same with variables for the aggregator and for the background program on top of all others.
    pub(super) fn start_workers_with(
        &self,
        aggregator: &[(&str, &str)],
        background: &[(&str, &str)],
    ) -> Result<Workers, StackError> {
        let aggregator = self.start_program("pollster-aggregator", &[], loopback()?, aggregator)?;
        let background = self.start_program("pollster-background", &["run"], loopback()?, background)?;
        Ok(Workers { aggregator, background })
    }

    /// Starts an aggregator, beside those that run already.
    pub(super) fn start_aggregator(&self) -> Result<Program, StackError> {
        Ok(self.start_aggregator_with(&[])?.program)
    }

    /// The same with these variables on top of all others.
    pub(super) fn start_aggregator_with(&self, env: &[(&str, &str)]) -> Result<Aggregator, StackError> {
        let admin = loopback()?;
        Ok(Aggregator { program: self.start_program("pollster-aggregator", &[], admin, env)?, admin })
    }

    /// Starts a gateway with these variables on top of all others, and waits until it answers.
    pub(super) fn start_gateway(&self, env: &[(&str, &str)]) -> Result<Gateway, StackError> {
        let (address, admin) = (loopback()?, loopback()?);
        let (listen, url) = (address.to_string(), format!("http://{address}"));
        let env = [env, &[("LISTEN", &*listen), ("PUBLIC_URL", &*url)]].concat();
        let mut program = self.start_program("pollster-gateway", &[], admin, &env)?;
        let log = self.scratch.path().join("pollster-gateway.log");
        until("the start of pollster-gateway", LISTEN_DEADLINE, &log, || {
            match program.process().unexpected_end()? {
                Some(error) => Err(error),
                None => Ok(TcpStream::connect(address).is_ok().then_some(())),
            }
        })?;
        Ok(Gateway { program, address, admin })
    }

    fn start_program(
        &self,
        name: &str,
        args: &[&str],
        admin: SocketAddr,
        set: &[(&str, &str)],
    ) -> Result<Program, StackError> {
        let mut env = self.env_with(set);
        env.push(("ADMIN_LISTEN".to_owned(), admin.to_string()));
        let log = self.scratch.path().join(format!("{name}.log"));
        Program::start_with(name, args, &env, &log, pollster_stack::Lifetime::WithParent)
    }

    fn env_with(&self, set: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut env = self.env();
        env.extend(set.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        env
    }

    /// What all programs get; other settings are those of our own environment, so that a run can compare.
    fn env(&self) -> Vec<(String, String)> {
        let archive = format!("file://{}", self.scratch.path().join("archive").display());
        let set = [
            ("DATABASE_URL", self.database_url()),
            ("REDIS_URL", self.redis.url()),
            ("ARCHIVE_URL", archive),
            ("JWT_SECRET", "only for the benchmark and a database that it throws away".to_owned()),
            ("HASH_SECRET", "only for the benchmark, on a database that it throws away".to_owned()),
            ("LOG_FORMAT", "json".to_owned()),
        ];
        // Votes pass their limits as everywhere: each is a new voter's, and all come from one address.
        let limits = [("VOTES_PER_MINUTE_PER_ADDRESS", "100000000"), ("POLLS_PER_HOUR", "0")];
        let set = set.into_iter().chain(limits.map(|(name, limit)| (name, limit.to_owned())));
        set.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A free port.
fn loopback() -> Result<SocketAddr, StackError> {
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)))
}
