//! Splits a batch so that no statement meets two ballots of one voter on one question.

use std::collections::HashMap;

use uuid::Uuid;

use crate::vote::{AcceptedCast, Voter};

/// Indexes of `casts` in rounds: a ballot comes in the first round after all earlier ballots that share a
/// voter and question with it. Nearly always that is one round.
///
/// Within one statement, two ballots over several questions could each take one question from the other,
/// and both would have to go; one after the other, the first one wins.
pub(super) fn split(casts: &[AcceptedCast]) -> Vec<Vec<usize>> {
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let mut next_round: HashMap<(Uuid, u8, Voter), usize> = HashMap::with_capacity(casts.len());
    for (index, AcceptedCast { cast, .. }) in casts.iter().enumerate() {
        let keys = cast.ballot.answers().iter().map(|answer| (cast.poll_id, answer.question, cast.voter));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vote::{Answer, Ballot, Cast, Choices, Digest};

    fn cast(voter: u8, questions: &[u8]) -> AcceptedCast {
        let answers = questions.iter().map(|&question| Answer { question, choices: Choices(1) }).collect();
        let cast = Cast {
            poll_id: Uuid::nil(),
            voter: Voter([voter; 16]),
            digest: Digest([0; 8]),
            ballot: Ballot::new(answers).unwrap(),
        };
        AcceptedCast { cast, accepted_at: chrono::DateTime::UNIX_EPOCH }
    }

    #[test]
    fn distinct_voters_and_questions_share_one_round() {
        assert_eq!(split(&[cast(1, &[0]), cast(2, &[0]), cast(1, &[1])]), [[0, 1, 2]]);
    }

    #[test]
    fn ballots_that_overlap_follow_each_other() {
        let casts = [cast(1, &[0]), cast(1, &[0, 1]), cast(1, &[1]), cast(1, &[2])];
        assert_eq!(split(&casts), [vec![0, 3], vec![1], vec![2]]);
    }
}
