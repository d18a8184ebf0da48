//! The whole system in a temporary folder: two servers, three programs, limits off.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use pollster_stack::{Postgres, Program, Redis, Scratch, StackError, free_port, until};

const DATABASE: &str = "pollster";
const MIGRATE_DEADLINE: Duration = Duration::from_secs(60);
const LISTEN_DEADLINE: Duration = Duration::from_secs(30);

/// Redis and PostgreSQL with the schema; the programs are started by [`Servers::start_programs`].
#[derive(Debug)]
pub(super) struct Servers {
    pub(super) redis: Redis,
    pub(super) postgres: Postgres,
    // The last field is dropped last: the folder goes when nothing runs in it any more.
    scratch: Scratch,
}

/// The programs of ours; they end with this handle.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) gateway: Program,
    pub(super) aggregator: Program,
    pub(super) background: Program,
    /// Where the gateway listens.
    pub(super) address: SocketAddr,
}

impl Servers {
    pub(super) fn start() -> Result<Self, StackError> {
        let scratch = Scratch::new("bench")?;
        let redis = Redis::start(&scratch.path().join("redis"))?;
        let postgres = Postgres::start(&scratch.path().join("postgres"))?;
        postgres.create_database(DATABASE)?;
        let servers = Self { redis, postgres, scratch };
        let log = servers.scratch.path().join("migrate.log");
        Program::run_once("pollster-background", &["migrate"], &servers.env(), &log, MIGRATE_DEADLINE)?;
        Ok(servers)
    }

    pub(super) fn database_url(&self) -> String {
        self.postgres.url(DATABASE)
    }

    /// Starts them and waits for the gateway.
    pub(super) fn start_programs(&self) -> Result<Programs, StackError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let aggregator = self.start_program("pollster-aggregator", &[], None)?;
        let background = self.start_program("pollster-background", &["run"], None)?;
        let mut gateway = self.start_program("pollster-gateway", &[], Some(address))?;
        let log = self.scratch.path().join("pollster-gateway.log");
        until("the start of pollster-gateway", LISTEN_DEADLINE, &log, || {
            match gateway.process().unexpected_end()? {
                Some(error) => Err(error),
                None => Ok(TcpStream::connect(address).is_ok().then_some(())),
            }
        })?;
        Ok(Programs { gateway, aggregator, background, address })
    }

    fn start_program(
        &self,
        name: &str,
        args: &[&str],
        address: Option<SocketAddr>,
    ) -> Result<Program, StackError> {
        let mut env = self.env();
        let mut set = |name: &str, value: String| env.push((name.to_owned(), value));
        set("ADMIN_LISTEN", format!("127.0.0.1:{}", free_port()?));
        if let Some(address) = address {
            set("LISTEN", address.to_string());
            set("PUBLIC_URL", format!("http://{address}"));
        }
        let log = self.scratch.path().join(format!("{name}.log"));
        Program::start_with(name, args, &env, &log, pollster_stack::Lifetime::WithParent)
    }

    /// What all programs get; other settings are those of our own environment, so that a run can compare.
    fn env(&self) -> Vec<(String, String)> {
        let archive = format!("file://{}", self.scratch.path().join("archive").display());
        let set = [
            ("DATABASE_URL", self.database_url()),
            ("REDIS_URL", self.redis.url()),
            ("ARCHIVE_URL", archive),
            ("JWT_SECRET", "only for the benchmark, on a database that it throws away".to_owned()),
            ("HASH_SECRET", "only for the benchmark, on a database that it throws away".to_owned()),
            ("LOG_FORMAT", "json".to_owned()),
        ];
        let off =
            ["VOTES_PER_MINUTE", "VOTES_PER_5_MINUTES", "VOTES_PER_MINUTE_PER_ADDRESS", "POLLS_PER_HOUR"];
        let set = set.into_iter().chain(off.map(|limit| (limit, "0".to_owned())));
        set.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
