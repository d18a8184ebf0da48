//! Who votes, as a keyed hash: neither Redis nor PostgreSQL ever holds a token.

use std::fmt;

use uuid::Uuid;

/// The key of every hash of voters and tokens, from `HASH_SECRET`. Changing it makes everyone a new voter.
#[derive(Clone)]
pub struct HashSecret([u8; 32]);

impl HashSecret {
    /// Derives the key from the configured secret.
    pub fn new(secret: &str) -> Self {
        Self(blake3::derive_key("Pollster 2026 HASH_SECRET", secret.as_bytes()))
    }

    /// The keyed hash of `bytes`; `domain` keeps hashes for different purposes apart.
    pub fn hash(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(domain.as_bytes()).update(&[0]).update(bytes);
        *hasher.finalize().as_bytes()
    }
}

impl fmt::Debug for HashSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashSecret(…)")
    }
}

/// A voter: 16 bytes, uniformly spread, that stand for a browser's token or an account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Voter(pub [u8; 16]);

impl Voter {
    /// The voter behind an anonymous browser's token.
    pub fn from_browser_token(secret: &HashSecret, token: Uuid) -> Self {
        Self::from_hash(secret.hash("browser", token.as_bytes()))
    }

    /// The voter that the account of this subject is.
    pub fn from_account(secret: &HashSecret, subject: &str) -> Self {
        Self::from_hash(secret.hash("account", subject.as_bytes()))
    }

    fn from_hash(hash: [u8; 32]) -> Self {
        let mut voter = [0; 16];
        voter.copy_from_slice(&hash[..16]);
        Self(voter)
    }

    /// The shard of this voter among `shards`, the same for ever: the first eight bytes, which are
    /// already a hash, modulo the number of shards.
    pub fn shard(self, shards: u16) -> u16 {
        let mut head = [0; 8];
        head.copy_from_slice(&self.0[..8]);
        (u64::from_be_bytes(head) % u64::from(shards.max(1))) as u16
    }

    /// The voter as PostgreSQL keeps it.
    pub fn to_uuid(self) -> Uuid {
        Uuid::from_bytes(self.0)
    }
}

impl fmt::Debug for Voter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Voter(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voter_depends_on_the_token_and_the_secret() {
        let token = Uuid::new_v4();
        let voter = Voter::from_browser_token(&HashSecret::new("a"), token);
        assert_eq!(voter, Voter::from_browser_token(&HashSecret::new("a"), token));
        assert_ne!(voter, Voter::from_browser_token(&HashSecret::new("b"), token));
        assert_ne!(voter, Voter::from_browser_token(&HashSecret::new("a"), Uuid::new_v4()));
    }

    #[test]
    fn an_account_is_no_browser_of_the_same_name() {
        let (secret, token) = (HashSecret::new("a"), Uuid::new_v4());
        let account = Voter::from_account(&secret, &token.to_string());
        assert_eq!(account, Voter::from_account(&secret, &token.to_string()));
        assert_ne!(account, Voter::from_browser_token(&secret, token));
        let bytes = Uuid::from_bytes(*b"sixteen letters.");
        assert_ne!(
            Voter::from_account(&secret, "sixteen letters."),
            Voter::from_browser_token(&secret, bytes)
        );
    }

    #[test]
    fn voters_spread_over_all_shards() {
        let secret = HashSecret::new("a");
        let mut shards = [0; 8];
        for n in 0..8000 {
            shards[Voter::from_browser_token(&secret, Uuid::from_u128(n)).shard(8) as usize] += 1;
        }
        assert!(shards.iter().all(|&voters| (850..1150).contains(&voters)), "{shards:?}");
    }

    #[test]
    fn secrets_and_voters_do_not_print() {
        assert_eq!(format!("{:?}", HashSecret::new("secret")), "HashSecret(…)");
        assert_eq!(format!("{:?}", Voter([1; 16])), "Voter(…)");
    }
}
