//! The aggregator's stages, driven by hand: a test decides what is read, committed, published and
//! acknowledged, by whom and in which order, and where somebody dies.

mod addresses;
mod audit;
pub(crate) mod bed;
mod changes;
mod closing;
mod concurrent;
mod crash;
mod milestones;
mod outage;
mod overlap;
mod poison;
mod streams;
mod timeline;
pub(crate) mod worker;
