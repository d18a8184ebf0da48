//! The rules of the whole, each held on real servers and programs. Build the programs first:
//! `cargo build --workspace --bins`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acceptance;
mod account_voters;
mod accounts;
mod addresses;
mod attacks;
mod bad_ballots;
mod bad_polls;
mod ballots;
mod captcha;
mod changes;
mod closing;
mod configuration;
mod devices;
mod drain;
mod edge;
mod errors;
mod faults;
mod health;
mod limits;
mod live;
mod migrations;
mod model;
mod openapi;
mod overload;
mod own_polls;
mod replay;
mod results;
mod socket;
mod stages;
mod tokens;
mod visibility;
mod vote_status;
