//! Starts a private PostgreSQL, a private Redis and our own programs: one implementation for tests,
//! benchmarks and `make run` alike. Synchronous; call it from `spawn_blocking` in async code.
//!
//! Whatever is started with [`Lifetime::WithParent`] (what every plain `start` does) ends when its
//! handle is dropped, and also when this process dies by any means.

mod error;
mod interrupt;
mod launch;
mod nginx;
mod pgbouncer;
mod ports;
mod postgres;
mod proc_fs;
mod process;
mod program;
mod prometheus;
mod psql;
mod redis;
mod scratch;
mod server;
mod skip;
mod wait;

pub use error::{StackError, tail};
pub use interrupt::{interrupted, stop_on_signals};
pub use launch::Lifetime;
pub use nginx::Nginx;
pub use pgbouncer::{PgBouncer, PoolMode, Pooler};
pub use ports::{free_port, is_free};
pub use postgres::{Frozen, Postgres};
pub use proc_fs::is_running;
pub use process::{Exit, Process, Signal};
pub use program::{Program, find_program};
pub use prometheus::{Prometheus, find_promtool};
pub use redis::{Primary, Redis, RedisCluster, RedisSentinels};
pub use scratch::Scratch;
pub use server::Options;
pub use skip::skipped;
pub use wait::until;
