//! The archive: a closed poll's responses in object storage, whole, once, whatever dies meanwhile.

mod by_hand;
mod content;
mod crash;
mod election;
mod files;
mod outages;
mod polls;
mod storages;
mod verification;
mod waiting;
