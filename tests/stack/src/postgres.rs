//! A private PostgreSQL.

mod frozen;
mod install;
mod standby;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::launch::{User, command};
use crate::server::{Options, Recipe};
use crate::{Process, Signal, StackError, is_running, psql};

pub use frozen::Frozen;

const PROGRAM: &str = "postgres";
/// How long a fast shutdown, which writes a checkpoint, may take.
const STOP_DEADLINE: Duration = Duration::from_secs(30);
/// The programs' pools, the tests' own connections, and psql beside them.
const MAX_CONNECTIONS: u16 = 200;

/// A PostgreSQL server on a port of 127.0.0.1, with the superuser `pollster` and no password. Its
/// settings are the durable defaults: what it confirms survives its own and the machine's crash.
#[derive(Debug)]
pub struct Postgres {
    dir: PathBuf,
    bin: PathBuf,
    log: PathBuf,
    options: Options,
    port: u16,
    process: Process,
}

impl Postgres {
    /// Starts it on the data folder `dir` (made, if it is missing or empty) and a free port, and waits
    /// until it accepts connections.
    ///
    /// # Errors
    /// `NotInstalled`; `Ended` or `TooSlow` with the end of its log.
    pub fn start(dir: &Path) -> Result<Self, StackError> {
        Self::start_with(dir, Options::default())
    }

    /// The same with a choice of port, lifetime and log.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_with(dir: &Path, options: Options) -> Result<Self, StackError> {
        let bin = install::find()?;
        install::make_data_folder(&bin, dir)?;
        // The whole path stands in the server's command line, by which it is told from others.
        let dir = dir.canonicalize().map_err(StackError::io(format!("{}", dir.display())))?;
        forget_dead_owner(&dir);
        let log = options.log_in(&dir);
        let (process, port) = with_recipe(&dir, &bin, &log, &options, |recipe| recipe.start(options.port))?;
        Ok(Self { dir, bin, log, options, port, process })
    }

    /// A handle for the server on `dir` that another process started detached; `None` where it does
    /// not run.
    ///
    /// # Errors
    /// `NotInstalled`.
    pub fn attach(dir: &Path, options: Options) -> Result<Option<Self>, StackError> {
        let bin = install::find()?;
        let log = options.log_in(dir);
        let Some((pid, port)) = owner(dir) else { return Ok(None) };
        Ok(Process::adopt(PROGRAM, pid, &log).map(|process| Self {
            dir: dir.to_owned(),
            bin,
            log,
            options,
            port,
            process,
        }))
    }

    /// Where clients find the database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://pollster@127.0.0.1:{}/{database}", self.port)
    }

    /// Its port of 127.0.0.1; the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes an empty database.
    ///
    /// # Errors
    /// `Psql`, for instance when there is one of that name; `BadDatabaseName`.
    pub fn create_database(&self, name: &str) -> Result<(), StackError> {
        self.psql(&format!("CREATE DATABASE {}", psql::checked(name)?)).map(drop)
    }

    /// Makes a copy of the database `template`, to which nobody may be connected.
    ///
    /// # Errors
    /// `Psql`, `BadDatabaseName`.
    pub fn create_database_from(&self, name: &str, template: &str) -> Result<(), StackError> {
        let (name, template) = (psql::checked(name)?, psql::checked(template)?);
        self.psql(&format!("CREATE DATABASE {name} TEMPLATE {template}")).map(drop)
    }

    /// Removes a database with the connections to it, if it is there.
    ///
    /// # Errors
    /// `Psql`, `BadDatabaseName`.
    pub fn drop_database(&self, name: &str) -> Result<(), StackError> {
        self.psql(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", psql::checked(name)?)).map(drop)
    }

    /// Whether there is a database of that name.
    ///
    /// # Errors
    /// `Psql`, `BadDatabaseName`.
    pub fn has_database(&self, name: &str) -> Result<bool, StackError> {
        let query = format!("SELECT 1 FROM pg_database WHERE datname = '{}'", psql::checked(name)?);
        Ok(!self.psql(&query)?.is_empty())
    }

    /// Runs a statement in the database `postgres`; returns its rows as bare text.
    ///
    /// # Errors
    /// `Psql`.
    pub fn psql(&self, statement: &str) -> Result<String, StackError> {
        psql::run(&self.bin, self.port, statement)
    }

    /// Ends it in order, and every connection with it.
    ///
    /// # Errors
    /// `TooSlow`; it is killed then.
    pub fn stop(&mut self) -> Result<(), StackError> {
        self.process.terminate(Signal::INT, STOP_DEADLINE).map(drop)
    }

    /// Kills it, as the machine's crash would.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(&mut self) -> Result<(), StackError> {
        self.process.kill()
    }

    /// Starts it again on the same port and data; stops it first, should it still run.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn restart(&mut self) -> Result<(), StackError> {
        self.stop()?;
        forget_dead_owner(&self.dir);
        let port = self.port;
        self.process =
            with_recipe(&self.dir, &self.bin, &self.log, &self.options, |recipe| recipe.start_on(port))?;
        Ok(())
    }

    /// The main process's id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Its main process, for signals such as STOP and CONT.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Gives the handle up for that of the process.
    pub fn into_process(self) -> Process {
        self.process
    }
}

fn with_recipe<T>(
    dir: &Path,
    bin: &Path,
    log: &Path,
    options: &Options,
    start: impl FnOnce(&Recipe<'_>) -> T,
) -> T {
    start(&Recipe {
        program: PROGRAM,
        log,
        launch: &|port| {
            let mut command = command(&bin.join(PROGRAM), options.lifetime, User::NotRoot);
            command.arg("-D").arg(dir).args(settings(port)).env("LC_ALL", "C");
            Process::spawn(PROGRAM, command, options.lifetime, log)
        },
        is_ready: &|pid, port| is_ready(dir, pid, port),
    })
}

fn settings(port: u16) -> Vec<String> {
    [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        format!("max_connections={MAX_CONNECTIONS}"),
        "fsync=on".to_owned(),
        "synchronous_commit=on".to_owned(),
        "full_page_writes=on".to_owned(),
        "log_checkpoints=off".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
    ]
    .into_iter()
    .flat_map(|setting| ["-c".to_owned(), setting])
    .collect()
}

/// The server writes its pid, port and state into its folder (pg_ctl reads them there, too). Asking the port
/// instead could reach another server.
fn is_ready(dir: &Path, pid: u32, port: u16) -> bool {
    owner(dir) == Some((pid, port)) && owner_line(dir, 7).as_deref() == Some("ready")
}

/// Pid and port of the server that claims the data folder.
fn owner(dir: &Path) -> Option<(u32, u16)> {
    Some((owner_line(dir, 0)?.parse().ok()?, owner_line(dir, 3)?.parse().ok()?))
}

fn owner_line(dir: &Path, number: usize) -> Option<String> {
    let text = std::fs::read_to_string(dir.join("postmaster.pid")).ok()?;
    text.lines().nth(number).map(|line| line.trim().to_owned())
}

/// After a crash the claim stays behind. The server sees by itself when no process has that number; another
/// one that has it by now would keep the server from starting.
fn forget_dead_owner(dir: &Path) {
    let pid: Option<u32> = owner_line(dir, 0).and_then(|line| line.parse().ok());
    let has_number = |pid: &u32| is_running(*pid, "");
    if pid.filter(has_number).is_some_and(|pid| !is_running(pid, &dir.to_string_lossy())) {
        let _ = std::fs::remove_file(dir.join("postmaster.pid"));
    }
}
