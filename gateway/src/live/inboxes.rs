//! The inboxes of connections that have shown an account's access token: what notifications wait there to be
//! sent. Kept apart from all that viewers without an account need.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use pollster_shared::channels::{AccountTopic, Topic};
use serde::Serialize;
use serde_json::value::RawValue;
use slab::Slab;
use tokio::sync::mpsc::UnboundedSender;

use super::bell::{Bell, Call};
use super::feed::Command;
use super::frame::Frame;
use crate::tokens::Expiry;

/// Notifications that may wait for a connection that does not read: as many as `GET /me` tells, which has those
/// that find no room.
const ROOM: usize = 100;

/// All accounts with a connection here.
#[derive(Debug)]
pub(crate) struct Inboxes {
    accounts: Mutex<HashMap<AccountTopic, Slab<Arc<Waiting>>>>,
    // Bounded by the number of connections.
    feed: UnboundedSender<Command>,
}

/// A connection's inbox; its account's channel is left with the last of them.
#[derive(Debug)]
pub(crate) struct Inbox {
    inboxes: Arc<Inboxes>,
    account: AccountTopic,
    place: usize,
    /// Of the access token.
    expiry: Expiry,
    waiting: Arc<Waiting>,
}

/// Frames that wait for a connection, and how it learns of them.
#[derive(Debug)]
struct Waiting {
    frames: Mutex<VecDeque<Bytes>>,
    bell: Arc<Bell>,
}

/// A notification as viewers are told it: what was published, in a frame of its own type.
#[derive(Serialize)]
struct Notification<'a> {
    r#type: &'static str,
    notification: &'a RawValue,
}

impl Inboxes {
    pub(super) fn new(feed: UnboundedSender<Command>) -> Self {
        Self { accounts: Mutex::default(), feed }
    }

    /// An inbox for the connection whose bell this is, until the account's token expires. The account's first one
    /// makes the feed subscribe to its channel.
    pub(crate) fn join(self: &Arc<Self>, account: AccountTopic, expiry: Expiry, bell: Arc<Bell>) -> Inbox {
        let waiting = Arc::new(Waiting { frames: Mutex::default(), bell });
        let mut accounts = self.accounts();
        let inboxes = accounts.entry(account).or_insert_with(|| {
            let _ = self.feed.send(Command::Watch(Topic::Account(account)));
            Slab::new()
        });
        let place = inboxes.insert(waiting.clone());
        Inbox { inboxes: self.clone(), account, place, expiry, waiting }
    }

    /// Puts a notification, as it was published, into all inboxes of its account.
    pub(crate) fn deliver(&self, account: AccountTopic, message: &[u8]) {
        let notification = match serde_json::from_slice(message) {
            Ok(notification) => Notification { r#type: "notification", notification },
            Err(error) => return tracing::warn!(%error, "a published notification can't be read"),
        };
        let frame = Frame::new(notification.r#type, None, &notification).for_socket();
        if let Some(inboxes) = self.accounts().get(&account) {
            inboxes.iter().for_each(|(_, waiting)| waiting.put(frame.clone()));
        }
    }

    fn leave(&self, account: AccountTopic, place: usize) {
        let mut accounts = self.accounts();
        let Some(inboxes) = accounts.get_mut(&account) else { return };
        inboxes.remove(place);
        if inboxes.is_empty() {
            accounts.remove(&account);
            // Told while the map is held, so that the feed hears of comings and goings in their order.
            let _ = self.feed.send(Command::Unwatch(Topic::Account(account)));
        }
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountTopic, Slab<Arc<Waiting>>>> {
        // A map of inboxes is whole whatever happened to who held it.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox {
    /// The frame that has waited longest.
    pub(crate) fn next(&self) -> Option<Bytes> {
        self.waiting.frames().pop_front()
    }

    /// Whether it is this account's.
    pub(crate) fn is_of(&self, account: AccountTopic) -> bool {
        self.account == account
    }

    /// Stays as long as another token of its account does.
    pub(crate) fn renew(&mut self, expiry: Expiry) {
        self.expiry = expiry;
    }

    /// Whether the token of its account has expired.
    pub(crate) fn has_expired(&self) -> bool {
        self.expiry.has_passed()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.inboxes.leave(self.account, self.place);
    }
}

impl Waiting {
    fn put(&self, frame: Bytes) {
        let mut frames = self.frames();
        if frames.len() < ROOM {
            frames.push_back(frame);
            self.bell.ring(Call::NOTIFICATIONS);
        }
    }

    fn frames(&self) -> MutexGuard<'_, VecDeque<Bytes>> {
        // A queue is whole whatever happened to who held it.
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
