//! A process that we started, or that an earlier run left behind for us.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};

use crate::{Lifetime, StackError, is_running, launch, wait};

/// How long a killed process may take to be gone.
const KILL_DEADLINE: Duration = Duration::from_secs(10);

/// How a process ended.
#[derive(Clone, Copy, Debug)]
pub struct Exit(Option<ExitStatus>);

impl Exit {
    /// Whether it ended by itself with status 0; false where that is unknown.
    pub fn success(self) -> bool {
        self.0.is_some_and(|status| status.success())
    }

    /// Its exit code; `None` after a signal, or where it was not our child.
    pub fn code(self) -> Option<i32> {
        self.0.and_then(|status| status.code())
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => status.fmt(f),
            None => f.write_str("exit status unknown"),
        }
    }
}

/// A running process; with [`Lifetime::WithParent`] it is killed on drop.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: u32,
    /// None where it is not our child.
    child: Option<Child>,
    lifetime: Lifetime,
    log: PathBuf,
}

impl Process {
    pub(crate) fn spawn(
        name: &str,
        mut command: Command,
        lifetime: Lifetime,
        log: &Path,
    ) -> Result<Self, StackError> {
        launch::log_to(&mut command, log)?;
        let child = launch::spawn(command).map_err(StackError::io(format!("starting {name}")))?;
        let (name, log) = (name.to_owned(), log.to_owned());
        Ok(Self { name, pid: child.id(), child: Some(child), lifetime, log })
    }

    /// A handle for the process `pid` of the program `name` that another process started; `None` where it
    /// does not run. Dropping the handle leaves it alone.
    pub fn adopt(name: &str, pid: u32, log: &Path) -> Option<Self> {
        let (lifetime, log) = (Lifetime::Detached, log.to_owned());
        is_running(pid, name).then(|| Self { name: name.to_owned(), pid, child: None, lifetime, log })
    }

    /// Its id, also after it ended.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The name of its program.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it logs.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Sends it a signal; one that has ended is no error.
    ///
    /// # Errors
    /// The system's, where it refuses.
    pub fn signal(&mut self, signal: Signal) -> Result<(), StackError> {
        // Once it is reaped, its number may be another's.
        if self.ended()?.is_some() {
            return Ok(());
        }
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else { return Ok(()) };
        match kill_process(pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(StackError::io(format!("signalling {}", self.name))(error.into())),
        }
    }

    /// How it ended; `None` while it runs.
    ///
    /// # Errors
    /// The system's.
    pub fn ended(&mut self) -> Result<Option<Exit>, StackError> {
        let Some(child) = &mut self.child else {
            return Ok((!is_running(self.pid, &self.name)).then_some(Exit(None)));
        };
        let status = child.try_wait().map_err(StackError::io(format!("waiting for {}", self.name)))?;
        Ok(status.map(|status| Exit(Some(status))))
    }

    /// The error for an end that was not asked for; `None` while it runs.
    ///
    /// # Errors
    /// The system's.
    pub fn unexpected_end(&mut self) -> Result<Option<StackError>, StackError> {
        Ok(self.ended()?.map(|exit| self.end_as_error(exit)))
    }

    pub(crate) fn end_as_error(&self, exit: Exit) -> StackError {
        let (program, log) = (self.name.clone(), self.log.clone());
        StackError::Ended { program, status: exit.to_string(), log }
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// `TooSlow` after `timeout`, while it still runs.
    pub fn wait(&mut self, timeout: Duration) -> Result<Exit, StackError> {
        let (what, log) = (format!("the end of {}", self.name), self.log.clone());
        wait::regardless(&what, timeout, &log, || self.ended())
    }

    /// Asks it to end and waits for that.
    ///
    /// # Errors
    /// `TooSlow` where it still runs after `timeout`; it is then killed.
    pub fn terminate(&mut self, signal: Signal, timeout: Duration) -> Result<Exit, StackError> {
        self.signal(signal)?;
        let ended = self.wait(timeout);
        if ended.is_err() {
            self.kill()?;
        }
        ended
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(&mut self) -> Result<(), StackError> {
        self.signal(Signal::KILL)?;
        self.wait(KILL_DEADLINE).map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.lifetime == Lifetime::WithParent {
            let _ = self.kill();
        }
    }
}
