//! Many notifiers, and their deaths.

use std::collections::BTreeSet;

use pollster_integration::{Answer, DEADLINE, Receiver, wait_until};

use super::bed::{Bed, notifiers};

#[tokio::test]
async fn two_notifiers_deliver_once() {
    let bed = Bed::start(notifiers(2)).await;
    let receiver = Receiver::start().await;
    let ann = bed.account("ann").await;
    let poll = bed.poll(Some(ann)).await;
    bed.webhook(&poll, &receiver.url()).await;
    let mut ids = Vec::new();
    for threshold in 1..=60 {
        let id = bed.notify(&poll, Some(ann), threshold).await;
        // An entry may come twice.
        bed.enqueue(id).await;
        ids.push(id);
    }
    for id in &ids {
        wait_until("every delivery", 2 * DEADLINE, async || {
            bed.deliveries(*id).await.iter().all(|delivery| delivery.delivered).then_some(())
        })
        .await;
        bed.enqueue(*id).await;
    }
    wait_until("the entries are handled", DEADLINE, async || {
        (bed.waiting_entries().await == 0).then_some(())
    })
    .await;
    let calls: Vec<String> = receiver.received().into_iter().map(|call| call.id).collect();
    assert_eq!((calls.len(), calls.iter().collect::<BTreeSet<_>>().len()), (60, 60));
    assert_eq!(bed.stack.mails().len(), 60);
    for id in ids {
        assert!(bed.deliveries(id).await.iter().all(|delivery| delivery.attempts == 1));
    }
}

#[tokio::test]
async fn what_a_killed_notifier_was_at_is_delivered_by_the_next() {
    let bed = Bed::start(notifiers(1)).await;
    let receiver = Receiver::start().await;
    let poll = bed.poll(None).await;
    bed.webhook(&poll, &receiver.url()).await;
    receiver.answer_next(Answer::Never);
    let id = bed.notify(&poll, None, 100).await;
    wait_until("the call", DEADLINE, async || (receiver.refused().len() == 1).then_some(())).await;
    bed.stack.background().restart().await;
    let delivered = bed.delivery(id, "webhook", |delivery| delivery.delivered).await;
    assert_eq!(delivered.attempts, 2);
    let (first, second) = (receiver.refused().remove(0), receiver.received().remove(0));
    assert_eq!((first.id, first.raw), (second.id, second.raw));
}

#[tokio::test]
async fn what_nobody_told_of_is_delivered_by_the_sweep() {
    let bed = Bed::start(notifiers(1)).await;
    let receiver = Receiver::start().await;
    let ann = bed.account("ann").await;
    let poll = bed.poll(Some(ann)).await;
    bed.webhook(&poll, &receiver.url()).await;
    let id = bed.record(&poll, Some(ann), 100).await.unwrap();
    for channel in ["email", "in_app", "webhook"] {
        bed.delivery(id, channel, |delivery| delivery.delivered).await;
    }
    assert_eq!((receiver.received().len(), bed.stack.mails().len()), (1, 1));
}
