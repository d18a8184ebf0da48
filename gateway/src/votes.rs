//! Votes over REST: cast, changed, revoked, and what became of one.

mod accept;
mod ballot;
pub(crate) mod captcha;
pub(crate) mod cast;
pub(crate) mod change;
pub(crate) mod device;
mod receipt;
pub(crate) mod revoke;
pub(crate) mod status;
