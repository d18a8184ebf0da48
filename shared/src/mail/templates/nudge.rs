//! The nudge.

use crate::mail::Template;
use crate::nudges::NudgeData;

/// Reminds somebody who has not voted in a while.
#[derive(Debug, Clone)]
pub struct Nudge<'a> {
    username: &'a str,
    home: &'a str,
    last: String,
}

impl<'a> Nudge<'a> {
    /// The nudge that a notification's `data` says, to whom it greets. `home` is the address that Pollster's links
    /// begin with.
    pub fn new(username: &'a str, home: &'a str, data: &NudgeData) -> Self {
        Self { username, home, last: data.last_day() }
    }
}

impl Template for Nudge<'_> {
    const TEXT: &'static str = include_str!("nudge.txt");
    const HTML: &'static str = include_str!("nudge.html");

    fn subject(&self) -> String {
        "You have not voted in a while".to_owned()
    }

    fn values(&self) -> Vec<(&'static str, &str)> {
        vec![("username", self.username), ("last", &self.last), ("home", self.home)]
    }
}
