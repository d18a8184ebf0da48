use pollster_shared::vote::HashSecret;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::super::samples::rung;
use super::*;

fn account(subject: &str) -> AccountTopic {
    AccountTopic::new(&HashSecret::new("a secret of sixteen characters"), subject)
}

fn inboxes() -> (Arc<Inboxes>, UnboundedReceiver<Command>) {
    let (feed, commands) = mpsc::unbounded_channel();
    (Arc::new(Inboxes::new(feed)), commands)
}

fn told(commands: &mut UnboundedReceiver<Command>) -> Vec<Command> {
    std::iter::from_fn(|| commands.try_recv().ok()).collect()
}

fn valid() -> Expiry {
    serde_json::from_str("1e18").unwrap()
}

fn join(inboxes: &Arc<Inboxes>, subject: &str) -> (Inbox, Arc<Bell>) {
    let bell = Arc::<Bell>::default();
    (inboxes.join(account(subject), valid(), bell.clone()), bell)
}

/// The texts that wait, which are taken.
fn texts(inbox: &Inbox) -> Vec<String> {
    let text = |frame: Bytes| String::from_utf8_lossy(&frame[2..]).into_owned();
    std::iter::from_fn(|| inbox.next()).map(text).collect()
}

#[test]
fn an_account_is_watched_from_its_first_connection_to_its_last() {
    let (inboxes, mut commands) = inboxes();
    let (first, second) = (join(&inboxes, "ann"), join(&inboxes, "ann"));
    let topic = Topic::Account(account("ann"));
    assert_eq!(told(&mut commands), [Command::Watch(topic)]);
    drop(first);
    assert!(told(&mut commands).is_empty());
    drop(second);
    assert_eq!(told(&mut commands), [Command::Unwatch(topic)]);
    assert!(inboxes.accounts().is_empty());
}

#[test]
fn all_connections_of_the_account_are_told_and_no_others() {
    let (inboxes, _commands) = inboxes();
    let all = [join(&inboxes, "ann"), join(&inboxes, "ann"), join(&inboxes, "bob")];
    inboxes.deliver(account("ann"), br#"{"notification_id":1}"#);
    let expected = r#"{"type":"notification","notification":{"notification_id":1}}"#;
    for (inbox, bell) in &all[..2] {
        assert_eq!(rung(bell), Some(Call::NOTIFICATIONS));
        assert_eq!(texts(inbox), [expected]);
    }
    assert_eq!((rung(&all[2].1), texts(&all[2].0)), (None, Vec::new()));
}

#[test]
fn notifications_wait_in_their_order_and_no_more_than_there_is_room_for() {
    let (inboxes, _commands) = inboxes();
    let (inbox, _bell) = join(&inboxes, "ann");
    for number in 0..ROOM + 50 {
        inboxes.deliver(account("ann"), number.to_string().as_bytes());
    }
    let expected = (0..ROOM).map(|n| format!(r#"{{"type":"notification","notification":{n}}}"#));
    assert_eq!(texts(&inbox), expected.collect::<Vec<_>>());
    inboxes.deliver(account("ann"), b"150");
    assert_eq!(texts(&inbox).len(), 1, "there is room again");
}

#[test]
fn what_is_no_json_is_told_to_nobody() {
    let (inboxes, _commands) = inboxes();
    let (inbox, bell) = join(&inboxes, "ann");
    inboxes.deliver(account("ann"), b"}, {");
    assert_eq!((rung(&bell), inbox.next()), (None, None));
}

#[test]
fn an_inbox_ends_with_its_token() {
    let (inboxes, _commands) = inboxes();
    let expired = serde_json::from_str("1").unwrap();
    assert!(inboxes.join(account("ann"), expired, Arc::default()).has_expired());
    assert!(!join(&inboxes, "ann").0.has_expired());
}
