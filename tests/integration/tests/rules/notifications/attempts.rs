//! What fails is tried again, and not for ever.

use pollster_integration::{Answer, DEADLINE, Receiver, wait_until};
use serde_json::{Value, json};
use uuid::Uuid;

use super::bed::{Bed, notifiers};

/// As if so many attempts had failed.
async fn after_attempts(bed: &Bed, notification_id: Uuid, attempts: i32) {
    let update = "UPDATE deliveries SET attempts = $2 WHERE notification =
                  (SELECT id FROM notifications WHERE notification_id = $1)";
    bed.sql.execute(update, &[&notification_id, &attempts]).await.unwrap();
}

#[tokio::test]
async fn after_the_last_attempt_a_delivery_is_a_dead_letter_that_can_be_replayed() {
    let bed = Bed::start(notifiers(1)).await;
    let receiver = Receiver::start().await;
    let poll = bed.poll(None).await;
    bed.webhook(&poll, &receiver.url()).await;
    receiver.answer_always(Some(Answer::Status(503)));
    bed.stack.background().kill().await;
    let id = bed.record(&poll, None, 100).await.unwrap();
    after_attempts(&bed, id, 7).await;
    let before = bed.record(&poll, None, 10).await.unwrap();
    after_attempts(&bed, before, 6).await;
    bed.stack.background().restart().await;

    let given_up = bed.delivery(id, "webhook", |delivery| delivery.given_up).await;
    assert_eq!((given_up.attempts, given_up.error.as_deref()), (8, Some("it answered 503")));
    let failed = bed.delivery(before, "webhook", |delivery| delivery.error.is_some()).await;
    assert_eq!((failed.attempts, failed.given_up), (7, false));
    assert_eq!(receiver.refused().len(), 2);
    let [(event, error, attempts)] = bed.dead_letters().await.try_into().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&event).unwrap(), json!({"notification_id": id}));
    assert_eq!((error.as_str(), attempts.as_str()), ("webhook: it answered 503", "8"));

    // Nobody tries it again while others are delivered,
    receiver.answer_always(None);
    let next = bed.record(&poll, None, 1000).await.unwrap();
    bed.delivery(next, "webhook", |delivery| delivery.delivered).await;
    assert_eq!((receiver.refused().len(), receiver.received().len()), (2, 1));
    // until its entry comes again: then it starts anew.
    receiver.fail_next(1);
    bed.enqueue(id).await;
    let delivered = bed.delivery(id, "webhook", |delivery| delivery.delivered).await;
    assert_eq!((delivered.attempts, delivered.given_up, delivered.error), (2, false, None));
    assert_eq!(receiver.received().len(), 2);
    assert_eq!(bed.dead_letters().await.len(), 1);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_tried_again() {
    let bed = Bed::start(notifiers(1)).await;
    let receiver = Receiver::start().await;
    let poll = bed.poll(None).await;
    bed.webhook(&poll, &receiver.url()).await;
    receiver.answer_next(Answer::Status(410));
    let id = bed.notify(&poll, None, 100).await;
    let given_up = bed.delivery(id, "webhook", |delivery| delivery.given_up).await;
    assert_eq!((given_up.attempts, given_up.error.as_deref()), (1, Some("it answered 410")));
    assert_eq!(bed.dead_letters().await.len(), 1);
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_timed_out_and_holds_up_no_other() {
    let bed = Bed::start(notifiers(1)).await;
    let (silent, other) = (Receiver::start().await, Receiver::start().await);
    let poll = bed.poll(None).await;
    // Under another name, so that it is another host.
    bed.webhook(&poll, &silent.url().replace("127.0.0.1", "localhost")).await;
    bed.webhook(&poll, &other.url()).await;
    silent.answer_always(Some(Answer::Never));
    let mut ids = Vec::new();
    for threshold in 1..=12 {
        ids.push(bed.notify(&poll, None, threshold).await);
    }
    wait_until("the other's calls", DEADLINE, async || (other.received().len() == 12).then_some(())).await;
    assert!(silent.connections() > 0 && silent.received().is_empty());
    let timed_out = "it did not answer in time";
    wait_until("the silent one is timed out", 3 * DEADLINE, async || {
        let deliveries = bed.deliveries(ids[0]).await;
        deliveries.iter().any(|delivery| delivery.error.as_deref() == Some(timed_out)).then_some(())
    })
    .await;
    silent.answer_always(None);
    for id in ids {
        wait_until("every delivery", 3 * DEADLINE, async || {
            bed.deliveries(id).await.iter().all(|delivery| delivery.delivered).then_some(())
        })
        .await;
    }
    assert_eq!((silent.received().len(), other.received().len()), (12, 12));
}
