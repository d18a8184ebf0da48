//! What more than one service of Pollster needs, a module each.
//!
//! Nothing here knows HTTP (but for the admin listener), and nothing but this crate knows a Redis key or
//! an SQL statement of the vote path. In the order in which a vote meets them: [`vote`] (what is cast),
//! [`stream`] (acceptance and the queue), [`responses`] (the commit), [`tallies`] and [`counts`] (the
//! truth and its projection), [`closing`].

pub mod accounts;
pub mod admin;
pub mod channels;
pub mod closing;
pub mod config;
pub mod counts;
pub mod database;
pub mod descriptors;
pub mod devices;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod metrics;
pub mod poll;
pub mod polls;
pub mod program;
pub mod redis;
pub mod responses;
mod schema;
pub mod shutdown;
pub mod stream;
pub mod tallies;
pub mod telemetry;
pub mod viewers;
pub mod vote;
