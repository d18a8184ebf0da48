//! What lies where in the stack's folder.

use std::path::{Path, PathBuf};

use pollster_stack::{Process, StackError};

/// The stack's folder.
pub(crate) struct Paths(PathBuf);

impl Paths {
    /// Makes the folder with the parts that programs expect to be there.
    pub(crate) fn make(folder: &Path) -> Result<Self, StackError> {
        for part in ["archive", "mail", "logs", "run"] {
            let part = folder.join(part);
            std::fs::create_dir_all(&part).map_err(StackError::io(format!("making {}", part.display())))?;
        }
        let whole = folder.canonicalize().map_err(StackError::io(format!("{}", folder.display())))?;
        Ok(Self(whole))
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }

    pub(crate) fn redis(&self) -> PathBuf {
        self.0.join("redis")
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.0.join("archive")
    }

    pub(crate) fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.0.join("env")
    }

    pub(crate) fn demo_poll(&self) -> PathBuf {
        self.0.join("demo-poll.json")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("run/lock")
    }

    pub(crate) fn log(&self, program: &str) -> PathBuf {
        self.0.join(format!("logs/{program}.log"))
    }

    fn pid_file(&self, program: &str) -> PathBuf {
        self.0.join(format!("run/{program}.pid"))
    }

    /// The process that an earlier start of `program` left behind, if it still runs.
    pub(crate) fn running(&self, program: &str) -> Option<Process> {
        let text = std::fs::read_to_string(self.pid_file(program)).ok()?;
        Process::adopt(program, text.trim().parse().ok()?, &self.log(program))
    }

    pub(crate) fn remember(&self, process: &Process) -> Result<(), StackError> {
        let file = self.pid_file(process.name());
        let write = std::fs::write(&file, format!("{}\n", process.pid()));
        write.map_err(StackError::io(format!("writing {}", file.display())))
    }

    pub(crate) fn forget(&self, program: &str) {
        let _ = std::fs::remove_file(self.pid_file(program));
    }
}
