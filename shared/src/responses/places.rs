//! Where a ballot's answers belong: the poll's own questions, by their ids inside PostgreSQL. What has no
//! place there can't become a row, which is why `responses` needs no foreign keys.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::statements;
use crate::vote::{AcceptedCast, Answer, Choices};

/// The polls that some ballots are for, as far as they exist.
#[derive(Debug)]
pub(super) struct Places(HashMap<(Uuid, u8), Place>);

/// A question of a poll, and what an answer to it may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) poll: i64,
    pub(super) question: i64,
    pub(super) month: NaiveDate,
    pub(super) choice_count: i16,
    pub(super) min_choices: i16,
    pub(super) max_choices: i16,
}

impl Places {
    /// Looks up the polls of `casts`.
    pub(super) async fn resolve(
        connection: &mut AsyncPgConnection,
        casts: &[AcceptedCast],
    ) -> QueryResult<Self> {
        let poll_ids: BTreeSet<Uuid> = casts.iter().map(|accepted| accepted.cast.poll_id).collect();
        let poll_ids: Vec<Uuid> = poll_ids.into_iter().collect();
        Ok(Self(statements::places(connection, &poll_ids).await?.collect()))
    }

    /// The place of an answer, `None` where there is no such poll or question, or the question does not
    /// allow these choices.
    pub(super) fn of(&self, poll_id: Uuid, answer: &Answer) -> Option<Place> {
        self.0.get(&(poll_id, answer.question)).copied().filter(|place| place.allows(answer.choices))
    }
}

impl Place {
    fn allows(&self, choices: Choices) -> bool {
        let count = choices.len() as i16;
        choices.0 >> self.choice_count == 0 && self.min_choices <= count && count <= self.max_choices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_allows_its_own_choices_in_their_number_only() {
        let place = Place {
            poll: 1,
            question: 1,
            month: NaiveDate::default(),
            choice_count: 3,
            min_choices: 1,
            max_choices: 2,
        };
        let allowed = |choices| place.allows(Choices(choices));
        assert!(allowed(0b001) && allowed(0b110));
        assert!(!allowed(0) && !allowed(0b111) && !allowed(0b1000) && !allowed(1 << 63));
    }
}
