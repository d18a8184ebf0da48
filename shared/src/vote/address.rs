//! Where a vote came from, as a keyed hash: no address is ever stored.

use std::fmt;

use uuid::Uuid;

use super::HashSecret;

/// The network that a vote came from, within one poll: the same network has another hash in every other
/// poll, so that nobody can be followed from poll to poll.
///
/// Eight bytes: among a million networks that vote on one question, two share a hash with a probability
/// of 3 in 100 million, and without the key nobody can look for such a pair.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressHash(pub [u8; 8]);

impl AddressHash {
    /// The hash of `network`: an IPv6 address' first 64 bits, or a whole IPv4 address.
    pub fn new(secret: &HashSecret, poll_id: Uuid, network: [u8; 16]) -> Self {
        let mut message = [0; 32];
        message[..16].copy_from_slice(poll_id.as_bytes());
        message[16..].copy_from_slice(&network);
        let mut head = [0; 8];
        head.copy_from_slice(&secret.hash("address", &message)[..8]);
        Self(head)
    }

    /// The hash as PostgreSQL keeps it.
    pub fn to_i64(self) -> i64 {
        i64::from_be_bytes(self.0)
    }
}

impl fmt::Debug for AddressHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_one_hash_a_poll_and_secret() {
        let (poll, secret) = (Uuid::now_v7(), HashSecret::new("a"));
        let hash = AddressHash::new(&secret, poll, [1; 16]);
        assert_eq!(hash, AddressHash::new(&secret, poll, [1; 16]));
        assert_ne!(hash, AddressHash::new(&secret, poll, [2; 16]));
        assert_ne!(hash, AddressHash::new(&secret, Uuid::now_v7(), [1; 16]));
        assert_ne!(hash, AddressHash::new(&HashSecret::new("b"), poll, [1; 16]));
        assert_eq!(format!("{hash:?}"), "AddressHash(…)");
    }
}
