//! What operators run beside the programs, held against the programs: what is measured and what is made of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod alerts;
mod backup;
mod containers;
mod dashboard;
mod kubernetes;
mod logs;
mod metrics;
mod ready;
mod scaling;
mod settings;
mod systemd;
mod traces;
mod yaml;
