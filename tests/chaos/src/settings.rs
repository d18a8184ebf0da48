//! What a run is told.

use std::path::PathBuf;
use std::time::Duration;

use crate::nemesis::Fault;
use crate::planted::Planted;
use crate::topology::Topology;

/// One run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What follows from chance follows from this.
    pub seed: u64,
    /// What the servers are.
    pub topology: Topology,
    /// Replicas of Redis that must hold a vote before it is answered; 0 where there are none. At even seeds the servers
    /// refuse to write without them, too.
    pub min_replicas: u32,
    /// How long faults are inflicted.
    pub length: Duration,
    /// The faults to choose from, by their names; none means all.
    pub only: Vec<String>,
    /// The bug that the checker has to find; none, where what ships is judged.
    pub planted: Option<Planted>,
    /// The folder for the programs' logs.
    pub logs: PathBuf,
}

impl Settings {
    /// Whether this fault is among those to choose from.
    pub fn allows(&self, fault: Fault) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == fault.name())
    }
}
