//! The harness of the tests in `tests/rules`: a whole Pollster a test, made of the real programs on a
//! private Redis and a database of its own.
//!
//! ```no_run
//! # async fn example() {
//! use pollster_integration::{Stack, lunch, token};
//!
//! let stack = Stack::builder().gateways(2).aggregators(2).env("VOTE_SHARDS", 2).start().await;
//! let poll = stack.create_poll(&lunch()).await;
//! assert_eq!(stack.vote(&poll, &token(), None, poll.ballot(0, 0)).await.status, 202);
//! stack.aggregator(0).kill().await;
//! stack.assert_exact(&poll).await;
//! # }
//! ```
//!
//! Nothing is shared between tests but one PostgreSQL server a process. Whatever a test waits for, it
//! waits for as a condition with a deadline: [`wait_until`].

mod accounts;
mod builder;
mod collector;
mod command;
mod conformance;
mod counts;
mod database;
mod event_stream;
mod http;
mod mail_server;
mod mails;
mod nginx_server;
mod pgbouncer_server;
mod prometheus_server;
mod queue;
mod raw_socket;
mod receiver;
mod redis_cluster;
mod redis_sentinel;
mod redis_server;
mod s3_server;
mod service;
mod stack;
mod viewer;
mod wait;

pub use accounts::TestAccount;
pub use builder::{Builder, HASH_SECRET, environment};
pub use collector::{Collector, ToldSpan};
pub use command::Ran;
pub use conformance::assert_documented;
pub use counts::Counts;
pub use database::{Database, Standby};
pub use event_stream::{EventParser, EventStream, SentEvent};
pub use http::{ballot, cast, lunch, survey, token};
pub use mail_server::{MailServer, ReceivedMail};
pub use mails::{link, mailed_token};
pub use nginx_server::NginxServer;
pub use pgbouncer_server::PgBouncerServer;
pub use pollster_bench::client::{Client, PollView, Reply, ResultsView};
pub use pollster_stack::{Exit, Scratch};
pub use prometheus_server::{PrometheusServer, Sample};
pub use raw_socket::{ClientFrame, Handshake, Length, RawSocket, Received, TcpEnd};
pub use receiver::{Answer, ReceivedHook, Receiver};
pub use redis_cluster::ClusterServer;
pub use redis_sentinel::SentinelServer;
pub use redis_server::RedisServer;
pub use s3_server::S3Server;
pub use service::{Service, Spec};
pub use stack::Stack;
pub use viewer::Viewer;
pub use wait::{DEADLINE, wait_until};
