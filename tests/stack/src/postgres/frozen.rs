//! A server that stands still: connections stand, and nothing is answered.

use rustix::process::{Pid, Signal, kill_process};

use super::Postgres;
use crate::StackError;

/// Every process of a server, frozen. They go on when it is dropped.
#[derive(Debug)]
#[must_use = "the server goes on when this is dropped"]
pub struct Frozen(Vec<Pid>);

impl Postgres {
    /// Freezes it, with all its sessions.
    ///
    /// # Errors
    /// The system's.
    pub fn freeze(&mut self) -> Result<Frozen, StackError> {
        let io = |source: std::io::Error| StackError::io("freezing PostgreSQL")(source);
        let server = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        let server = server.ok_or_else(|| io(std::io::ErrorKind::NotFound.into()))?;
        // In this order, so that no new session escapes.
        kill_process(server, Signal::STOP).map_err(|error| io(error.into()))?;
        let mut frozen = Frozen(vec![server]);
        for session in children(server).map_err(io)? {
            // One that has ended meanwhile is none any more.
            if kill_process(session, Signal::STOP).is_ok() {
                frozen.0.push(session);
            }
        }
        Ok(frozen)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for process in &self.0 {
            let _ = kill_process(*process, Signal::CONT);
        }
    }
}

fn children(server: Pid) -> std::io::Result<Vec<Pid>> {
    let processes = std::fs::read_dir("/proc")?.flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    Ok(ids.filter(|id| parent(*id) == Some(server)).filter_map(Pid::from_raw).collect())
}

fn parent(process: i32) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name, which may hold anything: state, parent.
    Pid::from_raw(stat.rsplit_once(") ")?.1.split_whitespace().nth(1)?.parse().ok()?)
}
