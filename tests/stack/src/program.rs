//! Our own programs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::launch::{User, command};
use crate::{Exit, Lifetime, Process, Signal, StackError, until};

/// A running program of ours.
#[derive(Debug)]
pub struct Program(Process);

impl Program {
    /// Starts the program `name` (such as `pollster-gateway`) with these variables on top of our own, and its
    /// output at the end of `log`. It ends with its handle or with us.
    ///
    /// # Errors
    /// `NotBuilt`, or the system's.
    pub fn start(name: &str, env: &[(String, String)], log: &Path) -> Result<Self, StackError> {
        Self::start_with(name, &[], env, log, Lifetime::WithParent)
    }

    /// The same with arguments and a choice of lifetime.
    ///
    /// # Errors
    /// As [`Program::start`].
    pub fn start_with(
        name: &str,
        args: &[&str],
        env: &[(String, String)],
        log: &Path,
        lifetime: Lifetime,
    ) -> Result<Self, StackError> {
        let mut command = command(&find_program(name)?, lifetime, User::Same);
        command.args(args).envs(env.iter().map(|(name, value)| (name, value)));
        Process::spawn(name, command, lifetime, log).map(Self)
    }

    /// Runs it to its end, for commands such as `pollster-background migrate`.
    ///
    /// # Errors
    /// `Ended` where it fails; `TooSlow`, and it is killed then.
    pub fn run_once(
        name: &str,
        args: &[&str],
        env: &[(String, String)],
        log: &Path,
        timeout: Duration,
    ) -> Result<(), StackError> {
        let mut program = Self::start_with(name, args, env, log, Lifetime::WithParent)?;
        let what = format!("{name} {}", args.join(" "));
        let exit = until(&what, timeout, log, || program.0.ended())?;
        if exit.success() { Ok(()) } else { Err(program.0.end_as_error(exit)) }
    }

    /// Its process's id.
    pub fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// Sends it a signal: KILL, STOP, CONT, TERM.
    ///
    /// # Errors
    /// The system's.
    pub fn signal(&mut self, signal: Signal) -> Result<(), StackError> {
        self.0.signal(signal)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// `TooSlow` while it still runs.
    pub fn wait(&mut self, timeout: Duration) -> Result<Exit, StackError> {
        self.0.wait(timeout)
    }

    /// Asks it to end (SIGTERM) and waits for that.
    ///
    /// # Errors
    /// `TooSlow` where it still runs after `timeout`; it is then killed.
    pub fn terminate(&mut self, timeout: Duration) -> Result<Exit, StackError> {
        self.0.terminate(Signal::TERM, timeout)
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.0
    }

    /// Gives the handle up for that of the process.
    pub fn into_process(self) -> Process {
        self.0
    }
}

/// The program of that name beside the current one, or a folder above: tests run in `deps`.
///
/// # Errors
/// `NotBuilt`.
pub fn find_program(name: &str) -> Result<PathBuf, StackError> {
    let current = std::env::current_exe().map_err(StackError::io("finding the current program"))?;
    let folder = current.parent().unwrap_or(Path::new("."));
    let candidates = [Some(folder), folder.parent()].into_iter().flatten();
    candidates
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .ok_or_else(|| StackError::NotBuilt { program: name.to_owned(), searched: folder.to_owned() })
}
