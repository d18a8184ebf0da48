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
mod behind_nginx;
mod captcha;
mod changes;
mod channels;
mod closing;
mod configuration;
mod crowd;
mod devices;
mod drain;
mod edge;
mod errors;
mod events;
mod fan_out;
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
mod roles;
mod socket;
mod socket_votes;
mod stages;
mod tokens;
mod viewers;
mod visibility;
mod vote_status;
mod websocket;
