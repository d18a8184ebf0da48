//! Viewers through every loss of the channels: they see all counts, and never reconnect.

mod audience;
mod on_a_cluster;
mod on_one_redis;
