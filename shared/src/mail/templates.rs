//! The mails that we send. Beside the texts of each is a `.snapshot` of what becomes of them.

mod digest;
mod nudge;

use super::Template;

pub use digest::Digest;
pub use nudge::Nudge;

/// Asks the owner of a new account to show that the address is theirs.
#[derive(Debug, Clone, Copy)]
pub struct VerifyEmail<'a> {
    /// Whom it greets.
    pub username: &'a str,
    /// Where the address is verified.
    pub link: &'a str,
}

impl Template for VerifyEmail<'_> {
    const TEXT: &'static str = include_str!("templates/verify_email.txt");
    const HTML: &'static str = include_str!("templates/verify_email.html");

    fn subject(&self) -> String {
        "Verify your e-mail address".to_owned()
    }

    fn values(&self) -> Vec<(&'static str, &str)> {
        vec![("username", self.username), ("link", self.link)]
    }
}

/// Lets somebody who forgot a password choose a new one.
#[derive(Debug, Clone, Copy)]
pub struct ResetPassword<'a> {
    /// Whom it greets.
    pub username: &'a str,
    /// Where the new password is chosen.
    pub link: &'a str,
}

impl Template for ResetPassword<'_> {
    const TEXT: &'static str = include_str!("templates/reset_password.txt");
    const HTML: &'static str = include_str!("templates/reset_password.html");

    fn subject(&self) -> String {
        "Choose a new password".to_owned()
    }

    fn values(&self) -> Vec<(&'static str, &str)> {
        vec![("username", self.username), ("link", self.link)]
    }
}

/// Tells a poll's creator that it has crossed a threshold.
#[derive(Debug, Clone, Copy)]
pub struct Milestone<'a> {
    /// Whom it greets.
    pub username: &'a str,
    /// The poll's title.
    pub title: &'a str,
    /// What happened, as a sentence.
    pub message: &'a str,
    /// The poll's page.
    pub link: &'a str,
}

impl Template for Milestone<'_> {
    const TEXT: &'static str = include_str!("templates/milestone.txt");
    const HTML: &'static str = include_str!("templates/milestone.html");

    fn subject(&self) -> String {
        format!("A milestone of “{}”", self.title)
    }

    fn values(&self) -> Vec<(&'static str, &str)> {
        vec![("username", self.username), ("message", self.message), ("link", self.link)]
    }
}

/// Tells a poll's creator that its results are final.
#[derive(Debug, Clone, Copy)]
pub struct PollClosed<'a> {
    /// Whom it greets.
    pub username: &'a str,
    /// The poll's title.
    pub title: &'a str,
    /// What happened, as a sentence.
    pub message: &'a str,
    /// The poll's page.
    pub link: &'a str,
}

impl Template for PollClosed<'_> {
    const TEXT: &'static str = include_str!("templates/poll_closed.txt");
    const HTML: &'static str = include_str!("templates/poll_closed.html");

    fn subject(&self) -> String {
        format!("The results of “{}” are final", self.title)
    }

    fn values(&self) -> Vec<(&'static str, &str)> {
        vec![("username", self.username), ("message", self.message), ("link", self.link)]
    }
}

#[cfg(test)]
mod tests;
