//! Who asks: what a request, or a message over the socket, brings to prove it.

use std::fmt;

use pollster_shared::poll::{Poll, VoterIdentity};
use pollster_shared::vote::{HashSecret, Voter};
use uuid::Uuid;

use crate::error::ApiError;
use crate::tokens::{Account, Tokens};

/// What somebody brought. Whatever is there was valid by itself.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    /// The account of the access token.
    pub(crate) account: Option<Account>,
    /// An anonymous voter's token.
    pub(crate) voter_token: Option<Uuid>,
    /// What was given to who made a poll anonymously.
    pub(crate) manage_token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Credentials {
    /// Reads the tokens as they were sent.
    ///
    /// # Errors
    /// Where one is not a token, or not valid any more.
    pub(crate) fn read(
        tokens: &Tokens,
        access_token: Option<&str>,
        voter_token: Option<&str>,
        manage_token: Option<&str>,
    ) -> Result<Self, ApiError> {
        let voter_token = voter_token.map(Uuid::parse_str).transpose();
        Ok(Self {
            account: access_token.map(|token| tokens.verify(token)).transpose()?,
            voter_token: voter_token
                .map_err(|_| ApiError::Malformed("The voter token must be a UUID.".to_owned()))?,
            manage_token: manage_token.map(str::to_owned),
        })
    }

    /// Whether anything was brought that could prove the right to manage a poll.
    pub(crate) fn may_manage(&self) -> bool {
        self.account.is_some() || self.manage_token.is_some()
    }

    /// Who this is as a voter of `poll`, `None` where that was not said.
    pub(crate) fn voter(&self, secret: &HashSecret, poll: &Poll) -> Option<Voter> {
        match poll.settings.voter_identity {
            VoterIdentity::Account => {
                self.account.as_ref().map(|account| Voter::from_account(secret, &account.subject))
            }
            VoterIdentity::Browser | VoterIdentity::BrowserAndAddress => {
                self.voter_token.map(|token| Voter::from_browser_token(secret, token))
            }
        }
    }

    /// Who this is as a voter of `poll`.
    ///
    /// # Errors
    /// Where that was not said.
    pub(crate) fn required_voter(&self, secret: &HashSecret, poll: &Poll) -> Result<Voter, ApiError> {
        let missing = match poll.settings.voter_identity {
            VoterIdentity::Account => "Accounts vote here: send `Authorization: Bearer <token>`.",
            VoterIdentity::Browser | VoterIdentity::BrowserAndAddress => {
                "Send `X-Voter-Token`, a UUID made once and kept."
            }
        };
        self.voter(secret, poll).ok_or(ApiError::Unauthenticated(missing))
    }

    /// Who this is as a voter of `poll`, if they may vote on it.
    ///
    /// # Errors
    /// Where that was not said, or the poll asks for a verified e-mail address.
    pub(crate) fn eligible_voter(&self, secret: &HashSecret, poll: &Poll) -> Result<Voter, ApiError> {
        let voter = self.required_voter(secret, poll)?;
        let verified = self.account.as_ref().is_some_and(|account| account.email_verified);
        if poll.settings.verified_email && !verified {
            return Err(ApiError::NotVerified);
        }
        Ok(voter)
    }
}
