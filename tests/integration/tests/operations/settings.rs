//! Settings as files give them to the programs, held against what the programs take.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pollster_integration::DEADLINE;
use pollster_stack::{Lifetime, Program, Scratch, find_program, until};

/// A secret that is long enough.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// Object storage is told of its credentials by the provider's own variables, which are not ours to list.
const OF_PROVIDERS: [&str; 5] =
    ["AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/// A variable and its value, each.
pub(crate) type Environment = BTreeMap<String, String>;

/// The variables that a program, or a command of it, takes by its own account.
pub(crate) fn known(program: &str, command: &[&str]) -> BTreeSet<String> {
    let mut help = Command::new(find_program(program).unwrap());
    let output = help.args(command).arg("--help").env_clear().output().unwrap();
    assert!(output.status.success(), "{program} {command:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let named = said.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
    let mut known: BTreeSet<String> = named.map(str::to_owned).collect();
    if known.contains("ARCHIVE_URL") {
        known.extend(OF_PROVIDERS.map(str::to_owned));
    }
    known
}

/// Starts a program with these arguments and variables, its admin listener on `admin_port`, waits until it lives, and kills
/// it. None of the servers that it asks for is there, which keeps none from starting; a setting that is bad or missing
/// does.
pub(crate) fn starts(program: &str, args: &[&str], environment: &Environment, admin_port: u16) {
    let folder = Scratch::new("settings").unwrap();
    let log = folder.path().join("log");
    let mut environment = environment.clone();
    environment.insert("MAIL_FOLDER".to_owned(), folder.path().join("mail").display().to_string());
    let environment: Vec<_> = environment.into_iter().collect();
    let mut running = Program::start_with(program, args, &environment, &log, Lifetime::WithParent).unwrap();
    until(&format!("{program} {args:?} lives"), DEADLINE, &log, || {
        let ended = running.process().ended()?;
        assert!(ended.is_none(), "{program} {args:?} ended: {}", said(&log));
        Ok(lives(admin_port).then_some(()))
    })
    .unwrap();
}

fn said(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

fn lives(admin_port: u16) -> bool {
    let answer = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", admin_port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    answer().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
