//! Where a ballot's answers belong: the poll's own questions, by their ids inside PostgreSQL. What has no
//! place there can't become a row, which is why `responses` needs no foreign keys.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Date, Jsonb, Nullable, SmallInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;
use crate::milestones::Thresholds;
use crate::vote::{AcceptedCast, Answer, Choices, Kind};

/// The polls that some ballots are for, as far as they exist.
#[derive(Debug, Default)]
pub(super) struct Places {
    questions: HashMap<(Uuid, u8), Place>,
    polls: HashMap<i64, PollPlace>,
}

/// What a commit needs to know of a poll, whatever its questions.
#[derive(Debug)]
pub(super) struct PollPlace {
    pub(super) poll_id: Uuid,
    /// Its milestones, where it has set its own.
    pub(super) milestones: Option<Thresholds>,
}

/// A question of a poll, and what an answer to it may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) poll: i64,
    pub(crate) question: i64,
    pub(super) month: NaiveDate,
    pub(super) choice_count: i16,
    pub(super) min_choices: i16,
    pub(super) max_choices: i16,
    /// Whether votes may be changed.
    pub(super) changeable: bool,
    /// Whether each address may vote once.
    pub(super) one_an_address: bool,
}

statement! {
    FindPlaces { poll_ids: [Uuid] => Array<SqlUuid> } ->
    (SqlUuid, SmallInt, (BigInt, BigInt, Date), (SmallInt, SmallInt, SmallInt), (Bool, Bool), Nullable<Jsonb>),
    "SELECT p.poll_id, q.position, p.id, q.id, p.month, q.choice_count, q.min_choices, q.max_choices, \
            p.settings @> '{\"allow_vote_change\": true}', \
            p.settings @> '{\"voter_identity\": \"browser_and_address\"}', \
            p.settings -> 'milestones' \
     FROM polls p JOIN questions q ON q.poll = p.id WHERE p.poll_id = ANY(?)"
}

type PlaceRow = (Uuid, i16, (i64, i64, NaiveDate), (i16, i16, i16), (bool, bool), Option<serde_json::Value>);

impl Places {
    /// Looks up the polls of `casts`.
    pub(super) async fn resolve(
        connection: &mut AsyncPgConnection,
        casts: &[AcceptedCast],
    ) -> QueryResult<Self> {
        let poll_ids: BTreeSet<Uuid> = casts.iter().map(|accepted| accepted.cast.poll_id).collect();
        let poll_ids: Vec<Uuid> = poll_ids.into_iter().collect();
        let rows: Vec<PlaceRow> = FindPlaces { poll_ids: &poll_ids }.load(connection).await?;
        let mut places = Self::default();
        rows.into_iter().for_each(|row| places.add(row));
        Ok(places)
    }

    fn add(&mut self, (poll_id, position, ids, bounds, rules, milestones): PlaceRow) {
        let (poll, question, month) = ids;
        let (choice_count, min_choices, max_choices) = bounds;
        let (changeable, one_an_address) = rules;
        let place = Place {
            poll,
            question,
            month,
            choice_count,
            min_choices,
            max_choices,
            changeable,
            one_an_address,
        };
        self.questions.insert((poll_id, position as u8), place);
        self.polls.entry(poll).or_insert_with(|| {
            let own = milestones.and_then(|own| serde_json::from_value::<Vec<i64>>(own).ok());
            PollPlace { poll_id, milestones: own.map(Thresholds::from) }
        });
    }

    /// The poll with this id inside PostgreSQL.
    pub(super) fn poll(&self, poll: i64) -> Option<&PollPlace> {
        self.polls.get(&poll)
    }

    /// The place of an answer, `None` where there is no such poll or question, or the question does not
    /// allow these choices, or the poll no changes.
    pub(super) fn of(&self, poll_id: Uuid, kind: Kind, answer: &Answer) -> Option<Place> {
        self.questions
            .get(&(poll_id, answer.question))
            .copied()
            .filter(|place| place.allows(kind, answer.choices))
    }
}

impl Place {
    fn allows(&self, kind: Kind, choices: Choices) -> bool {
        let count = choices.len() as i16;
        let fits =
            choices.0 >> self.choice_count == 0 && self.min_choices <= count && count <= self.max_choices;
        match kind {
            Kind::Cast => fits,
            Kind::Change => self.changeable && fits,
            Kind::Revoke => self.changeable && choices.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place {
        poll: 1,
        question: 1,
        month: NaiveDate::MIN,
        choice_count: 3,
        min_choices: 1,
        max_choices: 2,
        changeable: false,
        one_an_address: false,
    };

    #[test]
    fn a_place_allows_its_own_choices_in_their_number_only() {
        let allowed = |choices| PLACE.allows(Kind::Cast, Choices(choices));
        assert!(allowed(0b001) && allowed(0b110));
        assert!(!allowed(0) && !allowed(0b111) && !allowed(0b1000) && !allowed(1 << 63));
    }

    #[test]
    fn only_where_votes_may_be_changed_are_they_changed_or_revoked() {
        let changeable = Place { changeable: true, ..PLACE };
        assert!(changeable.allows(Kind::Change, Choices(1)) && !PLACE.allows(Kind::Change, Choices(1)));
        assert!(changeable.allows(Kind::Revoke, Choices(0)) && !PLACE.allows(Kind::Revoke, Choices(0)));
        assert!(!changeable.allows(Kind::Revoke, Choices(1)) && !changeable.allows(Kind::Change, Choices(0)));
    }
}
