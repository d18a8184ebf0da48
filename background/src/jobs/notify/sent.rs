//! What an attempt comes to.

/// What an attempt that did not fail came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It was taken.
    Delivered,
    /// There is nobody to take it: the recipient does not want to be told in this way any more.
    Withdrawn,
}

/// Why an attempt failed. It is stored and logged, and says nothing of addresses or secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) error: String,
    /// Whether another attempt is of no use.
    pub(super) is_for_good: bool,
}

impl Failure {
    /// One that may pass.
    pub(super) fn for_now(error: impl Into<String>) -> Self {
        Self { error: error.into(), is_for_good: false }
    }

    /// One that stays.
    pub(super) fn for_good(error: impl Into<String>) -> Self {
        Self { error: error.into(), is_for_good: true }
    }
}
