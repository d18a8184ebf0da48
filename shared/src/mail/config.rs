//! How mails are sent.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use lettre::message::Mailbox;

use crate::config::StartError;

const DEFAULT_FROM: &str = "Pollster <pollster@localhost>";

/// How mails are sent.
#[derive(Clone, Args)]
pub struct MailConfig {
    /// Mail server, smtp://user:password@host:587?tls=required or smtps://…; without one, mails are written
    /// as files
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Sender of mails, for instance Pollster <polls@example.org>; required with SMTP_URL
    #[arg(long, env = "MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Folder that mails are written to where there is no mail server
    #[arg(long, env = "MAIL_FOLDER", default_value = ".local/mail")]
    pub mail_folder: PathBuf,
}

impl MailConfig {
    /// The sender.
    pub(super) fn from(&self) -> Result<Mailbox, StartError> {
        let from = match (&self.mail_from, &self.smtp_url) {
            (Some(from), _) => from,
            (None, None) => DEFAULT_FROM,
            (None, Some(_)) => return Err(StartError::setting("MAIL_FROM", "is required with SMTP_URL")),
        };
        from.parse().map_err(|_| {
            StartError::setting("MAIL_FROM", "takes a mailbox, for instance Pollster <polls@example.org>")
        })
    }
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailConfig(…)")
    }
}
