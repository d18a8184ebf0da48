//! Where each watched poll's subscription is.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::link::LinkId;

/// The watched polls, each somewhere between asked for and standing.
#[derive(Debug, Default)]
pub(super) struct Holds {
    polls: HashMap<Uuid, Hold>,
    /// Those that no link is asked for.
    adrift: HashSet<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Adrift,
    AskedFor(LinkId),
    Stands(LinkId),
}

impl Hold {
    fn link(self) -> Option<LinkId> {
        match self {
            Self::Adrift => None,
            Self::AskedFor(link) | Self::Stands(link) => Some(link),
        }
    }
}

impl Holds {
    pub(super) fn len(&self) -> usize {
        self.polls.len()
    }

    pub(super) fn is_watched(&self, poll_id: Uuid) -> bool {
        self.polls.contains_key(&poll_id)
    }

    pub(super) fn any_adrift(&self) -> bool {
        !self.adrift.is_empty()
    }

    /// Watches a poll; one that is watched already is to be asked for again.
    pub(super) fn watch(&mut self, poll_id: Uuid) {
        self.polls.insert(poll_id, Hold::Adrift);
        self.adrift.insert(poll_id);
    }

    /// Watches the poll no more. Returns the link that holds it.
    pub(super) fn unwatch(&mut self, poll_id: Uuid) -> Option<LinkId> {
        self.adrift.remove(&poll_id);
        self.polls.remove(&poll_id)?.link()
    }

    /// Takes all polls that are adrift, each to be [asked for](Self::ask_for) or [lost](Self::set_adrift).
    pub(super) fn take_adrift(&mut self) -> HashSet<Uuid> {
        std::mem::take(&mut self.adrift)
    }

    pub(super) fn ask_for(&mut self, poll_id: Uuid, link: LinkId) {
        self.polls.insert(poll_id, Hold::AskedFor(link));
    }

    pub(super) fn set_adrift(&mut self, poll_id: Uuid) {
        self.polls.insert(poll_id, Hold::Adrift);
        self.adrift.insert(poll_id);
    }

    /// The link has confirmed the subscription.
    pub(super) fn confirm(&mut self, poll_id: Uuid, link: LinkId) {
        if let Some(hold) = self.polls.get_mut(&poll_id).filter(|hold| hold.link() == Some(link)) {
            *hold = Hold::Stands(link);
        }
    }

    /// The link says that it holds the poll no more. Returns whether it should.
    pub(super) fn lose(&mut self, poll_id: Uuid, link: LinkId) -> bool {
        let held = self.polls.get(&poll_id).is_some_and(|hold| hold.link() == Some(link));
        if held {
            self.set_adrift(poll_id);
        }
        held
    }

    /// The link is gone. Returns all it held.
    pub(super) fn lose_all(&mut self, link: LinkId) -> Vec<Uuid> {
        let mut lost = Vec::new();
        for (poll_id, hold) in self.polls.iter_mut().filter(|(_, hold)| hold.link() == Some(link)) {
            *hold = Hold::Adrift;
            lost.push(*poll_id);
        }
        self.adrift.extend(&lost);
        lost
    }

    /// The link has answered for these polls. Returns those that stand; what it did not confirm is adrift.
    pub(super) fn settle(&mut self, poll_ids: Vec<Uuid>, link: LinkId) -> Vec<Uuid> {
        let (standing, others): (Vec<Uuid>, Vec<Uuid>) =
            poll_ids.into_iter().partition(|poll_id| self.polls.get(poll_id) == Some(&Hold::Stands(link)));
        for poll_id in others {
            self.lose(poll_id, link);
        }
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds of one poll that link 1 was asked for.
    fn asked() -> (Holds, Uuid) {
        let (mut holds, poll_id) = (Holds::default(), Uuid::now_v7());
        holds.watch(poll_id);
        assert_eq!(holds.take_adrift(), HashSet::from([poll_id]));
        holds.ask_for(poll_id, 1);
        (holds, poll_id)
    }

    #[test]
    fn a_subscription_stands_once_it_is_confirmed_by_name() {
        let (mut holds, poll_id) = asked();
        holds.confirm(poll_id, 1);
        assert_eq!(holds.settle(vec![poll_id], 1), [poll_id]);
        assert!(!holds.any_adrift());
    }

    #[test]
    fn what_an_answer_does_not_confirm_is_asked_for_again() {
        let (mut holds, poll_id) = asked();
        assert!(holds.settle(vec![poll_id], 1).is_empty());
        assert!(holds.any_adrift());
    }

    #[test]
    fn a_lost_link_takes_along_what_it_held_and_no_more() {
        let (mut holds, poll_id) = asked();
        let elsewhere = Uuid::now_v7();
        holds.ask_for(elsewhere, 2);
        holds.confirm(poll_id, 1);
        assert_eq!(holds.lose_all(1), [poll_id]);
        assert_eq!(holds.take_adrift(), HashSet::from([poll_id]));
    }

    #[test]
    fn what_an_earlier_link_says_late_changes_nothing() {
        let (mut holds, poll_id) = asked();
        holds.lose_all(1);
        holds.take_adrift();
        holds.ask_for(poll_id, 2);
        holds.confirm(poll_id, 1);
        assert!(!holds.lose(poll_id, 1));
        assert!(holds.settle(vec![poll_id], 1).is_empty());
        assert!(!holds.any_adrift(), "link 2 has yet to answer");
        holds.confirm(poll_id, 2);
        assert_eq!(holds.settle(vec![poll_id], 2), [poll_id]);
    }

    #[test]
    fn a_poll_that_is_watched_no_more_is_not_asked_for_again() {
        let (mut holds, poll_id) = asked();
        assert_eq!(holds.unwatch(poll_id), Some(1));
        assert!(holds.settle(vec![poll_id], 1).is_empty());
        assert!(!holds.lose(poll_id, 1) && !holds.any_adrift() && !holds.is_watched(poll_id));
    }
}
