//! Proof under faults: a whole Pollster under load while its programs, servers, disks, clocks and connections
//! fail, in an order that follows from a seed; then a verdict on every vote and every count.
//!
//! [`world`] starts the stack with every connection through a proxy of its own ([`links`]), [`clients`] vote and
//! watch, [`nemesis`] hurts, and [`checker`] holds the final state against what clients were told.

pub mod checker;
pub mod clients;
pub mod history;
pub mod links;
pub mod nemesis;
pub mod planted;
pub mod random;
pub mod recovery;
pub mod report;
mod run;
pub mod settings;
pub mod topology;
pub mod verdict;
pub mod world;

pub use run::run;
