//! What a gateway serves. Gateways of one role each let REST and live results scale apart.

use clap::ValueEnum;

/// A part of what gateways serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// REST
    Api,
    /// Live results, and votes over the same socket
    Ws,
}
