//! A vote's public id: it carries what is needed to look the vote up, so no column or index holds it.

use uuid::Uuid;

use super::{Ballot, Digest, HashSecret, MAX_QUESTIONS, Voter};

/// The bits of a version 8 UUID (RFC 9562, section 5.8): 64 of digest, 20 that name the questions
/// answered, 38 of a keyed check over these, the poll and the voter, so that nobody can make one up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoteId {
    /// The digest that the vote's rows carry.
    pub digest: Digest,
    /// The positions of the questions answered, a bit each.
    pub questions: u32,
}

const CHECK_BITS: u32 = 38;

impl VoteId {
    /// The id of `ballot` under `digest`.
    pub fn new(digest: Digest, ballot: &Ballot) -> Self {
        let questions = ballot.answers().iter().fold(0, |set, answer| set | 1 << answer.question);
        Self { digest, questions }
    }

    /// The id as the voter is told it.
    pub fn to_uuid(self, secret: &HashSecret, poll_id: Uuid, voter: Voter) -> Uuid {
        let check = self.check(secret, poll_id, voter);
        // 122 free bits; `new_v8` overwrites the 6 of version and variant, which lie at bits 76 and 62.
        let payload = u128::from(u64::from_be_bytes(self.digest.0)) << (MAX_QUESTIONS as u32 + CHECK_BITS)
            | u128::from(self.questions) << CHECK_BITS
            | u128::from(check);
        let high = payload >> 74;
        let middle = (payload >> 62) & 0xfff;
        let low = payload & ((1 << 62) - 1);
        uuid::Builder::from_custom_bytes((high << 80 | middle << 64 | low).to_be_bytes()).into_uuid()
    }

    /// The id behind `uuid`, or `None` where it is not one that this `voter` was told for this poll.
    pub fn from_uuid(uuid: Uuid, secret: &HashSecret, poll_id: Uuid, voter: Voter) -> Option<Self> {
        let bits = uuid.as_u128();
        let (high, middle, low) = (bits >> 80, (bits >> 64) & 0xfff, bits & ((1 << 62) - 1));
        let payload = high << 74 | middle << 62 | low;
        let digest = (payload >> (MAX_QUESTIONS as u32 + CHECK_BITS)) as u64;
        let questions = (payload >> CHECK_BITS) as u32 & ((1 << MAX_QUESTIONS) - 1);
        let id = Self { digest: Digest(digest.to_be_bytes()), questions };
        (id.to_uuid(secret, poll_id, voter) == uuid).then_some(id)
    }

    /// The positions of the questions answered, ascending.
    pub fn question_positions(self) -> impl Iterator<Item = usize> {
        (0..MAX_QUESTIONS).filter(move |position| self.questions & (1 << position) != 0)
    }

    fn check(self, secret: &HashSecret, poll_id: Uuid, voter: Voter) -> u64 {
        let mut message = Vec::with_capacity(44);
        message.extend_from_slice(poll_id.as_bytes());
        message.extend_from_slice(&voter.0);
        message.extend_from_slice(&self.digest.0);
        message.extend_from_slice(&self.questions.to_be_bytes());
        let hash = secret.hash("vote id", &message);
        let mut check = [0; 8];
        check.copy_from_slice(&hash[..8]);
        u64::from_be_bytes(check) >> (64 - CHECK_BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vote::{Answer, Choices};

    fn vote_id() -> VoteId {
        let answers = [0, 19].map(|question| Answer { question, choices: Choices(1) });
        VoteId::new(Digest([0xff; 8]), &Ballot::new(answers.to_vec()).unwrap())
    }

    #[test]
    fn a_voter_gets_back_from_the_id_what_went_in() {
        let (secret, poll, voter) = (HashSecret::new("secret"), Uuid::now_v7(), Voter([7; 16]));
        let uuid = vote_id().to_uuid(&secret, poll, voter);
        assert_eq!(uuid.get_version_num(), 8);
        assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(VoteId::from_uuid(uuid, &secret, poll, voter), Some(vote_id()));
        assert_eq!(vote_id().question_positions().collect::<Vec<_>>(), [0, 19]);
    }

    #[test]
    fn another_voter_poll_or_bit_gives_nothing() {
        let (secret, poll, voter) = (HashSecret::new("secret"), Uuid::now_v7(), Voter([7; 16]));
        let uuid = vote_id().to_uuid(&secret, poll, voter);
        assert_eq!(VoteId::from_uuid(uuid, &secret, poll, Voter([8; 16])), None);
        assert_eq!(VoteId::from_uuid(uuid, &secret, Uuid::now_v7(), voter), None);
        for bit in 0..128 {
            let forged = Uuid::from_u128(uuid.as_u128() ^ 1 << bit);
            assert_eq!(VoteId::from_uuid(forged, &secret, poll, voter), None, "bit {bit}");
        }
    }
}
