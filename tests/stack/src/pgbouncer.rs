//! A private PgBouncer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::launch::{User, command};
use crate::server::{Options, Recipe};
use crate::{Process, Signal, StackError, skipped};

const PROGRAM: &str = "pgbouncer";
/// Where Debian keeps it, which is in root's `PATH` only.
const SYSTEM_FOLDER: &str = "/usr/sbin";
const CONFIGURATION: &str = "pgbouncer.ini";
const USERS: &str = "users.txt";
const PID_FILE: &str = "pgbouncer.pid";
/// How long it may take to end once it was asked to.
const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// When a client's connection to the server becomes another's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoolMode {
    /// After each transaction.
    #[default]
    Transaction,
    /// When the client is gone.
    Session,
}

/// What stands in its configuration.
#[derive(Clone, Debug)]
pub struct Pooler {
    /// The port of 127.0.0.1 at which it finds PostgreSQL.
    pub postgres: u16,
    /// When a server's connection becomes another client's.
    pub mode: PoolMode,
    /// The connections to the server that it makes at most, a database and user.
    pub size: u16,
    /// Whether it drops the settings that a client's first message asks for, rather than refuse the client.
    pub drops_options: bool,
}

impl Pooler {
    /// One in transaction mode, of as few connections as show that they are shared.
    pub fn before(postgres: u16) -> Self {
        Self { postgres, mode: PoolMode::Transaction, size: 3, drops_options: false }
    }
}

/// A PgBouncer on a port of 127.0.0.1 before a PostgreSQL server there, for the user `pollster` and all databases.
#[derive(Debug)]
pub struct PgBouncer {
    dir: PathBuf,
    log: PathBuf,
    options: Options,
    program: PathBuf,
    pooler: Pooler,
    port: u16,
    process: Process,
}

impl PgBouncer {
    /// Whether its program is not on this machine; says then that what would use it is skipped.
    pub fn is_missing() -> bool {
        let found = find();
        if let Err(missing) = &found {
            skipped(missing);
        }
        found.is_err()
    }

    /// Starts it in the folder `dir` (made if it is missing) on a free port, and waits until it listens. PostgreSQL may
    /// be away.
    ///
    /// # Errors
    /// `NotInstalled`; `Ended` or `TooSlow` with the end of its log.
    pub fn start(dir: &Path, pooler: Pooler) -> Result<Self, StackError> {
        Self::start_with(dir, pooler, Options::default())
    }

    /// The same with a choice of port, lifetime and log.
    ///
    /// # Errors
    /// As [`PgBouncer::start`].
    pub fn start_with(dir: &Path, pooler: Pooler, options: Options) -> Result<Self, StackError> {
        let program = find()?;
        fs::create_dir_all(dir).map_err(StackError::io(format!("making {}", dir.display())))?;
        let (dir, log) = (dir.to_owned(), options.log_in(dir));
        let (process, port) =
            with_recipe(&dir, &log, &options, &program, &pooler, |recipe| recipe.start(options.port))?;
        Ok(Self { dir, log, options, program, pooler, port, process })
    }

    /// Where clients find a database behind it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://pollster@127.0.0.1:{}/{database}", self.port)
    }

    /// Its port of 127.0.0.1; the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it at once, and every connection with it.
    ///
    /// # Errors
    /// `TooSlow`; it is killed then.
    pub fn stop(&mut self) -> Result<(), StackError> {
        self.process.terminate(Signal::TERM, STOP_DEADLINE).map(drop)
    }

    /// Kills it.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(&mut self) -> Result<(), StackError> {
        self.process.kill()
    }

    /// Starts it again on the same port; stops it first, should it still run.
    ///
    /// # Errors
    /// As [`PgBouncer::start`].
    pub fn restart(&mut self) -> Result<(), StackError> {
        self.stop()?;
        let Self { dir, log, options, program, pooler, port, .. } = self;
        self.process = with_recipe(dir, log, options, program, pooler, |recipe| recipe.start_on(*port))?;
        Ok(())
    }

    /// Its process, for signals such as STOP and CONT.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

fn find() -> Result<PathBuf, StackError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([SYSTEM_FOLDER.into()])
        .map(|folder| folder.join(PROGRAM))
        .find(|program| program.exists())
        .ok_or(StackError::NotInstalled { program: PROGRAM })
}

fn with_recipe<T>(
    dir: &Path,
    log: &Path,
    options: &Options,
    program: &Path,
    pooler: &Pooler,
    start: impl FnOnce(&Recipe<'_>) -> T,
) -> T {
    start(&Recipe {
        program: PROGRAM,
        log,
        launch: &|port| {
            write_files(dir, pooler, port).map_err(StackError::io(format!("writing {CONFIGURATION}")))?;
            let mut command = command(program, options.lifetime, User::NotRoot);
            command.arg("--quiet").arg(dir.join(CONFIGURATION));
            Process::spawn(PROGRAM, command, options.lifetime, log)
        },
        is_ready: &|pid, _| is_ready(dir, pid),
    })
}

fn write_files(dir: &Path, pooler: &Pooler, port: u16) -> std::io::Result<()> {
    // Of one that was killed: its number may be another process's by now.
    match fs::remove_file(dir.join(PID_FILE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::write(dir.join(USERS), "\"pollster\" \"\"\n")?;
    fs::write(dir.join(CONFIGURATION), configuration(dir, pooler, port))
}

/// What docker/TOPOLOGIES.md tells operators, on ports of 127.0.0.1 and without passwords.
fn configuration(dir: &Path, pooler: &Pooler, port: u16) -> String {
    let mode = match pooler.mode {
        PoolMode::Transaction => "transaction",
        PoolMode::Session => "session",
    };
    let dropped = if pooler.drops_options { "ignore_startup_parameters = options\n" } else { "" };
    format!(
        "[databases]\n\
         * = host=127.0.0.1 port={postgres}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = trust\n\
         auth_file = {users}\n\
         pidfile = {pid_file}\n\
         pool_mode = {mode}\n\
         default_pool_size = {size}\n\
         max_client_conn = 500\n\
         server_connect_timeout = 3\n\
         server_login_retry = 1\n\
         query_wait_timeout = 8\n\
         tcp_keepidle = 3\n\
         tcp_keepintvl = 1\n\
         tcp_keepcnt = 3\n\
         tcp_user_timeout = 6000\n\
         log_connections = 0\n\
         log_disconnections = 0\n\
         log_stats = 0\n\
         {dropped}",
        postgres = pooler.postgres,
        users = dir.join(USERS).display(),
        pid_file = dir.join(PID_FILE).display(),
        size = pooler.size,
    )
}

/// It says which process it is once it listens.
fn is_ready(dir: &Path, pid: u32) -> bool {
    fs::read_to_string(dir.join(PID_FILE)).is_ok_and(|said| said.trim() == pid.to_string())
}
