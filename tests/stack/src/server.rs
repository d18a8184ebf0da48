//! What starting either server has in common.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::{Lifetime, Process, StackError, ports, wait};

/// How long a server may take to accept connections; recovery after a crash counts in.
const READY_DEADLINE: Duration = Duration::from_secs(60);
/// How many ports are tried before giving up.
const PORT_TRIES: u32 = 10;
/// How long a server is started again when the one before has not quite gone.
const PREDECESSOR_DEADLINE: Duration = Duration::from_secs(20);
/// The pause before that.
const PREDECESSOR_STEP: Duration = Duration::from_millis(50);

/// How to start a server; the default is what tests want.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How long it lives.
    pub lifetime: Lifetime,
    /// The port to take if it is free; else, and by default, any free one.
    pub port: Option<u16>,
    /// Where it logs; by default `server.log` in its folder.
    pub log: Option<PathBuf>,
}

impl Options {
    pub(crate) fn log_in(&self, folder: &Path) -> PathBuf {
        self.log.clone().unwrap_or_else(|| folder.join("server.log"))
    }
}

/// One server to start: how, and how it shows that it is ready.
pub(crate) struct Recipe<'a> {
    pub(crate) program: &'static str,
    pub(crate) log: &'a Path,
    pub(crate) launch: &'a dyn Fn(u16) -> Result<Process, StackError>,
    /// Whether this very process, not another at the same port, accepts connections there.
    pub(crate) is_ready: &'a dyn Fn(u32, u16) -> bool,
}

/// Why a server did not start.
enum Failure {
    PortTaken,
    PredecessorAlive,
    Other(StackError),
}

impl Recipe<'_> {
    /// Starts it on the preferred port, or on a free one.
    pub(crate) fn start(&self, preferred: Option<u16>) -> Result<(Process, u16), StackError> {
        let mut next = preferred.filter(|port| ports::is_free(*port));
        for _ in 0..PORT_TRIES {
            let port = next.take().map_or_else(ports::free_port, Ok)?;
            match self.start_after_predecessor(port) {
                Ok(process) => return Ok((process, port)),
                Err(Failure::Other(error)) => return Err(error),
                Err(Failure::PortTaken | Failure::PredecessorAlive) => {}
            }
        }
        Err(StackError::NoFreePort { program: self.program, tries: PORT_TRIES })
    }

    /// Starts it on this port and no other, waiting for the port where it must.
    pub(crate) fn start_on(&self, port: u16) -> Result<Process, StackError> {
        let start = Instant::now();
        loop {
            match self.start_after_predecessor(port) {
                Ok(process) => return Ok(process),
                Err(Failure::Other(error)) => return Err(error),
                Err(_) if start.elapsed() > PREDECESSOR_DEADLINE => {
                    let what = format!("getting port {port} back for {}", self.program);
                    let (seconds, log) = (PREDECESSOR_DEADLINE.as_secs(), self.log.to_owned());
                    return Err(StackError::TooSlow { what, seconds, log });
                }
                Err(_) => std::thread::sleep(PREDECESSOR_STEP),
            }
        }
    }

    /// A killed PostgreSQL's children outlive it for a moment, and its successor refuses to start then.
    fn start_after_predecessor(&self, port: u16) -> Result<Process, Failure> {
        let start = Instant::now();
        loop {
            match self.start_once(port) {
                Err(Failure::PredecessorAlive) if start.elapsed() < PREDECESSOR_DEADLINE => {
                    std::thread::sleep(PREDECESSOR_STEP);
                }
                other => return other,
            }
        }
    }

    fn start_once(&self, port: u16) -> Result<Process, Failure> {
        let before = std::fs::metadata(self.log).map_or(0, |data| data.len());
        let mut process = (self.launch)(port).map_err(Failure::Other)?;
        let what = format!("the start of {}", self.program);
        let ready = wait::until(&what, READY_DEADLINE, self.log, || {
            // In this order: a process that has ended may have been ready before.
            let ready = (self.is_ready)(process.pid(), port);
            match process.unexpected_end()? {
                Some(error) => Err(error),
                None => Ok(ready.then_some(())),
            }
        });
        match ready {
            Ok(()) => Ok(process),
            Err(error) => {
                // Also where it was to outlive us: it is of no use.
                let _ = process.kill();
                Err(self.classify(error, before))
            }
        }
    }

    fn classify(&self, error: StackError, log_before: u64) -> Failure {
        if !matches!(error, StackError::Ended { .. }) {
            return Failure::Other(error);
        }
        let said = read_from(self.log, log_before);
        if said.contains("Address already in use") || said.contains("address already in use") {
            Failure::PortTaken
        } else if said.contains("pre-existing shared memory block")
            || said.contains("lock file \"postmaster.pid\"")
        {
            Failure::PredecessorAlive
        } else {
            Failure::Other(error)
        }
    }
}

/// What stands in a file from a position on; empty where it can't be read.
pub(crate) fn read_from(file: &Path, position: u64) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(file)?;
        file.seek(SeekFrom::Start(position))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}
