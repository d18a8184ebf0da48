//! The channels between aggregators and gateways: on one Redis, on a Redis Cluster, and through every way of
//! losing them.

mod cluster;
mod listener;
mod plain;
mod viewers;
