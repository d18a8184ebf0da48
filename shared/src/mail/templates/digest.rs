//! The digest.

use crate::digests::{DigestData, DigestPoll};
use crate::mail::Template;
use crate::notifications::grouped;

/// Tells of the polls that somebody made or voted in.
#[derive(Debug, Clone)]
pub struct Digest<'a> {
    username: &'a str,
    home: &'a str,
    span: String,
    polls: Vec<Row<'a>>,
    /// Of polls that are not listed.
    more: String,
}

/// A poll of the list.
#[derive(Debug, Clone)]
struct Row<'a> {
    poll: &'a DigestPoll,
    votes: String,
}

impl<'a> Digest<'a> {
    /// The digest that a notification's `data` says, to whom it greets. `home` is the address that Pollster's links
    /// begin with.
    pub fn new(username: &'a str, home: &'a str, data: &'a DigestData) -> Self {
        let row = |poll: &'a DigestPoll| Row { poll, votes: votes(poll.total_votes) };
        Self {
            username,
            home,
            span: data.span(),
            polls: data.polls.iter().map(row).collect(),
            more: if data.more > 0 { format!("And {} more.", data.more) } else { String::new() },
        }
    }
}

impl Template for Digest<'_> {
    const TEXT: &'static str = include_str!("digest.txt");
    const HTML: &'static str = include_str!("digest.html");
    const ROW_TEXT: &'static str = include_str!("digest_row.txt");
    const ROW_HTML: &'static str = include_str!("digest_row.html");

    fn subject(&self) -> String {
        format!("Your polls {}", self.span)
    }

    fn values(&self) -> Vec<(&'static str, &str)> {
        vec![("username", self.username), ("span", &self.span), ("more", &self.more), ("home", self.home)]
    }

    fn rows(&self) -> Vec<Vec<(&'static str, &str)>> {
        self.polls.iter().map(Row::values).collect()
    }
}

impl Row<'_> {
    fn values(&self) -> Vec<(&'static str, &str)> {
        let Self { poll, votes } = self;
        vec![("title", &poll.title), ("status", &poll.status), ("votes", votes), ("url", &poll.url)]
    }
}

fn votes(total: Option<i64>) -> String {
    match total {
        None => "results hidden".to_owned(),
        Some(1) => "1 vote".to_owned(),
        Some(votes) => format!("{} votes", grouped(votes)),
    }
}
