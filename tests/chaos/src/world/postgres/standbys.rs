//! A primary with a synchronous standby, which takes its place when it is gone, and an asynchronous one to read from.
//! Here is also who promotes it: PostgreSQL leaves that to others.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use pollster_background::commands::migrate;
use pollster_stack::Postgres;

use super::{Access, blocking};
use crate::links::Link;
use crate::nemesis::{Blow, Server};

const DATABASE: &str = "pollster";
/// What the two that may be primary are called as standbys.
const NAMES: [&str; 2] = ["one", "other"];
/// What the one to read from is called.
const READER: &str = "reader";

/// All of them.
#[derive(Debug)]
pub(crate) struct Standbys(Arc<Mutex<Servers>>);

#[derive(Debug)]
struct Servers {
    /// One is the primary, the other follows it.
    pair: [Postgres; 2],
    /// Which.
    primary: usize,
    reader: Postgres,
}

impl Standbys {
    pub(super) async fn start(folder: &Path) -> Self {
        let at = |name: &str| folder.join(name);
        let (first, second, third) = (at(NAMES[0]), at(NAMES[1]), at(READER));
        let primary = blocking(move || {
            let primary = Postgres::start(&first).expect("PostgreSQL starts");
            primary.create_database(DATABASE).expect("a database is made");
            primary
        })
        .await;
        migrate::up(&primary.url(DATABASE)).await.expect("the database is migrated");
        let servers = blocking(move || {
            let standby = primary.start_standby(&second, NAMES[1]).expect("a standby starts");
            let reader = primary.start_standby(&third, READER).expect("a standby starts");
            primary.wait_for_standbys(&NAMES[1..]).expect("commits wait for a standby");
            Servers { pair: [primary, standby], primary: 0, reader }
        })
        .await;
        Self(Arc::new(Mutex::new(servers)))
    }

    /// New proxies before all servers.
    pub(super) async fn access(&self) -> Access {
        let ports = self.with(|servers| servers.pair.each_ref().map(Postgres::port)).await;
        let reader = self.with(|servers| servers.reader.port()).await;
        let [one, other, reader] = [ports[0], ports[1], reader].map(|port| Link::to(at(port)));
        let (one, other, reader) = tokio::join!(one, other, reader);
        let url = format!("postgres://pollster@{},{}/{DATABASE}", one.address(), other.address());
        let replica = format!("postgres://pollster@{}/{DATABASE}", reader.address());
        let env = vec![("DATABASE_REPLICA_URL".to_owned(), replica)];
        Access { links: vec![one, other, reader], url, env }
    }

    pub(super) async fn url(&self) -> String {
        self.with(|servers| servers.pair[servers.primary].url(DATABASE)).await
    }

    pub(super) async fn strike(&self, server: Server, blow: Blow) {
        self.with(move |servers| {
            let struck = match (server, blow) {
                (Server::ReadReplica, Blow::ReplicaPause) => {
                    return servers.reader.pause_replay().expect("a standby pauses");
                }
                (Server::ReadReplica, _) => &mut servers.reader,
                (_, Blow::ReplicaKill) => &mut servers.pair[1 - servers.primary],
                _ => &mut servers.pair[servers.primary],
            };
            struck.kill().expect("PostgreSQL is killed");
        })
        .await;
    }

    pub(super) async fn heal(&self, server: Server, blow: Blow) -> bool {
        self.with(move |servers| match (server, blow) {
            // Its primary may have been replaced meanwhile, and the replay was not paused then.
            (Server::ReadReplica, Blow::ReplicaPause) => {
                servers.reader.resume_replay().expect("a standby goes on");
                false
            }
            (Server::ReadReplica, _) => {
                servers.reader.restart().expect("PostgreSQL starts again");
                false
            }
            (_, Blow::ReplicaKill) => {
                servers.pair[1 - servers.primary].restart().expect("PostgreSQL starts again");
                servers.require_standby();
                false
            }
            _ => {
                servers.replace_primary();
                true
            }
        })
        .await
    }

    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Servers) -> T + Send + 'static) -> T {
        let servers = self.0.clone();
        blocking(move || work(&mut servers.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

impl Servers {
    /// The standby becomes the primary, and what was the primary its standby, from a new copy.
    fn replace_primary(&mut self) {
        let old = self.primary;
        self.primary = 1 - old;
        let [one, other] = &mut self.pair;
        let (gone, primary) = if old == 0 { (one, other) } else { (other, one) };
        primary.promote().expect("the standby is promoted");
        gone.follow(primary, NAMES[old]).expect("what was the primary follows");
        self.require_standby();
        self.reader.follow(&self.pair[self.primary], READER).expect("the reader follows");
    }

    fn require_standby(&self) {
        let standby = [NAMES[1 - self.primary]];
        self.pair[self.primary].wait_for_standbys(&standby).expect("commits wait for a standby");
    }
}

fn at(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
