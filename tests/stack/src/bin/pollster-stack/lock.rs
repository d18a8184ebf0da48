//! One command at a time works on the stack's folder.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::time::Duration;

use pollster_stack::{StackError, until};
use rustix::fs::{FlockOperation, flock};

use crate::paths::Paths;

/// How long another `up` or `down` may hold the folder.
const DEADLINE: Duration = Duration::from_secs(120);

/// Held until dropped, or until this process ends by any means.
pub(crate) struct Lock {
    _file: File,
}

/// Who has the folder.
pub(crate) struct Holder {
    /// The command: `run`, `up` or `down`.
    pub(crate) command: String,
    pub(crate) pid: u32,
}

/// What asking for the folder gives.
pub(crate) enum Attempt {
    Got(Lock),
    /// `None` while the holder is just about to write its name.
    HeldBy(Option<Holder>),
}

impl Lock {
    /// Takes the folder for `command`, unless another has it.
    pub(crate) fn attempt(paths: &Paths, command: &str) -> Result<Attempt, StackError> {
        let path = paths.lock();
        let take = || -> std::io::Result<Attempt> {
            let mut file =
                OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::WOULDBLOCK) => return Ok(Attempt::HeldBy(read_holder(&mut file))),
                Err(error) => return Err(error.into()),
            }
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{command} {}", std::process::id())?;
            Ok(Attempt::Got(Self { _file: file }))
        };
        take().map_err(StackError::io(format!("locking {}", path.display())))
    }

    /// The same, waiting for commands that soon end; `Err` in the result is a `run` that has the folder.
    pub(crate) fn take(paths: &Paths, command: &str) -> Result<Result<Self, Holder>, StackError> {
        until("another pollster-stack", DEADLINE, &paths.lock(), || {
            Ok(match Self::attempt(paths, command)? {
                Attempt::Got(lock) => Some(Ok(lock)),
                Attempt::HeldBy(Some(holder)) if holder.command == "run" => Some(Err(holder)),
                Attempt::HeldBy(_) => None,
            })
        })
    }
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let (command, pid) = text.split_once(' ')?;
    Some(Holder { command: command.to_owned(), pid: pid.parse().ok()? })
}
