//! A poll's definition, which never changes, and its status, which does.

mod draft;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use draft::{Draft, DraftQuestion, FieldError};

use crate::vote::{Choices, Voter};

/// What a poll is: everything that is fixed at its creation. Cached as JSON in Redis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// The row's id inside PostgreSQL.
    pub id: i64,
    /// The public id.
    pub poll_id: Uuid,
    /// The short name in links, and the code to join by.
    pub slug: String,
    /// What is asked about.
    pub title: String,
    /// More about it; may be empty.
    pub description: String,
    /// How it is run.
    pub settings: Settings,
    /// Number of stream shards its voters are spread over.
    pub shards: u16,
    /// First day of the month that its responses are stored under.
    pub month: NaiveDate,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when it takes votes; at once if `None`.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when it takes votes; until it is closed by hand if `None`.
    pub ends_at: Option<DateTime<Utc>>,
    /// What is asked, in order.
    pub questions: Vec<Question>,
}

/// One question of a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The row's id inside PostgreSQL.
    pub id: i64,
    /// The public id.
    pub question_id: Uuid,
    /// What is asked.
    pub text: String,
    /// The fewest choices an answer may hold, from 1.
    pub min_choices: u8,
    /// The most choices an answer may hold.
    pub max_choices: u8,
    /// What can be chosen, in order.
    pub choices: Vec<Choice>,
}

/// One choice of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Choice {
    /// The public id.
    pub choice_id: Uuid,
    /// What is chosen.
    pub text: String,
}

/// How a poll is run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Who counts as one voter.
    pub voter_identity: VoterIdentity,
    /// Who may see results, and when.
    pub result_visibility: ResultVisibility,
    /// Whether a vote may be changed and revoked; not together with one vote an address.
    pub allow_vote_change: bool,
    /// Whether every vote must come with a solved captcha.
    pub captcha: bool,
    /// Whether only accounts with a verified e-mail address may vote; with `voter_identity: account` only.
    pub verified_email: bool,
    /// Numbers of responses that are worth telling the poll's creator of: up to 20 of 1 to 1,000,000,000,000, each
    /// once; none if empty, the installation's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub milestones: Option<Vec<i64>>,
}

/// Who counts as one voter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoterIdentity {
    /// One vote a browser token.
    #[default]
    Browser,
    /// One vote an account.
    Account,
    /// One vote a browser token, and one an address.
    BrowserAndAddress,
}

/// Who may see results, and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResultVisibility {
    /// Everybody, at any time.
    #[default]
    Always,
    /// Who has voted.
    AfterVote,
    /// Everybody, once the poll is closed.
    AfterClose,
}

/// Where a poll stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Takes no votes yet.
    Scheduled,
    /// Takes votes.
    Active,
    /// Takes no votes any more.
    Closed,
    /// Closed, and its responses are in the archive.
    Archived,
}

impl Status {
    /// Whether it takes no votes any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Archived)
    }
}

impl Poll {
    /// Where the poll stands at `now`, given whether it was closed, and archived, by then.
    pub fn status(&self, closed: bool, archived: bool, now: DateTime<Utc>) -> Status {
        if archived {
            Status::Archived
        } else if closed || self.ends_at.is_some_and(|ends_at| ends_at <= now) {
            Status::Closed
        } else if self.starts_at.is_some_and(|starts_at| now < starts_at) {
            Status::Scheduled
        } else {
            Status::Active
        }
    }

    /// The shard that takes the votes of `voter`. Where one address may vote once, all of the poll's votes
    /// share a shard, so that one script can check token and address.
    pub fn shard_of(&self, voter: Voter) -> u16 {
        match self.settings.voter_identity {
            VoterIdentity::Account | VoterIdentity::Browser => voter.shard(self.shards),
            VoterIdentity::BrowserAndAddress => {
                // The last eight bytes of a UUIDv7 are random.
                let (_, random) = self.poll_id.as_u64_pair();
                (random % u64::from(self.shards.max(1))) as u16
            }
        }
    }

    /// The position of the question with this public id.
    pub fn question_position(&self, question_id: Uuid) -> Option<usize> {
        self.questions.iter().position(|question| question.question_id == question_id)
    }
}

impl Question {
    /// The position of the choice with this public id.
    pub fn choice_position(&self, choice_id: Uuid) -> Option<usize> {
        self.choices.iter().position(|choice| choice.choice_id == choice_id)
    }

    /// The public ids of `choices`, in the question's order.
    pub fn choice_ids(&self, choices: Choices) -> Vec<Uuid> {
        choices.positions().filter_map(|position| self.choices.get(position)).map(|c| c.choice_id).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn poll(starts_at: Option<i64>, ends_at: Option<i64>) -> Poll {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        Poll {
            id: 1,
            poll_id: Uuid::nil(),
            slug: String::new(),
            title: String::new(),
            description: String::new(),
            settings: Settings::default(),
            shards: 8,
            month: NaiveDate::default(),
            created_at: DateTime::UNIX_EPOCH,
            starts_at: starts_at.map(at),
            ends_at: ends_at.map(at),
            questions: vec![],
        }
    }

    #[test]
    fn a_poll_is_scheduled_then_active_then_closed() {
        let poll = poll(Some(10), Some(20));
        let status = |seconds| poll.status(false, false, DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds));
        assert_eq!([9, 10, 19, 20].map(status), {
            use Status::*;
            [Scheduled, Active, Active, Closed]
        });
    }

    #[test]
    fn one_vote_an_address_needs_one_shard() {
        let mut poll = poll(None, None);
        poll.poll_id = Uuid::now_v7();
        let shards = |poll: &Poll| {
            (0..64).map(|n| poll.shard_of(Voter([n; 16]))).collect::<std::collections::BTreeSet<_>>()
        };
        assert!(shards(&poll).len() > 1);
        poll.settings.voter_identity = VoterIdentity::BrowserAndAddress;
        assert!(shards(&poll).len() == 1 && shards(&poll).iter().all(|shard| *shard < poll.shards));
    }

    #[test]
    fn a_poll_closed_by_hand_is_closed_whatever_its_times() {
        assert_eq!(poll(Some(10), None).status(true, false, DateTime::UNIX_EPOCH), Status::Closed);
    }
}
