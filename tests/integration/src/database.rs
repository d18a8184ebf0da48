//! A database a test, copied from a template that is migrated once.

mod standby;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use pollster_background::commands::migrate;
use pollster_stack::{Frozen, Postgres, Scratch, Signal};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

use crate::wait::blocking;

pub use standby::Standby;

const TEMPLATE: &str = "template_migrated";
static SHARED: OnceCell<Server> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A PostgreSQL server with the migrated template.
#[derive(Debug, Clone)]
struct Server {
    postgres: Arc<Mutex<Postgres>>,
    /// Removes the shared server's folder after this process.
    _janitor: Option<Arc<Child>>,
}

/// A database of its own. It goes with its server's folder: dropping it alone costs a checkpoint, a second
/// on a busy machine.
#[derive(Debug)]
pub struct Database {
    server: Server,
    url: String,
    /// Where it is since a standby took over.
    moved: OnceLock<String>,
}

impl Server {
    async fn start(folder: &Path, janitor: Option<Child>) -> Self {
        let folder = folder.join("postgres");
        let postgres = blocking(move || {
            let postgres = Postgres::start(&folder).expect("PostgreSQL starts");
            postgres.create_database(TEMPLATE).expect("the template is made");
            postgres
        })
        .await;
        migrate::up(&postgres.url(TEMPLATE)).await.expect("the template is migrated");
        Self { postgres: Arc::new(Mutex::new(postgres)), _janitor: janitor.map(Arc::new) }
    }

    fn lock(&self) -> MutexGuard<'_, Postgres> {
        self.postgres.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn copy(&self, from: Option<&'static str>) -> Database {
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let server = self.clone();
        let url = blocking(move || {
            let postgres = server.lock();
            match from {
                Some(template) => postgres.create_database_from(&name, template),
                None => postgres.create_database(&name),
            }
            .expect("a database is made");
            postgres.url(&name)
        })
        .await;
        Database { server: self.clone(), url, moved: OnceLock::new() }
    }
}

async fn shared() -> &'static Server {
    SHARED
        .get_or_init(|| async {
            let scratch = Scratch::new("integration").expect("a folder for PostgreSQL");
            let folder = scratch.path().to_owned();
            let janitor = janitor(&folder);
            // What is static is never dropped: the janitor removes the folder instead.
            std::mem::forget(scratch);
            Server::start(&folder, Some(janitor)).await
        })
        .await
}

/// A process that removes `folder` once this one is gone, however it went: the pipe between them closes.
fn janitor(folder: &Path) -> Child {
    let script = r#"cat > /dev/null; i=0; until rm -rf "$1" || [ $i = 100 ]; do i=$((i+1)); sleep 0.1; done"#;
    Command::new("setsid")
        .args(["sh", "-c", script, "janitor"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh starts")
}

impl Database {
    /// A migrated database on the server that all tests of this process share.
    pub async fn migrated() -> Self {
        shared().await.copy(Some(TEMPLATE)).await
    }

    /// An empty database on that server.
    pub async fn empty() -> Self {
        shared().await.copy(None).await
    }

    /// A migrated database on a server of its own in `folder`, which may be killed.
    pub async fn on_own_server(folder: &Path) -> Self {
        Server::start(folder, None).await.copy(Some(TEMPLATE)).await
    }

    /// Its connection string.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Bounds the sessions in it, as operators do for a pooler's.
    ///
    /// # Panics
    /// When the server can't be reached.
    pub async fn bound_sessions(&self) {
        const BOUNDS: &str = "DO $$ BEGIN \
            EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = ''3s''', current_database()); \
            EXECUTE format('ALTER DATABASE %I SET statement_timeout = ''8s''', current_database()); \
            EXECUTE format('ALTER DATABASE %I SET lock_timeout = ''6s''', current_database()); END $$";
        self.connect().await.batch_execute(BOUNDS).await.expect("the sessions are bounded");
    }

    /// A new connection.
    ///
    /// # Panics
    /// When the server can't be reached.
    pub async fn connect(&self) -> Client {
        self.try_connect().await.expect("PostgreSQL is reached")
    }

    /// A new connection, or the reason why there is none.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub async fn try_connect(&self) -> Result<Client, tokio_postgres::Error> {
        let url = self.moved.get().unwrap_or(&self.url);
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        // What ends it is seen by the statement that it carries.
        tokio::spawn(connection);
        Ok(client)
    }

    /// Kills its server: for one [`on_own_server`](Self::on_own_server) only.
    pub async fn kill_server(&self) {
        self.with_own_server(|postgres| postgres.kill().expect("PostgreSQL is killed")).await;
    }

    /// Ends its server in order, and every connection with it: for one of its own only.
    pub async fn stop_server(&self) {
        self.with_own_server(|postgres| postgres.stop().expect("PostgreSQL stops")).await;
    }

    /// Freezes its server with all its sessions until what this returns is dropped.
    pub async fn freeze_server_and_sessions(&self) -> Frozen {
        self.with_own_server(|postgres| postgres.freeze().expect("PostgreSQL is frozen")).await
    }

    /// Freezes its server's main process: no new connection is made, those that are there go on.
    pub async fn freeze_server(&self) {
        self.with_own_server(|postgres| postgres.process().signal(Signal::STOP).expect("it is frozen")).await;
    }

    /// Lets it go on.
    pub async fn thaw_server(&self) {
        self.with_own_server(|postgres| postgres.process().signal(Signal::CONT).expect("it goes on")).await;
    }

    /// Freezes its server with all its sessions, until what this returns is dropped: for one of its own only.
    pub async fn freeze_whole_server(&self) -> Frozen {
        self.with_own_server(|postgres| postgres.freeze().expect("it is frozen")).await
    }

    /// Starts its server again, on the same port and data: for one of its own only.
    pub async fn restart_server(&self) {
        self.with_own_server(|postgres| postgres.restart().expect("PostgreSQL starts again")).await;
    }

    /// The id of its server's main process.
    pub async fn server_pid(&self) -> u32 {
        self.with_own_server(|postgres| postgres.pid()).await
    }

    /// Whether its server has ended, by itself or killed.
    pub async fn server_has_ended(&self) -> bool {
        self.with_own_server(|postgres| postgres.process().ended().expect("its state is known").is_some())
            .await
    }

    async fn with_own_server<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Postgres) -> T + Send + 'static,
    ) -> T {
        assert!(self.server._janitor.is_none(), "all tests share this PostgreSQL: use `own_postgres()`");
        let server = self.server.clone();
        blocking(move || work(&mut server.lock())).await
    }
}
