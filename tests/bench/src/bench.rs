//! The benchmark: the whole system on servers of its own, under a closed loop of votes, beside the raw rates
//! of what it stands on, all in one run. Then votes while a flood of invalid logins arrives, results on their
//! way to many viewers, what becomes of both when a part dies, and a large poll on its way into the archive.

mod archive;
mod cpu;
mod direct;
mod fan_out;
mod hot_poll;
mod logins;
mod memory;
mod percentile;
mod polls;
mod raw;
mod recovery;
mod report;
mod run;
mod scaling;
mod servers;
mod site;
mod table;
mod telemetry;
mod token;
mod topologies;
mod viewer;
mod visible;
mod votes;
mod wait;

pub use run::{Arguments, Error, run};
