//! The aggregator's stages, driven by hand: a test decides what is read, committed, published and
//! acknowledged, by whom and in which order, and where somebody dies.

pub(crate) mod bed;
mod closing;
mod concurrent;
mod crash;
mod outage;
mod overlap;
mod poison;
mod streams;
pub(crate) mod worker;
