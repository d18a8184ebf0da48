//! More than one Redis: replicated under Sentinels, a Redis Cluster, a server a role.

mod cluster;
mod redirections;
mod sentinel;
mod split;
mod whole;
