//! The queues of the background jobs: whatever is killed, an entry is handled, and what it says is done once. Shown on
//! the queue `archival`, whose job records a poll's end.

mod bed;
mod outages;
mod poison;
mod workers;

pub(crate) use bed::Queue;
