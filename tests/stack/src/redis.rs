//! A private Redis.

mod cluster;
mod inline;
mod sentinel;
mod slots;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::launch::{User, command};
use crate::server::{Options, Recipe};
use crate::{Process, Signal, StackError};

pub use cluster::{Primary, RedisCluster};
pub use sentinel::RedisSentinels;

const PROGRAM: &str = "redis-server";
/// How long an orderly end may take.
const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// A Redis server on a port of 127.0.0.1 that writes every change to disk before it answers, and
/// refuses writes rather than forget a key.
#[derive(Debug)]
pub struct Redis {
    dir: PathBuf,
    log: PathBuf,
    options: Options,
    setup: Setup,
    port: u16,
    process: Process,
}

/// What makes one of these different from others.
#[derive(Clone, Debug, Default)]
struct Setup {
    /// A file that the server reads first and writes itself when its place among others changes.
    file: Option<PathBuf>,
    /// Beyond those of every server of its kind.
    settings: Vec<String>,
    /// Whether it watches other servers rather than hold data.
    is_sentinel: bool,
}

impl Redis {
    /// Starts it on the data folder `dir` (made if it is missing) and a free port, and waits until it has
    /// loaded its data and accepts connections.
    ///
    /// # Errors
    /// `NotInstalled`; `Ended` or `TooSlow` with the end of its log.
    pub fn start(dir: &Path) -> Result<Self, StackError> {
        Self::start_with(dir, Options::default())
    }

    /// The same with a choice of port, lifetime and log.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn start_with(dir: &Path, options: Options) -> Result<Self, StackError> {
        Self::launch(dir, options, Setup::default())
    }

    fn launch(dir: &Path, options: Options, setup: Setup) -> Result<Self, StackError> {
        find()?;
        std::fs::create_dir_all(dir).map_err(StackError::io(format!("making {}", dir.display())))?;
        let log = options.log_in(dir);
        let (process, port) = with_recipe(dir, &log, &options, &setup, |recipe| recipe.start(options.port))?;
        Ok(Self { dir: dir.to_owned(), log, options, setup, port, process })
    }

    /// A handle for the server with this pid and port that another process started detached; `None`
    /// where it does not run.
    pub fn attach(dir: &Path, pid: u32, port: u16, options: Options) -> Option<Self> {
        let log = options.log_in(dir);
        let process = Process::adopt(PROGRAM, pid, &log)?;
        Some(Self { dir: dir.to_owned(), log, options, setup: Setup::default(), port, process })
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its port of 127.0.0.1; the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// `TooSlow`; it is killed then.
    pub fn stop(&mut self) -> Result<(), StackError> {
        self.process.terminate(Signal::TERM, STOP_DEADLINE).map(drop)
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
    /// As [`Redis::start`].
    pub fn restart(&mut self) -> Result<(), StackError> {
        self.stop()?;
        let port = self.port;
        let Self { dir, log, options, setup, .. } = self;
        self.process = with_recipe(dir, log, options, setup, |recipe| recipe.start_on(port))?;
        Ok(())
    }

    /// Its process's id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Its process, for signals such as STOP and CONT.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Gives the handle up for that of the process.
    pub fn into_process(self) -> Process {
        self.process
    }
}

fn find() -> Result<PathBuf, StackError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(PROGRAM))
        .find(|program| program.exists())
        .ok_or(StackError::NotInstalled { program: PROGRAM })
}

fn with_recipe<T>(
    dir: &Path,
    log: &Path,
    options: &Options,
    setup: &Setup,
    start: impl FnOnce(&Recipe<'_>) -> T,
) -> T {
    start(&Recipe {
        program: PROGRAM,
        log,
        launch: &|port| {
            let mut command = command(Path::new(PROGRAM), options.lifetime, User::Same);
            command.args(&setup.file).args(setup.arguments(port)).arg("--dir").arg(dir);
            Process::spawn(PROGRAM, command, options.lifetime, log)
        },
        is_ready: &is_ready,
    })
}

impl Setup {
    fn arguments(&self, port: u16) -> Vec<String> {
        let mut arguments = if self.is_sentinel { vec!["--sentinel".to_owned()] } else { Vec::new() };
        let port = port.to_string();
        let common = [
            ("--port", port.as_str()),
            ("--bind", "127.0.0.1"),
            ("--daemonize", "no"),
            ("--supervised", "no"),
        ];
        let data = [
            ("--appendonly", "yes"),
            ("--appendfsync", "always"),
            ("--maxmemory-policy", "noeviction"),
            ("--save", ""),
        ];
        let data = data.into_iter().filter(|_| !self.is_sentinel);
        for (name, value) in common.into_iter().chain(data) {
            arguments.extend([name.to_owned(), value.to_owned()]);
        }
        arguments.extend(self.settings.iter().cloned());
        arguments
    }
}

/// Whether the process itself answers at the port, and no longer loads its data.
fn is_ready(pid: u32, port: u16) -> bool {
    inline::ask(port, &["INFO server", "PING"]).is_ok_and(|answer| {
        answer.lines().any(|line| line == format!("process_id:{pid}"))
            && answer.lines().any(|line| line == "+PONG")
    })
}
