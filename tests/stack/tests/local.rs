//! `pollster-stack run`, `up` and `down` with stand-ins for our programs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use pollster_stack::{Process, Scratch, Signal, find_program, is_running, until};

const PROGRAMS: [&str; 3] = ["pollster-gateway", "pollster-aggregator", "pollster-background"];
const DEADLINE: Duration = Duration::from_secs(60);

/// The program beside stand-ins that do nothing. Made once, before any test starts a process: one that is
/// just being started would hold a file open for writing that another is about to execute.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stand-ins");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    for program in PROGRAMS {
        let path = folder.join(program);
        let script = "#!/bin/sh\n[ \"$1\" = migrate ] && exit 0\nwhile :; do sleep 0.1; done\n";
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let program = folder.join("pollster-stack");
    std::fs::copy(env!("CARGO_BIN_EXE_pollster-stack"), &program).unwrap();
    program
});

/// A stack's folder; this test itself answers in the gateway's place.
struct Local {
    scratch: Scratch,
    listen: String,
}

impl Local {
    fn new() -> Self {
        LazyLock::force(&PROGRAM);
        Self { scratch: Scratch::new("local").unwrap(), listen: answer_as_gateway() }
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&*PROGRAM);
        command.arg(name).current_dir(self.scratch.path()).env("LISTEN", &self.listen);
        command
    }

    fn run(&self, name: &str) -> Output {
        self.command(name).output().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn pid(&self, program: &str) -> Option<u32> {
        let text = std::fs::read_to_string(self.path(&format!(".local/run/{program}.pid"))).ok()?;
        text.trim().parse().ok()
    }

    fn pids(&self) -> Vec<(&'static str, u32)> {
        let names = PROGRAMS.into_iter().chain(["redis-server", "postgres"]);
        names.filter_map(|name| Some((name, self.pid(name)?))).collect()
    }
}

/// A failed test leaves nothing in the background either.
impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.run("down");
    }
}

/// Says 200 and an active poll to everything; returns its address.
fn answer_as_gateway() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let status = if request.starts_with(b"POST") { "201 Created" } else { "200 OK" };
            let poll =
                r#"{"poll_id": "p-1", "url": "http://polls/p/x", "status": "active", "questions": []}"#;
            let _ = write!(stream, "HTTP/1.0 {status}\r\n\r\n{poll}");
        }
    });
    address
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn up_outlives_its_command_is_idempotent_and_down_ends_it() {
    let local = Local::new();
    let up = local.run("up");
    assert!(up.status.success(), "{}", text(&up));
    for named in ["/api/v1/polls/p-1/votes", "http://polls/p/x\n"] {
        assert!(text(&up).contains(named), "{}", text(&up));
    }
    let pids = local.pids();
    assert_eq!(pids.len(), 5);
    assert!(pids.iter().all(|(name, pid)| is_running(*pid, name)));
    let env = std::fs::read_to_string(local.path(".local/env")).unwrap();
    for name in ["DATABASE_URL", "REDIS_URL", "HASH_SECRET", "MAIL_FOLDER", "PUBLIC_URL", "LISTEN"] {
        assert!(env.contains(&format!("\nexport {name}=")), "{name} in {env}");
    }

    assert!(local.run("up").status.success());
    assert_eq!(local.pids(), pids);
    let run = local.run("run");
    assert!(!run.status.success());
    assert!(text(&run).contains("make down"), "{}", text(&run));

    assert!(local.run("down").status.success());
    assert!(pids.iter().all(|(name, pid)| !is_running(*pid, name)));
    assert!(local.pids().is_empty());

    // The next one has the same secrets; its admin ports differ where the usual ones are taken.
    assert!(local.run("up").status.success());
    let next = std::fs::read_to_string(local.path(".local/env")).unwrap();
    assert_eq!(secrets(&next), secrets(&env));
    assert_eq!(secrets(&env).len(), 2);
}

fn secrets(env: &str) -> Vec<&str> {
    env.lines().filter(|line| line.contains("_SECRET=")).collect()
}

#[test]
fn up_starts_again_what_has_died_on_the_same_port() {
    let local = Local::new();
    assert!(local.run("up").status.success());
    let (before, env) = (local.pids(), std::fs::read_to_string(local.path(".local/env")).unwrap());
    let mut redis =
        Process::adopt("redis-server", local.pid("redis-server").unwrap(), Path::new("none")).unwrap();
    redis.kill().unwrap();
    assert!(local.run("up").status.success());
    assert!(is_running(local.pid("redis-server").unwrap(), "redis-server"));
    assert_eq!(local.pid("pollster-gateway"), Some(before[0].1));
    assert_eq!(std::fs::read_to_string(local.path(".local/env")).unwrap(), env);
}

#[test]
fn run_ends_all_with_an_error_when_a_program_dies() {
    let local = Local::new();
    let run = local.command("run").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let log = local.path(".local/demo-poll.json");
    until("the start", DEADLINE, &log, || Ok(log.exists().then_some(()))).unwrap();
    let pids = local.pids();
    let aggregator = local.pid("pollster-aggregator").unwrap();
    Process::adopt("pollster-aggregator", aggregator, &log).unwrap().kill().unwrap();
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("pollster-aggregator ended"), "{}", text(&output));
    assert!(pids.iter().all(|(name, pid)| !is_running(*pid, name)));
}

#[test]
fn run_ends_in_order_at_a_signal_without_an_error() {
    let local = Local::new();
    let run = local.command("run").stdout(Stdio::piped()).spawn().unwrap();
    let log = local.path(".local/demo-poll.json");
    until("the start", DEADLINE, &log, || Ok(log.exists().then_some(()))).unwrap();
    let pids = local.pids();
    assert!(text(&local.run("up")).contains("up already, by make run"));
    Process::adopt("pollster-stack", run.id(), &log).unwrap().signal(Signal::TERM).unwrap();
    let output = run.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(pids.iter().all(|(name, pid)| !is_running(*pid, name)));
}

/// What the stack chooses itself, whoever asks for something else; roles and shards are arguments of one process.
const CHOSEN: [&str; 7] =
    ["DATABASE_URL", "REDIS_URL", "LISTEN", "ADMIN_LISTEN", "JWT_SECRET", "SERVE", "SHARDS"];

/// The variables that the real programs and their commands take, as `--help` names them.
fn variables() -> BTreeSet<String> {
    let mut variables = BTreeSet::new();
    for arguments in [
        ["pollster-gateway", "--help"].as_slice(),
        &["pollster-aggregator", "--help"],
        &["pollster-background", "run", "--help"],
        &["pollster-background", "reconcile", "--help"],
    ] {
        let help = Command::new(find_program(arguments[0]).unwrap()).args(&arguments[1..]).output().unwrap();
        assert!(help.status.success(), "{arguments:?}");
        for named in text(&help).split("[env: ").skip(1) {
            let end = named.find(['=', ']']).unwrap();
            variables.insert(named[..end].to_owned());
        }
    }
    variables
}

#[test]
fn every_variable_that_a_program_takes_is_passed_on_and_written_down_for_a_shell() {
    let variables: Vec<String> =
        variables().into_iter().filter(|name| !CHOSEN.contains(&name.as_str())).collect();
    assert!(variables.len() > 30, "{variables:?}");
    let local = Local::new();
    let mut up = local.command("up");
    for name in &variables {
        up.env(name, format!("value of {name}"));
    }
    let up = up.output().unwrap();
    assert!(up.status.success(), "{}", text(&up));
    let env = std::fs::read_to_string(local.path(".local/env")).unwrap();
    for name in &variables {
        assert!(env.contains(&format!("\nexport {name}='value of {name}'\n")), "{name} in {env}");
    }
}
