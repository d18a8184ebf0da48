//! What channels are about.

use uuid::Uuid;

use crate::vote::HashSecret;

/// What a channel carries news of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A poll's counts.
    Poll(Uuid),
    /// An account's notifications.
    Account(AccountTopic),
}

/// Stands for an account where others may read along: 16 bytes of a keyed hash of its subject, another than that
/// of its votes. Whoever knows the subject and the secret finds it without asking anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountTopic(Uuid);

impl AccountTopic {
    /// The topic of the account that access tokens call `subject`.
    pub fn new(secret: &HashSecret, subject: &str) -> Self {
        let hash = secret.hash("account topic", subject.as_bytes());
        Self(Uuid::from_bytes(std::array::from_fn(|place| hash[place])))
    }

    /// The topic that a channel's name says.
    pub(crate) fn from_name(name: Uuid) -> Self {
        Self(name)
    }

    /// What its channel's name says.
    pub(crate) fn name(self) -> Uuid {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vote::Voter;

    #[test]
    fn an_account_s_topic_is_its_own_and_tells_neither_subject_nor_voter() {
        let secret = HashSecret::new("a secret of sixteen characters");
        let topic = AccountTopic::new(&secret, "ann");
        assert_eq!(topic, AccountTopic::new(&secret, "ann"));
        assert_ne!(topic, AccountTopic::new(&secret, "bob"));
        assert_ne!(topic, AccountTopic::new(&HashSecret::new("another secret of an installation"), "ann"));
        assert_ne!(topic.name(), Voter::from_account(&secret, "ann").to_uuid());
    }
}
