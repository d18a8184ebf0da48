//! Who sends a vote, and from where: the same for a request and for a message over the socket.

use std::net::IpAddr;

use pollster_shared::devices::Device;
use pollster_shared::poll::Poll;
use pollster_shared::traces::Span;
use pollster_shared::vote::{AddressHash, Ballot, Cast, Digest, Kind, Voter};

use super::device;
use crate::app::App;
use crate::edge::address::network;
use crate::error::ApiError;
use crate::request::Context;

const MAX_IDEMPOTENCY_KEY: usize = 64;

/// What a vote is sent from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    /// The device that it names, if it names one.
    pub(crate) device: Option<Device>,
}

/// Who sends a vote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) app: &'a App,
    pub(crate) voter: Voter,
    pub(crate) client: Client,
    /// What makes it safe to send again: the idempotency key.
    pub(crate) key: Option<&'a str>,
    /// What is traced of the vote, if it is.
    pub(crate) trace: Option<&'a Span>,
}

impl Client {
    /// What sends the request.
    ///
    /// # Errors
    /// [`ApiError::Malformed`] where it names a device that can't be one.
    pub(crate) fn of(context: &Context) -> Result<Self, ApiError> {
        let fingerprint = context.header("x-device-fingerprint")?;
        Ok(Self { address: context.address(), device: device::named(&context.app.secret, fingerprint)? })
    }
}

impl<'a> Sender<'a> {
    /// Who sends the request, if they may vote on `poll`.
    ///
    /// # Errors
    /// Where they may not, or a header is not valid.
    pub(super) fn of(context: &'a Context, poll: &Poll) -> Result<Self, ApiError> {
        let key = context.header("idempotency-key")?;
        Ok(Self {
            app: &context.app,
            voter: context.credentials()?.eligible_voter(&context.app.secret, poll)?,
            client: Client::of(context)?,
            key: key.map(|key| idempotency_key("Idempotency-Key", key)).transpose()?,
            trace: context.trace.as_ref(),
        })
    }

    /// The ballot as theirs, under the key that it is sent with.
    pub(super) fn cast(&self, poll: &Poll, kind: Kind, ballot: Ballot) -> Cast {
        Cast {
            kind,
            poll_id: poll.poll_id,
            voter: self.voter,
            address: Some(AddressHash::new(&self.app.secret, poll.poll_id, network(self.client.address))),
            digest: Digest::new(self.key, &ballot),
            ballot,
        }
    }
}

/// The idempotency key, as the client sent it in `field`.
///
/// # Errors
/// [`ApiError::Malformed`] where it is empty or too long.
pub(crate) fn idempotency_key<'a>(field: &str, key: &'a str) -> Result<&'a str, ApiError> {
    if key.is_empty() || key.chars().count() > MAX_IDEMPOTENCY_KEY {
        let detail = format!("{field} must be 1 to {MAX_IDEMPOTENCY_KEY} characters.");
        return Err(ApiError::Malformed(detail));
    }
    Ok(key)
}
