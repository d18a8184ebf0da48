//! How a child process is tied to us, or let go.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};

use crate::StackError;

/// How long a process lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// No longer than its handle and this process.
    #[default]
    WithParent,
    /// Until somebody ends it: in a session of its own, dropping the handle leaves it alone.
    Detached,
}

/// Who a process believes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// Whoever we are.
    Same,
    /// Never root, for PostgreSQL refuses that. Root gets another number inside a user namespace, so
    /// that the files stay those of the outer user and no path needs opening for another one.
    NotRoot,
}

/// A command for `program`; the wrappers replace themselves by it, so its pid is that of the child.
pub(crate) fn command(program: &Path, lifetime: Lifetime, user: User) -> Command {
    let mut words: Vec<&str> = Vec::new();
    if lifetime == Lifetime::Detached {
        words.push("setsid");
    }
    if user == User::NotRoot && rustix::process::geteuid().is_root() {
        words.extend(["unshare", "--user", "--map-user=1000", "--map-group=1000"]);
    }
    if lifetime == Lifetime::WithParent {
        // After unshare: a change of credentials clears the setting.
        words.extend(["setpriv", "--pdeathsig", "KILL"]);
    }
    let (first, rest) = words.split_first().expect("either lifetime has a wrapper");
    let mut command = Command::new(first);
    command.args(rest).arg(program).stdin(Stdio::null());
    if lifetime == Lifetime::WithParent {
        // Ctrl-C in a terminal goes to us alone, and we end the rest in order. (setsid does so by
        // itself, and would fork in a process that leads a group.)
        command.process_group(0);
    }
    command
}

/// Sends what the command says to the end of `log`.
pub(crate) fn log_to(command: &mut Command, log: &Path) -> Result<(), StackError> {
    let open = || -> io::Result<(File, File)> {
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(log)?;
        Ok((file.try_clone()?, file))
    };
    let (out, err) = open().map_err(StackError::io(format!("opening {}", log.display())))?;
    command.stdout(out).stderr(err);
    Ok(())
}

type Job = (Command, Sender<io::Result<Child>>);

/// The kernel sends the parent-death signal when the *thread* that made a child ends, and a test's
/// thread ends before its process. So one thread that never ends makes them all.
static SPAWNER: LazyLock<Sender<Job>> = LazyLock::new(|| {
    let (sender, jobs) = channel::<Job>();
    std::thread::spawn(move || {
        for (mut command, answer) in jobs {
            let _ = answer.send(command.spawn());
        }
    });
    sender
});

/// Starts the command from the thread that lives as long as this process.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    let (answer, child) = channel();
    let gone = |_| io::Error::other("the thread that starts processes is gone");
    SPAWNER
        .send((command, answer))
        .map_err(|_| io::Error::other("the thread that starts processes is gone"))?;
    child.recv().map_err(gone)?
}
