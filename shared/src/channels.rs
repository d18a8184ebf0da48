//! The channels, one a [`Topic`], that carry a poll's new counts or an account's new notifications from whoever
//! publishes them to the gateways that want them: on one Redis by plain publish and subscribe, on a Redis
//! Cluster by the sharded kind, each channel on the node that has its slot.
//!
//! A message is lost where nobody is subscribed at that moment. So whoever subscribes is told each time a
//! channel's subscription stands, at first and again after every loss, and reads the counts then. Notifications
//! that are missed are with the account itself.

mod holds;
mod link;
mod publisher;
mod pushes;
mod subscriber;
mod topic;

pub use publisher::Publisher;
pub use subscriber::{Event, Subscriber};
pub use topic::{AccountTopic, Topic};
