//! Mails with a link, sent once the request is answered, so that no answer's time tells who has an account.

use std::sync::Arc;

use pollster_shared::accounts::{self, Account, Purpose};
use pollster_shared::config::StartError;
use pollster_shared::database::DatabaseError;
use pollster_shared::mail::{EmailAddress, MailConfig, MailError, Mailer, ResetPassword, VerifyEmail};
use pollster_shared::shutdown::TaskTracker;

use crate::app::App;
use crate::error::ApiError;

/// Mails that may be in hand before more are refused.
const IN_HAND: usize = 1000;

/// Why a mail with a link was not sent.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Mail(#[from] MailError),
}

/// What sends mails, and those in hand.
#[derive(Debug)]
pub(crate) struct Mailing {
    mailer: Mailer,
    in_hand: TaskTracker,
}

impl Mailing {
    pub(crate) fn new(config: &MailConfig) -> Result<Self, StartError> {
        Ok(Self { mailer: Mailer::new(config)?, in_hand: TaskTracker::new() })
    }

    /// Returns once all mails in hand are sent, or given up.
    pub(crate) async fn drained(&self) {
        self.in_hand.close();
        self.in_hand.wait().await;
    }
}

/// Whether there is room for one more mail.
///
/// # Errors
/// Where too many are in hand.
pub(super) fn room(app: &App) -> Result<(), ApiError> {
    if app.mailing.in_hand.len() < IN_HAND { Ok(()) } else { Err(ApiError::Overloaded) }
}

/// Mails the link to a new account, for which there was [`room`].
pub(super) fn welcome(app: &Arc<App>, account: Account) {
    let task = app.clone();
    app.mailing.in_hand.spawn(async move { log(mail_link(&task, &account, Purpose::VerifyEmail).await) });
}

/// Mails the link to the account of this e-mail address if there is one that can use it.
///
/// # Errors
/// Where too many mails are in hand, whether there is an account or not.
pub(super) fn request(app: &Arc<App>, email: String, purpose: Purpose) -> Result<(), ApiError> {
    room(app)?;
    let task = app.clone();
    app.mailing.in_hand.spawn(async move { log(mail_link_if_known(&task, &email, purpose).await) });
    Ok(())
}

async fn mail_link_if_known(app: &App, email: &str, purpose: Purpose) -> Result<(), Failed> {
    let found = {
        let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
        accounts::find_by_email(&mut connection, email).await.map_err(DatabaseError::from)?
    };
    match found {
        Some((account, _)) if purpose == Purpose::VerifyEmail && account.verified_at.is_some() => Ok(()),
        Some((account, _)) => mail_link(app, &account, purpose).await,
        None => Ok(()),
    }
}

async fn mail_link(app: &App, account: &Account, purpose: Purpose) -> Result<(), Failed> {
    let (Some(email), Some(username)) = (&account.email, &account.username) else { return Ok(()) };
    // An account's address was read as one when the account was made.
    let Ok(to) = email.parse::<EmailAddress>() else { return Ok(()) };
    let token = {
        let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
        let token = accounts::new_token(&mut connection, &app.secret, account.id, purpose);
        token.await.map_err(DatabaseError::from)?
    };
    let public_url = app.config.public_url();
    let mailer = &app.mailing.mailer;
    match purpose {
        Purpose::VerifyEmail => {
            let link = &format!("{public_url}/verify?token={token}");
            mailer.send(&to, &VerifyEmail { username, link }).await?;
        }
        Purpose::ResetPassword => {
            let link = &format!("{public_url}/reset-password?token={token}");
            mailer.send(&to, &ResetPassword { username, link }).await?;
        }
    }
    Ok(())
}

fn log(sent: Result<(), Failed>) {
    if let Err(error) = sent {
        tracing::warn!(%error, "a mail was not sent; its reader can ask for another");
    }
}
