//! Streaming standbys: copies of a running PostgreSQL that follow it, and may take over.
//!
//! A standby is a [`Postgres`] like any other. Which of them a primary waits for is the primary's choice:
//! [`Postgres::wait_for_standbys`].

use std::path::Path;
use std::time::Duration;

use super::{Options, Postgres, install};
use crate::launch::{User, command};
use crate::{Lifetime, Process, StackError, psql, until};

/// Another copy begins with a checkpoint, which removes what a standby that has just come may ask for.
const KEEP: &str = "ALTER SYSTEM SET wal_keep_size = '256MB'";
/// Copying an empty installation takes a second or two; a full machine takes longer.
const COPY_DEADLINE: Duration = Duration::from_secs(120);
/// How long a standby may take to connect, to catch up or to take over.
const DEADLINE: Duration = Duration::from_secs(60);

impl Postgres {
    /// Starts a standby of this server on the data folder `dir`, which must be missing or empty, and a free port. It
    /// is called `name` at its primary, and followed asynchronously until the primary is told to wait for it.
    ///
    /// # Errors
    /// `NotInstalled`, `BadDatabaseName` for a name that would need quoting; `Ended` or `TooSlow` with the end of a log.
    pub fn start_standby(&self, dir: &Path, name: &str) -> Result<Self, StackError> {
        self.copy_to(dir, name)?;
        let standby = Self::start_with(dir, Options { port: None, ..self.options.clone() })?;
        standby.wait_for_standbys(&[])?;
        self.wait_until_streaming(name)?;
        Ok(standby)
    }

    /// Throws the data of this server away and starts it again on its own port as the standby `name` of `primary`: how a
    /// primary that was replaced comes back.
    ///
    /// # Errors
    /// As [`Postgres::start_standby`].
    pub fn follow(&mut self, primary: &Self, name: &str) -> Result<(), StackError> {
        self.kill()?;
        std::fs::remove_dir_all(&self.dir).map_err(StackError::io("removing a replaced server's data"))?;
        primary.copy_to(&self.dir, name)?;
        self.restart()?;
        self.wait_for_standbys(&[])?;
        primary.wait_until_streaming(name)
    }

    /// Lets every commit wait until one of these standbys has it on disk; none: commits wait for nobody. Returns once
    /// it holds, which needs one of them to be connected.
    ///
    /// # Errors
    /// `Psql`, `BadDatabaseName`; `TooSlow` where none of them is connected.
    pub fn wait_for_standbys(&self, names: &[&str]) -> Result<(), StackError> {
        let quoted = |name: &&str| Ok(format!("\"{}\"", psql::checked(name)?));
        let names: Vec<String> = names.iter().map(quoted).collect::<Result<_, StackError>>()?;
        let setting = if names.is_empty() { String::new() } else { format!("ANY 1 ({})", names.join(", ")) };
        self.psql(&format!("ALTER SYSTEM SET synchronous_standby_names = '{setting}'"))?;
        self.psql("SELECT pg_reload_conf()")?;
        if names.is_empty() {
            return self.wait_for("SHOW synchronous_standby_names", "", "commits that wait for nobody");
        }
        let synchronous =
            "SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')";
        self.wait_for(synchronous, "t", "a synchronous standby")
    }

    /// Makes a standby the primary, and returns once it takes writes. It waits for no standby of its own then.
    ///
    /// # Errors
    /// `Psql`, for instance where it is none; `TooSlow`.
    pub fn promote(&self) -> Result<(), StackError> {
        self.psql("SELECT pg_promote(wait => false)")?;
        self.wait_for("SELECT pg_is_in_recovery()", "f", "the promotion of a standby")
    }

    /// Whether it is a standby.
    ///
    /// # Errors
    /// `Psql`.
    pub fn is_standby(&self) -> Result<bool, StackError> {
        Ok(self.psql("SELECT pg_is_in_recovery()")? == "t")
    }

    /// Stops a standby from applying what it receives: what is read there stays as it is.
    ///
    /// # Errors
    /// `Psql`, for instance where it is no standby; `TooSlow`.
    pub fn pause_replay(&self) -> Result<(), StackError> {
        self.psql("SELECT pg_wal_replay_pause()")?;
        self.wait_for("SELECT pg_get_wal_replay_pause_state()", "paused", "the pause of a standby")
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// `Psql`, for instance where it is no standby.
    pub fn resume_replay(&self) -> Result<(), StackError> {
        self.psql("SELECT pg_wal_replay_resume()").map(drop)
    }

    fn wait_until_streaming(&self, name: &str) -> Result<(), StackError> {
        let streaming = format!(
            "SELECT count(*) > 0 FROM pg_stat_replication WHERE application_name = '{name}' AND state = 'streaming'"
        );
        self.wait_for(&streaming, "t", "a standby that follows")
    }

    fn wait_for(&self, question: &str, answer: &str, what: &str) -> Result<(), StackError> {
        until(what, DEADLINE, &self.log, || Ok((self.psql(question)? == answer).then_some(())))
    }

    /// Copies the running server; the copy knows whom it follows.
    fn copy_to(&self, dir: &Path, name: &str) -> Result<(), StackError> {
        self.psql(KEEP)?;
        self.psql("SELECT pg_reload_conf()")?;
        let bin = install::find()?;
        let connection = format!(
            "host=127.0.0.1 port={} user=pollster application_name={}",
            self.port,
            psql::checked(name)?
        );
        let mut command = command(&bin.join("pg_basebackup"), Lifetime::WithParent, User::NotRoot);
        command.arg("--pgdata").arg(dir).arg("--dbname").arg(connection);
        command.args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-password"]);
        let log = dir.with_extension("basebackup.log");
        let mut process = Process::spawn("pg_basebackup", command, Lifetime::WithParent, &log)?;
        let exit = until("pg_basebackup", COPY_DEADLINE, &log, || process.ended())?;
        if !exit.success() {
            return Err(process.end_as_error(exit));
        }
        let _ = std::fs::remove_file(&log);
        Ok(())
    }
}
