//! The benchmark: the whole system on servers of its own, under a closed loop of votes, beside the raw rates
//! of what it stands on, all in one run.

mod cpu;
mod percentile;
mod raw;
mod report;
mod run;
mod servers;
mod table;
mod viewer;
mod visible;
mod votes;

pub use run::{Arguments, Error, run};
