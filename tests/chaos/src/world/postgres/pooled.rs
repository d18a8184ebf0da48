//! PgBouncer in transaction mode before PostgreSQL.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use pollster_stack::{PgBouncer, Pooler, Signal};

use super::{Access, Single, blocking};
use crate::nemesis::{Blow, Program, Server};
use crate::world::address;

/// Connections to PostgreSQL: fewer than the programs have to PgBouncer.
const SIZE: u16 = 6;
/// What sessions of ours ask for, which can't ask through PgBouncer.
const SESSIONS: &str = "ALTER ROLE pollster SET statement_timeout = '8s'; \
    ALTER ROLE pollster SET lock_timeout = '6s'; \
    ALTER ROLE pollster SET idle_in_transaction_session_timeout = '3s'; \
    ALTER ROLE pollster SET plan_cache_mode = 'force_generic_plan'";

/// Both.
#[derive(Debug)]
pub(crate) struct Pooled {
    // Before what it leads to.
    bouncer: Arc<Mutex<PgBouncer>>,
    port: u16,
    single: Single,
}

impl Pooled {
    pub(super) async fn start(folder: &Path) -> Self {
        let single = Single::start(folder, None).await;
        single.database().connect().await.batch_execute(SESSIONS).await.expect("settings of the role");
        let pooler = Pooler { size: SIZE, ..Pooler::before(address(single.database().url()).port()) };
        let folder = folder.join("pgbouncer");
        let bouncer = blocking(move || PgBouncer::start(&folder, pooler).expect("PgBouncer starts")).await;
        let port = bouncer.port();
        Self { bouncer: Arc::new(Mutex::new(bouncer)), port, single }
    }

    pub(super) fn single(&self) -> &Single {
        &self.single
    }

    /// New proxies: before PgBouncer, but for background programs, which need sessions.
    pub(super) async fn access(&self, program: Program) -> Access {
        if matches!(program, Program::Background(_)) {
            return self.single.access().await;
        }
        let bouncer = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let env = vec![("DATABASE_POOLING".to_owned(), "transaction".to_owned())];
        Access { env, ..self.single.access_by(bouncer).await }
    }

    pub(super) async fn strike(&self, server: Server, blow: Blow) {
        if server != Server::PgBouncer {
            return self.single.strike(blow).await;
        }
        self.with(move |bouncer| match blow {
            Blow::Kill => bouncer.kill().expect("PgBouncer is killed"),
            Blow::Restart => bouncer.restart().expect("PgBouncer starts again"),
            Blow::Freeze => bouncer.process().signal(Signal::STOP).expect("it is frozen"),
            _ => unreachable!("{blow:?} is for others"),
        })
        .await;
    }

    pub(super) async fn heal(&self, server: Server, blow: Blow) {
        if server != Server::PgBouncer {
            return self.single.heal(blow).await;
        }
        self.with(move |bouncer| match blow {
            Blow::Kill => bouncer.restart().expect("PgBouncer starts again"),
            Blow::Freeze => bouncer.process().signal(Signal::CONT).expect("it goes on"),
            _ => {}
        })
        .await;
    }

    async fn with(&self, work: impl FnOnce(&mut PgBouncer) + Send + 'static) {
        let bouncer = self.bouncer.clone();
        blocking(move || work(&mut bouncer.lock().unwrap_or_else(PoisonError::into_inner))).await;
    }
}
