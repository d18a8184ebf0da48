//! The mails that we send. Beside the texts of each is a `.snapshot` of what becomes of them.

use super::Template;

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

#[cfg(test)]
mod tests;
