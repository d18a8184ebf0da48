//! Webhooks over REST: make, list, remove.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod remove;
mod view;
