//! The rules of the whole, each held on real servers and programs. Build the programs first:
//! `cargo build --workspace --bins`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acceptance;
mod bad_ballots;
mod bad_polls;
mod ballots;
mod closing;
mod configuration;
mod drain;
mod errors;
mod faults;
mod health;
mod live;
mod migrations;
mod model;
mod overload;
mod replay;
mod results;
mod socket;
mod stages;
mod vote_status;
