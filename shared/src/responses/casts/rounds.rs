//! Splits a batch so that no statement meets two ballots of one voter, or one address, on one question.

use std::collections::HashMap;

use uuid::Uuid;

use crate::responses::{Placed, Row};

/// Who may answer a question once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Voter(Uuid),
    Address(i64),
}

/// Indexes of `ballots` in rounds: a ballot comes in the first round after all earlier ballots that share a
/// voter, or an address that may vote once, and question with it. Nearly always that is one round.
///
/// Within one statement, two ballots over several questions could each take one question from the other,
/// and both would have to go; one after the other, the first one wins.
pub(super) fn split(ballots: &[Placed<'_>]) -> Vec<Vec<usize>> {
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let mut next_round: HashMap<(i64, Who), usize> = HashMap::with_capacity(ballots.len());
    for (index, ballot) in ballots.iter().enumerate() {
        let keys = ballot.rows.iter().flat_map(keys);
        let round = keys.clone().filter_map(|key| next_round.get(&key).copied()).max().unwrap_or(0);
        for key in keys {
            next_round.insert(key, round + 1);
        }
        if rounds.len() <= round {
            rounds.resize_with(round + 1, Vec::new);
        }
        rounds[round].push(index);
    }
    rounds
}

fn keys(row: &Row) -> impl Iterator<Item = (i64, Who)> + Clone {
    let address = row.address.filter(|_| row.place.one_an_address).map(Who::Address);
    std::iter::once(Who::Voter(row.voter)).chain(address).map({
        let question = row.place.question;
        move |who| (question, who)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::responses::test_rows::row;
    use crate::vote::{AcceptedCast, Ballot, Cast, Digest, Kind, Voter};

    /// The rounds of ballots given by voter, address and questions.
    fn split_of(ballots: &[(u128, Option<i64>, &[i64])]) -> Vec<Vec<usize>> {
        let accepted = AcceptedCast {
            cast: Cast {
                kind: Kind::Cast,
                poll_id: Uuid::nil(),
                voter: Voter([0; 16]),
                address: None,
                digest: Digest([0; 8]),
                ballot: Ballot::empty(1),
            },
            accepted_at: chrono::DateTime::UNIX_EPOCH,
            order: 0,
        };
        let placed = ballots.iter().map(|&(voter, address, questions)| {
            let mut rows: Vec<Row> = questions.iter().map(|&question| row(voter, question, 1)).collect();
            for row in &mut rows {
                row.address = address;
                row.place.one_an_address = true;
            }
            Placed { accepted: &accepted, rows }
        });
        split(&placed.collect::<Vec<_>>())
    }

    #[test]
    fn distinct_voters_and_questions_share_one_round() {
        assert_eq!(split_of(&[(1, None, &[0]), (2, None, &[0]), (1, None, &[1])]), [[0, 1, 2]]);
    }

    #[test]
    fn ballots_that_overlap_follow_each_other() {
        let ballots: [(u128, Option<i64>, &[i64]); 4] =
            [(1, None, &[0]), (1, None, &[0, 1]), (1, None, &[1]), (1, None, &[2])];
        assert_eq!(split_of(&ballots), [vec![0, 3], vec![1], vec![2]]);
    }

    #[test]
    fn ballots_that_share_an_address_follow_each_other() {
        let ballots: [(u128, Option<i64>, &[i64]); 3] =
            [(1, Some(7), &[0]), (2, Some(7), &[0, 1]), (3, Some(8), &[0])];
        assert_eq!(split_of(&ballots), [vec![0, 2], vec![1]]);
    }
}
