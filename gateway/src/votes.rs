//! Votes over REST: cast, and what became of one.

mod accept;
mod ballot;
pub(crate) mod cast;
pub(crate) mod status;
