//! A private nginx with the configuration that operators get.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};

use crate::launch::{User, command};
use crate::server::{Options, Recipe};
use crate::{Process, StackError};

const PROGRAM: &str = "nginx";
/// Where Debian keeps it, which is in root's `PATH` only.
const SYSTEM_FOLDER: &str = "/usr/sbin";
const CONFIGURATION: &str = include_str!("../../../docker/nginx.conf");
/// What it includes, under this name.
const GROUPS_FILE: &str = "gateways.conf";
const GROUPS: &str = include_str!("../../../docker/nginx/gateways.conf");
/// The gateways that it names.
const EXAMPLES: [SocketAddr; 2] = [gateway(8080), gateway(8081)];
const PID_FILE: &str = "nginx.pid";
/// In this process and on the terminal, so that it ends with us and says what is wrong. One process: workers
/// would outlive a master that is killed.
const GLOBALS: &str = "daemon off; master_process off; pid nginx.pid; error_log stderr;";
/// The folders for what does not fit into memory.
const TEMPORARY: [&str; 5] = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/// An nginx on a port of 127.0.0.1 before some gateways.
#[derive(Debug)]
pub struct Nginx {
    port: u16,
    #[allow(dead_code, reason = "its drop ends it")]
    process: Process,
}

impl Nginx {
    /// Starts it in the folder `dir` (made if it is missing) on a free port, before gateways that serve REST and
    /// gateways that serve live results.
    ///
    /// # Errors
    /// `NotInstalled`; `Ended` or `TooSlow` with the end of its log.
    ///
    /// # Panics
    /// When the configuration has not, just once, what must be another's here.
    pub fn start(dir: &Path, rest: &[SocketAddr], live: &[SocketAddr]) -> Result<Self, StackError> {
        let program = find()?;
        fs::create_dir_all(dir).map_err(StackError::io(format!("making {}", dir.display())))?;
        let options = Options::default();
        let log = options.log_in(dir);
        let launch = |port| {
            let files = [("nginx.conf", configuration(port)), (GROUPS_FILE, groups(rest, live))];
            for (name, text) in files {
                fs::write(dir.join(name), text).map_err(StackError::io(format!("writing {name}")))?;
            }
            let mut command = command(&program, options.lifetime, User::Same);
            command.arg("-p").arg(dir).args(["-c", "nginx.conf", "-g", GLOBALS]);
            Process::spawn(PROGRAM, command, options.lifetime, &log)
        };
        let is_ready = |pid, _| is_ready(dir, pid);
        let recipe = Recipe { program: PROGRAM, log: &log, launch: &launch, is_ready: &is_ready };
        let (process, port) = recipe.start(options.port)?;
        Ok(Self { port, process })
    }

    /// Where its clients find it.
    pub fn address(&self) -> SocketAddr {
        gateway(self.port)
    }
}

const fn gateway(port: u16) -> SocketAddr {
    SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
}

fn find() -> Result<PathBuf, StackError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([SYSTEM_FOLDER.into()])
        .map(|folder| folder.join(PROGRAM))
        .find(|program| program.exists())
        .ok_or(StackError::NotInstalled { program: PROGRAM })
}

/// The operators' file with another address, and nothing outside of its folder.
fn configuration(port: u16) -> String {
    let temporary: String = TEMPORARY.map(|kind| format!("{kind}_temp_path {kind};\n")).concat();
    let text = replaced(CONFIGURATION, "http {\n", &format!("http {{\n{temporary}"));
    replaced(&text, "listen 80 ", &format!("listen {} ", gateway(port)))
}

/// The operators' groups, of other gateways.
fn groups(rest: &[SocketAddr], live: &[SocketAddr]) -> String {
    let text = replaced(GROUPS, &group("rest", &EXAMPLES), &group("rest", rest));
    replaced(&text, &group("live", &EXAMPLES), &group("live", live))
}

/// The beginning of a group of gateways.
fn group(name: &str, gateways: &[SocketAddr]) -> String {
    let failing = if name == "live" { "max_fails=0" } else { "max_fails=1 fail_timeout=2s" };
    let server = |gateway: &SocketAddr| format!("    server {gateway} {failing};\n");
    format!("upstream {name} {{\n{}", gateways.iter().map(server).collect::<String>())
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(
        text.matches(from).count(),
        1,
        "docker/nginx.conf and what it includes have not just one {from}"
    );
    text.replace(from, to)
}

/// It says which process it is once it listens.
fn is_ready(dir: &Path, pid: u32) -> bool {
    fs::read_to_string(dir.join(PID_FILE)).is_ok_and(|said| said.trim() == pid.to_string())
}
