//! Polls over REST: create, list, read, claim, close, delete, statistics, export.

pub(crate) mod claim;
pub(crate) mod close;
pub(crate) mod create;
mod creator;
mod cursor;
pub(crate) mod delete;
pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod manager;
pub(crate) mod read;
pub(crate) mod stats;
mod view;
