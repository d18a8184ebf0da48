//! Polls over REST: create, read, close.

pub(crate) mod close;
pub(crate) mod create;
pub(crate) mod read;
mod view;
