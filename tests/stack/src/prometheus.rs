//! A private Prometheus with the configuration and alerts that operators get.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::launch::{User, command};
use crate::server::{Options, Recipe};
use crate::{Process, StackError, skipped};

const PROGRAM: &str = "prometheus";
const PROMTOOL: &str = "promtool";
const CONFIGURATION: &str = include_str!("../../../docker/prometheus/prometheus.yml");
const ALERTS: &str = include_str!("../../../docker/prometheus/alerts.yml");
/// What a test would wait for too long.
const INTERVALS: [&str; 2] = ["scrape_interval", "evaluation_interval"];
/// How long it may take to say that it is ready.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// A Prometheus on a port of 127.0.0.1 that scrapes some programs every second.
#[derive(Debug)]
pub struct Prometheus {
    port: u16,
    #[allow(dead_code, reason = "its drop ends it")]
    process: Process,
}

/// Where `promtool` is, which comes with Prometheus.
///
/// # Errors
/// `NotInstalled`.
pub fn find_promtool() -> Result<PathBuf, StackError> {
    find(PROMTOOL)
}

impl Prometheus {
    /// Whether its programs are not on this machine; says then that what would use them is skipped.
    pub fn is_missing() -> bool {
        let found = find(PROGRAM).and_then(|_| find_promtool());
        if let Err(missing) = &found {
            skipped(missing);
        }
        found.is_err()
    }

    /// Starts it in the folder `dir` (made if it is missing) on a free port. `targets` are the admin listeners to scrape,
    /// by the name of the file that operators write them into: `gateway`, `aggregator`, `background`.
    ///
    /// # Errors
    /// `NotInstalled`; `Ended` or `TooSlow` with the end of its log.
    ///
    /// # Panics
    /// When the configuration has not, just once, what must be another's here.
    pub fn start(dir: &Path, targets: &[(&str, Vec<SocketAddr>)]) -> Result<Self, StackError> {
        let program = find(PROGRAM)?;
        write_files(dir, targets).map_err(StackError::io("writing Prometheus's files"))?;
        let options = Options::default();
        let log = options.log_in(dir);
        let data = dir.join("data");
        let launch = |port: u16| {
            let mut command = command(&program, options.lifetime, User::Same);
            command
                .arg(format!("--config.file={}", dir.join("prometheus.yml").display()))
                .arg(format!("--storage.tsdb.path={}", data.display()))
                .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                .arg("--log.level=warn");
            Process::spawn(PROGRAM, command, options.lifetime, &log)
        };
        let is_ready = |_, port| is_ready(port, &data).unwrap_or(false);
        let recipe = Recipe { program: PROGRAM, log: &log, launch: &launch, is_ready: &is_ready };
        let (process, port) = recipe.start(options.port)?;
        Ok(Self { port, process })
    }

    /// Where its API is.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}

fn find(program: &'static str) -> Result<PathBuf, StackError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|program| program.exists())
        .ok_or(StackError::NotInstalled { program })
}

/// The operators' files, looked at every second, beside the targets.
fn write_files(dir: &Path, targets: &[(&str, Vec<SocketAddr>)]) -> io::Result<()> {
    let folder = dir.join("targets");
    fs::create_dir_all(&folder)?;
    for (name, addresses) in targets {
        let addresses: Vec<String> = addresses.iter().map(|address| format!("'{address}'")).collect();
        fs::write(folder.join(format!("{name}.yml")), format!("- targets: [{}]\n", addresses.join(", ")))?;
    }
    fs::write(dir.join("alerts.yml"), ALERTS)?;
    let configuration = INTERVALS.iter().fold(CONFIGURATION.to_owned(), |text, interval| {
        let from = format!("{interval}: 15s");
        assert_eq!(
            text.matches(&from).count(),
            1,
            "docker/prometheus/prometheus.yml has not just one {from}"
        );
        text.replace(&from, &format!("{interval}: 1s"))
    });
    fs::write(dir.join("prometheus.yml"), configuration)
}

/// It answers once it is ready; which one it is shows in where its data is.
fn is_ready(port: u16, data: &Path) -> io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    // Version 1.0: the answer ends with the connection.
    stream.write_all(b"GET /api/v1/status/flags HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.contains(" 200 OK\r\n") && answer.contains(&data.display().to_string()))
}
