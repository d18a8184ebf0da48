//! What more than one service of Pollster needs, a module each.
//!
//! Nothing here knows HTTP (but for the admin listener), and nothing but this crate knows a Redis key or
//! an SQL statement of the vote path. In the order in which a vote meets them: [`vote`] (what is cast),
//! [`stream`] (acceptance and the queue), [`responses`] (the commit), [`tallies`], [`timeline`] and [`counts`]
//! (the truth and its projection), [`unpublished`], [`milestones`], [`closing`], [`archive`]. Then what became of it is told and
//! kept: [`queues`], [`notifications`], [`export`], [`reconcile`].

pub mod accounts;
pub mod admin;
pub mod archive;
pub mod channels;
pub mod circuit;
pub mod closing;
pub mod config;
pub mod counts;
pub mod database;
pub mod descriptors;
pub mod devices;
pub mod digests;
pub mod export;
pub mod html;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod metrics;
pub mod milestones;
pub mod networks;
pub mod notifications;
pub mod nudges;
pub mod opening;
pub mod participation;
pub mod partitions;
pub mod poll;
pub mod polls;
pub mod program;
pub mod queues;
pub mod reconcile;
pub mod redis;
pub mod responses;
pub mod retention;
mod schema;
pub mod shutdown;
pub mod stream;
pub mod tallies;
pub mod telemetry;
pub mod timeline;
pub mod times;
pub mod traces;
pub mod unpublished;
pub mod viewers;
pub mod vote;
pub mod webhooks;
