//! Votes: cast, changed, revoked, and what became of one.

mod accept;
pub(crate) mod ballot;
pub(crate) mod captcha;
pub(crate) mod cast;
pub(crate) mod change;
pub(crate) mod device;
pub(crate) mod direct;
pub(crate) mod receipt;
pub(crate) mod revoke;
pub(crate) mod sender;
pub(crate) mod status;
pub(crate) mod submit;

pub(crate) use accept::Accepted;
