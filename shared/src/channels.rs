//! The channels, one a poll, that carry new counts from whoever publishes them to the gateways that watch
//! the poll: on one Redis by plain publish and subscribe, on a Redis Cluster by the sharded kind, each
//! channel on the node that has its slot.
//!
//! A message is lost where nobody is subscribed at that moment. So whoever subscribes is told each time a
//! channel's subscription stands, at first and again after every loss, and reads the counts then.

mod holds;
mod link;
mod publisher;
mod server;
mod slots;
mod subscriber;
mod topology;

pub(crate) use server::is_cluster;

pub use publisher::Publisher;
pub use subscriber::{Event, Subscriber};
