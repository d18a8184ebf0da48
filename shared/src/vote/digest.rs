//! Eight bytes that tell a ballot seen again from a second one.

use uuid::Uuid;

use super::Ballot;

/// Half of it over the idempotency key (else over the event's own id), half over the ballot: the same
/// digest is the same ballot again, the same first half with another second half is a key used twice.
///
/// Digests are only ever compared within one voter and poll, so 32 bits a half suffice: a voter who
/// searched for a collision would only make two of their own ballots look like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 8]);

impl Digest {
    /// The digest of `ballot`, sent under the client's `idempotency_key` or else under an id of its own.
    pub fn new(idempotency_key: Option<&str>, ballot: &Ballot) -> Self {
        let key = match idempotency_key {
            Some(key) => half("key", key.as_bytes()),
            None => half("event", Uuid::new_v4().as_bytes()),
        };
        let mut answers = Vec::with_capacity(ballot.answers().len() * 9);
        for answer in ballot.answers() {
            answers.push(answer.question);
            answers.extend_from_slice(&answer.choices.0.to_be_bytes());
        }
        let [k0, k1, k2, k3] = key;
        let [b0, b1, b2, b3] = half("ballot", &answers);
        Self([k0, k1, k2, k3, b0, b1, b2, b3])
    }

    /// The digest as PostgreSQL keeps it.
    pub fn to_i64(self) -> i64 {
        i64::from_be_bytes(self.0)
    }

    /// The digest from what PostgreSQL keeps.
    pub fn from_i64(column: i64) -> Self {
        Self(column.to_be_bytes())
    }
}

fn half(domain: &str, bytes: &[u8]) -> [u8; 4] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(domain.as_bytes()).update(&[0]).update(bytes);
    let mut half = [0; 4];
    hasher.finalize_xof().fill(&mut half);
    half
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vote::{Answer, Choices};

    fn ballot(choices: u64) -> Ballot {
        Ballot::new(vec![Answer { question: 0, choices: Choices(choices) }]).unwrap()
    }

    #[test]
    fn the_same_key_and_ballot_give_the_same_digest() {
        assert_eq!(Digest::new(Some("a"), &ballot(1)), Digest::new(Some("a"), &ballot(1)));
    }

    #[test]
    fn the_same_key_with_another_ballot_shares_the_first_half_only() {
        let (one, other) = (Digest::new(Some("a"), &ballot(1)), Digest::new(Some("a"), &ballot(2)));
        assert_eq!(one.0[..4], other.0[..4]);
        assert_ne!(one.0[4..], other.0[4..]);
    }

    #[test]
    fn without_a_key_every_event_is_its_own() {
        assert_ne!(Digest::new(None, &ballot(1)), Digest::new(None, &ballot(1)));
    }

    #[test]
    fn a_digest_survives_the_database_column() {
        let digest = Digest([0xff, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(Digest::from_i64(digest.to_i64()), digest);
    }
}
