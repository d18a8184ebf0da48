//! What stands in the digests of some accounts.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use diesel_async::AsyncPgConnection;
use pollster_shared::accounts::Recipient;
use pollster_shared::digests::{self, DigestData, DigestPoll, Span, Summary};
use pollster_shared::participation::{self, Question};
use pollster_shared::vote::{HashSecret, Voter};

use crate::jobs::JobError;

/// The most polls that a digest lists.
const LISTED: usize = 50;

/// The polls of an account, newest first.
type Polls = BTreeSet<Reverse<i64>>;

/// Composes digests.
#[derive(Debug)]
pub(crate) struct Composer {
    /// Keys the hashes that stand for voters.
    secret: HashSecret,
    /// What links begin with, without a slash at its end.
    public_url: String,
}

impl Composer {
    /// Of an installation with this secret at this address.
    pub(crate) fn new(secret: HashSecret, public_url: &str) -> Self {
        Self { secret, public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// The digest of each of these accounts that made polls which took votes in `span`, or voted in such.
    pub(super) async fn compose<'a>(
        &self,
        connection: &mut AsyncPgConnection,
        span: &Span,
        accounts: &'a [Recipient],
        questions: &[Question],
    ) -> Result<Vec<(&'a Recipient, DigestData)>, JobError> {
        let polls = self.polls_of(connection, span, accounts, questions).await?;
        let listed: BTreeSet<i64> = polls.values().flat_map(newest).collect();
        let listed: Vec<i64> = listed.into_iter().collect();
        let summaries: HashMap<i64, Summary> = digests::summaries(connection, &listed)
            .await?
            .into_iter()
            .map(|summary| (summary.id, summary))
            .collect();
        let digest = |account: &'a Recipient| {
            let polls = polls.get(&account.id)?;
            let known = newest(polls).filter_map(|poll| summaries.get(&poll));
            let listed: Vec<_> = known.map(|summary| tell(summary, account, &self.public_url)).collect();
            let data = DigestData {
                period: span.period,
                from: span.from,
                polls: listed,
                more: polls.len().saturating_sub(LISTED),
            };
            (!data.polls.is_empty()).then_some((account, data))
        };
        Ok(accounts.iter().filter_map(digest).collect())
    }

    /// The polls of each account, by the account's row.
    async fn polls_of(
        &self,
        connection: &mut AsyncPgConnection,
        span: &Span,
        accounts: &[Recipient],
        questions: &[Question],
    ) -> Result<HashMap<i64, Polls>, JobError> {
        let mut polls: HashMap<i64, Polls> = HashMap::new();
        let rows: Vec<i64> = accounts.iter().map(|account| account.id).collect();
        for (account, poll) in digests::made(connection, &rows, span).await? {
            polls.entry(account).or_default().insert(Reverse(poll));
        }
        let voters: Vec<Voter> =
            accounts.iter().map(|account| Voter::from_account(&self.secret, &account.subject)).collect();
        let owners: HashMap<_, i64> = voters.iter().map(|voter| voter.to_uuid()).zip(rows).collect();
        for vote in participation::votes(connection, questions, &voters).await? {
            if let Some(account) = owners.get(&vote.voter) {
                polls.entry(*account).or_default().insert(Reverse(vote.poll));
            }
        }
        Ok(polls)
    }
}

fn newest(polls: &Polls) -> impl Iterator<Item = i64> {
    polls.iter().take(LISTED).map(|Reverse(poll)| *poll)
}

/// A poll as its creator or a voter may see it.
fn tell(summary: &Summary, account: &Recipient, public_url: &str) -> DigestPoll {
    let is_shown = summary.creator == Some(account.id) || !summary.is_hidden;
    DigestPoll {
        title: summary.title.clone(),
        url: format!("{public_url}/p/{}", summary.slug),
        status: summary.status.clone(),
        total_votes: is_shown.then_some(summary.total_votes),
    }
}
