//! E-mail: typed mails ([`Template`]) made of embedded texts, sent over SMTP or, without a server, written as
//! files for whoever develops or tests.

mod config;
mod files;
mod smtp;
mod template;
mod templates;

use lettre::message::header::{ContentTransferEncoding, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart};
use lettre::{Address, Message};
use uuid::Uuid;

pub use config::MailConfig;
pub use lettre::Address as EmailAddress;
pub use template::Template;
pub use templates::{Digest, Milestone, Nudge, PollClosed, ResetPassword, VerifyEmail};

use crate::config::StartError;
use files::Folder;
use smtp::Smtp;

/// Sends mails.
#[derive(Debug)]
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

#[derive(Debug)]
enum Transport {
    Smtp(Smtp),
    Folder(Folder),
}

/// Why a mail was not sent. Never says to whom: it is there to be logged.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It can't be written as a message.
    #[error("the mail can't be written: {0}")]
    Message(#[from] lettre::error::Error),
    /// The server did not take it. What it says may quote the address and is left out.
    #[error("the mail server did not take the mail: {problem}")]
    Smtp {
        /// What went wrong.
        problem: String,
        /// Whether the same mail will not be taken later either.
        is_for_good: bool,
    },
    /// The file can't be written.
    #[error("the mail can't be written to its folder: {0}")]
    File(#[from] std::io::Error),
}

impl MailError {
    /// Whether sending the same mail again is of no use.
    pub fn is_for_good(&self) -> bool {
        match self {
            Self::Message(_) => true,
            Self::Smtp { is_for_good, .. } => *is_for_good,
            Self::File(_) => false,
        }
    }
}

impl Mailer {
    /// Sends as configured. A server is connected to when first needed.
    ///
    /// # Errors
    /// Where a setting is bad.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn new(config: &MailConfig) -> Result<Self, StartError> {
        let transport = match config.smtp_url.as_deref() {
            Some(url) => Transport::Smtp(Smtp::new(url)?),
            None => Transport::Folder(Folder::new(&config.mail_folder)?),
        };
        Ok(Self { from: config.from()?, transport })
    }

    /// Sends a mail. What a server refuses for the moment is tried again some times, with growing pauses: this
    /// may take minutes.
    ///
    /// # Errors
    /// When it was not sent.
    pub async fn send(&self, to: &Address, mail: &impl Template) -> Result<(), MailError> {
        let message = message(&self.from, to, Uuid::new_v4(), mail)?;
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send_patiently(message).await,
            Transport::Folder(folder) => Ok(folder.write(&message).await?),
        }
    }

    /// Sends a mail in one attempt. Sent again under the same `id`, it is the same to whoever gets it twice.
    ///
    /// # Errors
    /// When it was not sent.
    pub async fn attempt(&self, to: &Address, id: Uuid, mail: &impl Template) -> Result<(), MailError> {
        let message = message(&self.from, to, id, mail)?;
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send(message).await,
            Transport::Folder(folder) => Ok(folder.write(&message).await?),
        }
    }
}

/// The whole message, its parts encoded as they must be. It is named after `id` and the sender's domain: this
/// machine's own name is nobody's business.
fn message(
    from: &Mailbox,
    to: &Address,
    id: Uuid,
    mail: &impl Template,
) -> Result<Message, lettre::error::Error> {
    // So that no out-of-office answer comes back (RFC 3834).
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(mail.subject())
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(plain(mail.text()), mail.html()))
}

/// The longest line of a message (RFC 5322, section 2.1.1).
const MAX_LINE: usize = 998;

/// A plain text, as it is where it may be: lettre would break lines of more than 76 characters, and with them
/// the links, for whoever reads a mail's source.
fn plain(text: String) -> Body {
    let is_sendable = |line: &str| line.is_ascii() && line.len() <= MAX_LINE && !line.contains('\r');
    if text.lines().all(is_sendable) {
        let lines: Vec<&str> = text.lines().collect();
        Body::dangerous_pre_encoded(lines.join("\r\n").into_bytes(), ContentTransferEncoding::SevenBit)
    } else {
        Body::new(text)
    }
}

#[cfg(test)]
mod tests;
