//! The stack of a run: every program and server as a process, every connection through a proxy of its own.

mod clock;
mod disk;
mod hurt;
mod member;
mod postgres;
mod redis;
mod servers;
mod settle;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use futures_util::future::join_all;
use pollster_integration::{HASH_SECRET, Scratch};
use tokio::task::JoinHandle;

use crate::links::Link;
use crate::nemesis::{Fault, Program};
use crate::report::Report;
use crate::settings::Settings;
use clock::Clock;
use member::Member;
use servers::Servers;

/// Each program runs twice.
const PROGRAMS: [Program; 6] = [
    Program::Gateway(0),
    Program::Gateway(1),
    Program::Aggregator(0),
    Program::Aggregator(1),
    Program::Background(0),
    Program::Background(1),
];
/// Whose clock can be set.
const FOOLED: Program = Program::Gateway(1);
/// How often is looked for programs that have ended.
const LOOK: Duration = Duration::from_millis(500);

/// A whole Pollster that can be hurt.
#[derive(Debug)]
pub struct World {
    // Fields are dropped in this order.
    supervisor: JoinHandle<()>,
    members: Vec<Arc<Member>>,
    clients: [Link; 2],
    clock: Option<Clock>,
    servers: Servers,
    min_replicas: u32,
    _scratch: Scratch,
}

impl World {
    /// Starts it, with the bug that `settings` plant, and returns once every program is ready.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start(settings: &Settings, report: &Report) -> Self {
        let scratch = Scratch::new("chaos").expect("a folder for a run");
        let folder = scratch.path();
        let servers = Servers::start(folder, settings).await;
        let clock = Clock::new(folder);
        let members = join_all(PROGRAMS.map(|program| {
            let clock = clock.as_ref().filter(|_| program == FOOLED);
            let env = clock.map(|clock| clock.env().to_vec()).unwrap_or_default();
            Member::start(program, &servers, env, folder, settings)
        }))
        .await;
        let members: Vec<Arc<Member>> = members.into_iter().map(Arc::new).collect();
        let supervisor = tokio::spawn(supervise(members.clone(), report.clone()));
        let clients =
            [Link::to(members[0].service().address()).await, Link::to(members[1].service().address()).await];
        let min_replicas = settings.min_replicas;
        Self { supervisor, members, clients, clock, servers, min_replicas, _scratch: scratch }
    }

    /// Where clients reach the gateways.
    pub fn gateways(&self) -> [SocketAddr; 2] {
        [self.clients[0].address(), self.clients[1].address()]
    }

    /// A gateway past the proxies, for what must not fail.
    pub fn direct_gateway(&self, number: usize) -> SocketAddr {
        self.member(Program::Gateway(number)).service().address()
    }

    /// A connection to the database past the proxies.
    ///
    /// # Panics
    /// When it can't be reached.
    pub async fn database(&self) -> tokio_postgres::Client {
        self.servers.postgres().connect().await
    }

    /// Connections past the proxies to every Redis that holds counts.
    ///
    /// # Panics
    /// When one can't be reached.
    pub async fn aggregates(&self) -> Vec<MultiplexedConnection> {
        self.servers.redis().aggregates().await
    }

    /// What keys the hashes of voters and addresses.
    pub fn hash_secret(&self) -> &str {
        HASH_SECRET
    }

    /// Which servers these are.
    ///
    /// # Panics
    /// When they don't tell.
    pub async fn versions(&self) -> String {
        let postgres: String = self
            .database()
            .await
            .query_one("SHOW server_version", &[])
            .await
            .expect("PostgreSQL's version")
            .get(0);
        let mut redis = self.aggregates().await;
        let info: ::redis::InfoDict =
            ::redis::cmd("INFO").arg("server").query_async(&mut redis[0]).await.expect("Redis's version");
        let redis: String = info.get("redis_version").unwrap_or_default();
        format!("Pollster {}, Redis {redis}, PostgreSQL {postgres}", env!("CARGO_PKG_VERSION"))
    }

    /// Whether this machine lets that fault happen.
    pub fn allows(&self, fault: Fault) -> bool {
        match fault {
            Fault::ClockJump(_) => self.clock.is_some(),
            _ if fault.fills_a_disk() => self.servers.have_disks(),
            _ => true,
        }
    }

    /// What a fault that this machine does not allow would need.
    pub fn needs(fault: Fault) -> &'static str {
        if fault.fills_a_disk() { "only root may mount a small disk" } else { "faketime is not installed" }
    }

    fn member(&self, program: Program) -> &Member {
        let member = self.members.iter().find(|member| member.program() == program);
        member.expect("every program is there")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.supervisor.abort();
    }
}

/// Starts again what ends, and says so: nothing of ours should.
async fn supervise(members: Vec<Arc<Member>>, report: Report) {
    loop {
        tokio::time::sleep(LOOK).await;
        for member in &members {
            if member.revive().await {
                report.say(format_args!("{} had ended by itself; started again", member.program()));
            }
        }
    }
}

/// The address in a URL.
fn address(url: &str) -> SocketAddr {
    let port = url.rsplit(':').next().and_then(|rest| rest.split('/').next()?.parse().ok());
    (Ipv4Addr::LOCALHOST, port.expect("URLs here name their port")).into()
}
