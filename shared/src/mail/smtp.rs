//! Mails to a server (RFC 5321).

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::MailError;
use crate::config::StartError;

/// How long the server may take for each of its answers.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Between attempts. A server that is being restarted, or makes unknown senders wait (greylisting, RFC 6647),
/// is often there again by then.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(60)];

/// A mail server, its connections kept for the next mails.
#[derive(Debug)]
pub(super) struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    pub(super) fn new(url: &str) -> Result<Self, StartError> {
        // What lettre says of a bad URL may quote it, with its password.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| {
            StartError::setting("SMTP_URL", "takes smtp://user:password@host:587?tls=required or smtps://…")
        })?;
        Ok(Self(builder.timeout(Some(TIMEOUT)).build()))
    }

    /// Sends it, in several attempts if need be.
    pub(super) async fn send_patiently(&self, message: Message) -> Result<(), MailError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let Err(error) = self.send(message.clone()).await else { return Ok(()) };
            match pauses.next() {
                Some(pause) if !error.is_for_good() => tokio::time::sleep(pause).await,
                _ => return Err(error),
            }
        }
    }

    /// Sends it, in one attempt.
    pub(super) async fn send(&self, message: Message) -> Result<(), MailError> {
        self.0.send(message).await.map(drop).map_err(|error| describe(&error))
    }
}

/// The error without the server's own words.
fn describe(error: &Error) -> MailError {
    let kind = if error.is_permanent() {
        "refused for good"
    } else if error.is_transient() {
        "refused for the moment"
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_tls() {
        "no encryption"
    } else if error.is_client() || error.is_response() {
        "not understood"
    } else {
        "no connection"
    };
    MailError::Smtp {
        problem: match error.status() {
            Some(code) => format!("{kind} ({code})"),
            None => kind.to_owned(),
        },
        is_for_good: error.is_permanent() || error.is_client() || error.is_tls(),
    }
}
