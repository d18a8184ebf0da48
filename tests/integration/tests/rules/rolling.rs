//! Everything is restarted while it is used: one program after the other, with other settings, in another release.

mod crowd;
mod draining;
mod encodings;
mod followers;
mod restarts;
mod shards;
mod sockets;
