//! Tells a recipient on every WebSocket where it is signed in. Whoever is not finds the notification in the account.

use pollster_shared::notifications::deliveries::Delivery;
use pollster_shared::notifications::push;
use pollster_shared::vote::HashSecret;

use super::sent::{Failure, Sent};
use crate::jobs::Context;

/// What tells recipients in the app.
#[derive(Debug)]
pub(super) struct InApp {
    /// Keys the names of the accounts' channels.
    secret: HashSecret,
}

impl InApp {
    pub(super) fn new(secret: &HashSecret) -> Self {
        Self { secret: secret.clone() }
    }

    /// Makes one attempt.
    pub(super) async fn send(&self, context: &Context, delivery: &Delivery) -> Result<Sent, Failure> {
        let Some(recipient) = &delivery.recipient else { return Ok(Sent::Withdrawn) };
        let pushed = push(&context.channels, &self.secret, &recipient.subject, &delivery.notification).await;
        pushed.map(|()| Sent::Delivered).map_err(|error| Failure::for_now(format!("Redis: {error}")))
    }
}
