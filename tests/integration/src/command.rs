//! The one-off commands of `pollster-background`, run beside a stack.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use pollster_stack::find_program;
use serde_json::Value;

use crate::stack::Stack;
use crate::wait::blocking;

/// What became of a command.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ran {
    /// Its standard output as JSON.
    ///
    /// # Panics
    /// Where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Itself, after it succeeded.
    ///
    /// # Panics
    /// Where it failed.
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

impl Stack {
    /// Runs `pollster-background` with these arguments and the stack's variables, to its end.
    pub async fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[]).await
    }

    /// The same with variables of its own beside those of the stack.
    pub async fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let mut command = self.command(args);
        command.envs(env.iter().copied());
        let output = blocking(move || command.output().expect("it starts")).await;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints UTF-8");
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Starts `pollster-background` with these arguments and the stack's variables; it is killed when dropped.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn spawn(&self, args: &[&str]) -> tokio::process::Child {
        let mut command = tokio::process::Command::from(self.command(args));
        command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        command.spawn().expect("it starts")
    }

    /// `pollster-background` with these arguments and the stack's variables, to be started by the test itself.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(find_program("pollster-background").expect("it is built"));
        command.args(args).env_clear().envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// The folder of the stack's archive, where no other was set.
    pub fn archive_folder(&self) -> PathBuf {
        self.scratch.path().join("archive")
    }
}
