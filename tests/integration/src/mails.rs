//! The mails that a stack without a mail server writes as files.

use std::path::PathBuf;

use crate::builder;
use crate::stack::Stack;
use crate::wait::{DEADLINE, wait_until};

impl Stack {
    /// Where its mails are written to; it is made with the first one.
    pub fn mail_folder(&self) -> PathBuf {
        builder::mail_folder(self.scratch.path())
    }

    /// All mails so far, oldest first.
    pub fn mails(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.mail_folder()).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).expect("a mail is text")).collect()
    }

    /// Waits until there is mail number `number`, from 1, to this address, and returns it.
    pub async fn mail_to(&self, address: &str, number: usize) -> String {
        let header = format!("To: {address}\r\n");
        wait_until(&format!("mail {number} to {address}"), DEADLINE, async || {
            self.mails().into_iter().filter(|mail| mail.contains(&header)).nth(number - 1)
        })
        .await
    }
}

/// The address of a mail's link, from its plain text.
///
/// # Panics
/// Where it has none.
pub fn link(mail: &str) -> &str {
    mail.lines().find(|line| line.starts_with("http")).expect("a mail with a link")
}

/// The token in a mail's link.
///
/// # Panics
/// Where it has none.
pub fn mailed_token(mail: &str) -> String {
    link(mail).split_once("?token=").expect("a link with a token").1.to_owned()
}
