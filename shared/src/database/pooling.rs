//! Who a connection's session belongs to.

use clap::ValueEnum;

/// Who a connection's session at PostgreSQL belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Pooling {
    /// The connection, as with PostgreSQL itself
    #[default]
    Session,
    /// Whoever has a transaction, as with a pooler between, such as PgBouncer: what is to hold for a session must be
    /// set on the role
    Transaction,
}
