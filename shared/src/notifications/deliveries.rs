//! Deliveries: a row a notification and way of telling it, which stays due until it was delivered or given up.
//!
//! Whoever works on one claims it first, which moves its time beyond the end of the attempt: nobody else works on it
//! meanwhile, and should the worker die it comes due again. All times are PostgreSQL's.

mod claim;
mod delivery;
mod mark;

pub use claim::{LEASE, claim, claim_due};
pub use delivery::{AboutPoll, Delivery, Recipient, WebhookTarget};
pub use mark::{delivered, failed, given_up, put_off, withdrawn};

/// A way of telling a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// To the recipient's open pages, and kept for those that open later.
    InApp,
    /// A mail to the recipient.
    Email,
    /// A call of a poll's webhook.
    Webhook,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::InApp, Self::Email, Self::Webhook];

    /// What its rows say.
    pub fn name(self) -> &'static str {
        match self {
            Self::InApp => "in_app",
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }
}

/// A row names a channel that there is not.
#[derive(Debug, thiserror::Error)]
#[error("there is no channel {0}")]
pub struct UnknownChannel(String);

impl TryFrom<String> for Channel {
    type Error = UnknownChannel;

    fn try_from(name: String) -> Result<Self, UnknownChannel> {
        Self::ALL.into_iter().find(|channel| channel.name() == name).ok_or(UnknownChannel(name))
    }
}
