//! Mails notifications.

use std::time::Duration;

use pollster_shared::mail::{Digest, EmailAddress, MailError, Mailer, Milestone, Nudge, PollClosed};
use pollster_shared::notifications::deliveries::{Delivery, Recipient};
use pollster_shared::notifications::{DIGEST, MILESTONE, NUDGE, POLL_CLOSED};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::sent::{Failure, Sent};

/// How long a mail server may take for a mail.
const WITHIN: Duration = Duration::from_secs(25);

/// What mails notifications.
#[derive(Debug)]
pub(super) struct Email {
    mailer: Mailer,
    public_url: String,
}

impl Email {
    /// Mails with links that begin with `public_url`.
    pub(super) fn new(mailer: Mailer, public_url: &str) -> Self {
        Self { mailer, public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// Makes one attempt.
    pub(super) async fn send(&self, delivery: &Delivery) -> Result<Sent, Failure> {
        let to = delivery.recipient.as_ref().and_then(|recipient| Some((recipient, recipient.email()?)));
        let Some((recipient, address)) = to else { return Ok(Sent::Withdrawn) };
        let Ok(address) = address.parse() else {
            return Err(Failure::for_good("the account's e-mail address can't be written to"));
        };
        match timeout(WITHIN, self.mail(recipient, &address, delivery)).await {
            Ok(mailed) => mailed.map(|()| Sent::Delivered),
            Err(_) => Err(Failure::for_now("the mail server took too long")),
        }
    }

    /// Mails what belongs to the notification's kind.
    async fn mail(
        &self,
        recipient: &Recipient,
        to: &EmailAddress,
        delivery: &Delivery,
    ) -> Result<(), Failure> {
        let id = delivery.notification.notification_id;
        let username = recipient.username.as_deref().unwrap_or_default();
        let title = delivery.poll.as_ref().map_or("", |poll| &poll.title);
        let message = &delivery.notification.message;
        let link = &self.link(delivery);
        match delivery.notification.r#type.as_str() {
            MILESTONE => {
                self.mailer.attempt(to, id, &Milestone { username, title, message, link }).await?;
            }
            POLL_CLOSED => {
                self.mailer.attempt(to, id, &PollClosed { username, title, message, link }).await?;
            }
            DIGEST => {
                let digest = data(delivery)?;
                self.mailer.attempt(to, id, &Digest::new(username, &self.public_url, &digest)).await?;
            }
            NUDGE => {
                let nudge = data(delivery)?;
                self.mailer.attempt(to, id, &Nudge::new(username, &self.public_url, &nudge)).await?;
            }
            _ => return Err(Failure::for_good("no mail is written for its kind")),
        }
        Ok(())
    }

    /// The page that the notification is about.
    fn link(&self, delivery: &Delivery) -> String {
        match &delivery.poll {
            Some(poll) => format!("{}/p/{}", self.public_url, poll.slug),
            None => self.public_url.clone(),
        }
    }
}

/// What the notification holds of its kind's own.
fn data<T: DeserializeOwned>(delivery: &Delivery) -> Result<T, Failure> {
    T::deserialize(&delivery.data).map_err(|_| Failure::for_good("what its mail is made of can't be read"))
}

impl From<MailError> for Failure {
    fn from(error: MailError) -> Self {
        Self { is_for_good: error.is_for_good(), error: error.to_string() }
    }
}
