//! Polls over REST: create, list, read, claim, close.

pub(crate) mod claim;
pub(crate) mod close;
pub(crate) mod create;
mod creator;
mod cursor;
pub(crate) mod list;
pub(crate) mod manager;
pub(crate) mod read;
mod view;
