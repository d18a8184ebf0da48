//! What a connection watches, and as whom.

use std::sync::Arc;

use bytes::Bytes;
use pollster_shared::channels::AccountTopic;
use pollster_shared::polls::PollName;
use uuid::Uuid;

use super::messages::Subscribe;
use super::vote::Identity;
use crate::app::App;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::live::{Bell, Inbox, Subscription};
use crate::tokens::Account;

/// The polls that a connection watches, and the account whose notifications it is sent.
#[derive(Debug, Default)]
pub(super) struct Watching {
    polls: Vec<Watched>,
    /// Of the account whose access token was shown last; boxed because most viewers have none.
    inbox: Option<Box<Inbox>>,
}

/// A poll that is watched, and who watches it.
#[derive(Debug)]
struct Watched {
    subscription: Subscription,
    identity: Identity,
}

impl Watching {
    /// Watches a poll for the connection whose bell this is, anew if it is watched already. With an access token,
    /// the connection is sent its account's notifications from now on.
    ///
    /// # Errors
    /// Where the poll, or who asks, is not as it must be; nothing is changed then.
    pub(super) async fn subscribe(
        &mut self,
        app: &Arc<App>,
        bell: &Arc<Bell>,
        message: Subscribe,
    ) -> Result<(), ApiError> {
        let Subscribe { poll_id: name, version, voter_token, access_token, manage_token } = message;
        let tokens = [access_token.as_deref(), voter_token.as_deref(), manage_token.as_deref()];
        let [access_token, voter_token, manage_token] = tokens;
        let credentials = Credentials::read(&app.tokens, access_token, voter_token, manage_token)?;
        let poll = app.definitions.get(&name).await?;
        let place = self.place_of(poll.poll_id);
        if place.is_none() && self.polls.len() >= app.config.max_subscriptions as usize {
            let detail = "This connection watches as many polls as it may.";
            return Err(ApiError::Malformed(detail.to_owned()));
        }
        let identity = Identity::new(&app.secret, &poll, &credentials);
        let subscription = Subscription::new(app, &poll, &credentials, version, bell.clone()).await?;
        self.put(place, subscription, identity);
        if let Some(account) = &credentials.account {
            self.open_inbox(app, bell, account);
        }
        Ok(())
    }

    fn put(&mut self, place: Option<usize>, subscription: Subscription, identity: Identity) {
        let watched = Watched { subscription, identity };
        match place {
            Some(place) => self.polls[place] = watched,
            None => {
                // Most viewers watch one.
                self.polls.reserve_exact(1);
                self.polls.push(watched);
            }
        }
    }

    fn open_inbox(&mut self, app: &App, bell: &Arc<Bell>, account: &Account) {
        let topic = AccountTopic::new(&app.secret, &account.subject);
        match &mut self.inbox {
            // What waits there stays.
            Some(inbox) if inbox.is_of(topic) => inbox.renew(account.expiry),
            inbox => *inbox = Some(Box::new(app.inboxes.join(topic, account.expiry, bell.clone()))),
        }
    }

    /// Who wanted to be somebody on the poll of this name and could not, for the reason `error`, is not taken for who
    /// was there before: votes are answered with that error until a subscription succeeds.
    pub(super) fn doubt(&mut self, name: &str, error: &ApiError) {
        let may_be_meant = |poll_id| match PollName::parse(name) {
            PollName::Id(named) => named == poll_id,
            // By a slug it can't be told which poll was meant, but that it is none of these.
            PollName::Slug(_) => !matches!(error, ApiError::PollNotFound),
        };
        for watched in self.polls.iter_mut().filter(|watched| may_be_meant(watched.subscription.poll_id())) {
            watched.identity = Identity::unknown(error.clone());
        }
    }

    /// Watches the poll no more.
    pub(super) fn unsubscribe(&mut self, poll_id: Uuid) {
        self.polls.retain(|watched| watched.subscription.poll_id() != poll_id);
    }

    /// Watches those polls no more of whose deletion the viewer was told: nothing more comes of them.
    pub(super) fn leave_deleted(&mut self) {
        self.polls.retain(|watched| !watched.subscription.is_of_deleted());
    }

    /// Whether no poll is watched.
    pub(super) fn is_empty(&self) -> bool {
        self.polls.is_empty()
    }

    /// As whom the poll is watched, if it is.
    pub(super) fn identity(&self, poll_id: Uuid) -> Option<&Identity> {
        self.place_of(poll_id).map(|place| &self.polls[place].identity)
    }

    /// The subscription to each poll.
    pub(super) fn subscriptions(&mut self) -> impl Iterator<Item = &mut Subscription> {
        self.polls.iter_mut().map(|watched| &mut watched.subscription)
    }

    /// The account's notification that has waited longest, for as long as the account's token is valid.
    pub(super) fn next_notification(&mut self) -> Option<Bytes> {
        if self.inbox.as_ref()?.has_expired() {
            self.inbox = None;
        }
        self.inbox.as_ref()?.next()
    }

    fn place_of(&self, poll_id: Uuid) -> Option<usize> {
        self.polls.iter().position(|watched| watched.subscription.poll_id() == poll_id)
    }
}

#[cfg(test)]
impl Watching {
    /// What somebody watches who brought no token.
    pub(super) fn unnamed(subscription: Subscription) -> Self {
        let mut watching = Self::default();
        watching.put(None, subscription, Identity::unnamed());
        watching
    }

    /// The same with an inbox.
    pub(super) fn with_inbox(inbox: Inbox) -> Self {
        Self { inbox: Some(Box::new(inbox)), ..Self::default() }
    }
}
