//! Where each watched topic's subscription is.

use std::collections::{HashMap, HashSet};

use super::link::LinkId;
use super::topic::Topic;

/// The watched topics, each somewhere between asked for and standing.
#[derive(Debug, Default)]
pub(super) struct Holds {
    topics: HashMap<Topic, Hold>,
    /// Those that no link is asked for.
    adrift: HashSet<Topic>,
    /// How many of them are polls.
    polls: usize,
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
    /// The number of polls that are watched.
    pub(super) fn polls(&self) -> usize {
        self.polls
    }

    pub(super) fn is_watched(&self, topic: Topic) -> bool {
        self.topics.contains_key(&topic)
    }

    pub(super) fn any_adrift(&self) -> bool {
        !self.adrift.is_empty()
    }

    /// Watches a topic; one that is watched already is to be asked for again.
    pub(super) fn watch(&mut self, topic: Topic) {
        let is_new = self.topics.insert(topic, Hold::Adrift).is_none();
        self.polls += usize::from(is_new && is_poll(topic));
        self.adrift.insert(topic);
    }

    /// Watches the topic no more. Returns the link that holds it.
    pub(super) fn unwatch(&mut self, topic: Topic) -> Option<LinkId> {
        self.adrift.remove(&topic);
        let hold = self.topics.remove(&topic)?;
        self.polls -= usize::from(is_poll(topic));
        hold.link()
    }

    /// Takes all topics that are adrift, each to be [asked for](Self::ask_for) or [lost](Self::set_adrift).
    pub(super) fn take_adrift(&mut self) -> HashSet<Topic> {
        std::mem::take(&mut self.adrift)
    }

    pub(super) fn ask_for(&mut self, topic: Topic, link: LinkId) {
        self.topics.insert(topic, Hold::AskedFor(link));
    }

    pub(super) fn set_adrift(&mut self, topic: Topic) {
        self.topics.insert(topic, Hold::Adrift);
        self.adrift.insert(topic);
    }

    /// The link has confirmed the subscription.
    pub(super) fn confirm(&mut self, topic: Topic, link: LinkId) {
        if let Some(hold) = self.topics.get_mut(&topic).filter(|hold| hold.link() == Some(link)) {
            *hold = Hold::Stands(link);
        }
    }

    /// The link says that it holds the topic no more. Returns whether it should.
    pub(super) fn lose(&mut self, topic: Topic, link: LinkId) -> bool {
        let held = self.topics.get(&topic).is_some_and(|hold| hold.link() == Some(link));
        if held {
            self.set_adrift(topic);
        }
        held
    }

    /// The link is gone. Returns all it held.
    pub(super) fn lose_all(&mut self, link: LinkId) -> Vec<Topic> {
        let mut lost = Vec::new();
        for (topic, hold) in self.topics.iter_mut().filter(|(_, hold)| hold.link() == Some(link)) {
            *hold = Hold::Adrift;
            lost.push(*topic);
        }
        self.adrift.extend(&lost);
        lost
    }

    /// The link has answered for these topics. Returns those that stand; what it did not confirm is adrift.
    pub(super) fn settle(&mut self, topics: Vec<Topic>, link: LinkId) -> Vec<Topic> {
        let (standing, others): (Vec<Topic>, Vec<Topic>) =
            topics.into_iter().partition(|topic| self.topics.get(topic) == Some(&Hold::Stands(link)));
        for topic in others {
            self.lose(topic, link);
        }
        standing
    }
}

fn is_poll(topic: Topic) -> bool {
    matches!(topic, Topic::Poll(_))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::channels::AccountTopic;

    /// Holds of one topic that link 1 was asked for.
    fn asked() -> (Holds, Topic) {
        let (mut holds, topic) = (Holds::default(), Topic::Poll(Uuid::now_v7()));
        holds.watch(topic);
        assert_eq!(holds.take_adrift(), HashSet::from([topic]));
        holds.ask_for(topic, 1);
        (holds, topic)
    }

    #[test]
    fn a_subscription_stands_once_it_is_confirmed_by_name() {
        let (mut holds, topic) = asked();
        holds.confirm(topic, 1);
        assert_eq!(holds.settle(vec![topic], 1), [topic]);
        assert!(!holds.any_adrift());
    }

    #[test]
    fn what_an_answer_does_not_confirm_is_asked_for_again() {
        let (mut holds, topic) = asked();
        assert!(holds.settle(vec![topic], 1).is_empty());
        assert!(holds.any_adrift());
    }

    #[test]
    fn a_lost_link_takes_along_what_it_held_and_no_more() {
        let (mut holds, topic) = asked();
        let elsewhere = Topic::Poll(Uuid::now_v7());
        holds.ask_for(elsewhere, 2);
        holds.confirm(topic, 1);
        assert_eq!(holds.lose_all(1), [topic]);
        assert_eq!(holds.take_adrift(), HashSet::from([topic]));
    }

    #[test]
    fn what_an_earlier_link_says_late_changes_nothing() {
        let (mut holds, topic) = asked();
        holds.lose_all(1);
        holds.take_adrift();
        holds.ask_for(topic, 2);
        holds.confirm(topic, 1);
        assert!(!holds.lose(topic, 1));
        assert!(holds.settle(vec![topic], 1).is_empty());
        assert!(!holds.any_adrift(), "link 2 has yet to answer");
        holds.confirm(topic, 2);
        assert_eq!(holds.settle(vec![topic], 2), [topic]);
    }

    #[test]
    fn a_topic_that_is_watched_no_more_is_not_asked_for_again() {
        let (mut holds, topic) = asked();
        assert_eq!(holds.unwatch(topic), Some(1));
        assert!(holds.settle(vec![topic], 1).is_empty());
        assert!(!holds.lose(topic, 1) && !holds.any_adrift() && !holds.is_watched(topic));
    }

    #[test]
    fn only_polls_are_counted_as_polls() {
        let (mut holds, topic) = asked();
        let account = Topic::Account(AccountTopic::from_name(Uuid::now_v7()));
        holds.watch(account);
        holds.watch(topic);
        assert_eq!(holds.polls(), 1);
        holds.unwatch(account);
        assert_eq!(holds.polls(), 1);
        holds.unwatch(topic);
        holds.unwatch(topic);
        assert_eq!(holds.polls(), 0);
    }
}
