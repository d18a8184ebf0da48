//! Parts of a running Pollster die, hang or lose their memory under load; every accepted vote counts
//! exactly once all the same.

mod aggregator_lost;
mod background_lost;
mod counts_lost;
pub(crate) mod load;
mod postgres_lost;
mod redis_lost;
mod viewers;
pub(crate) mod watch;
