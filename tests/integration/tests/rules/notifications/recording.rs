//! What is recorded, for whom, and on which ways it is told.

use futures_util::future::join_all;
use pollster_integration::{Builder, Stack};
use pollster_shared::notifications::{MILESTONE, POLL_CLOSED};
use uuid::Uuid;

use super::bed::Bed;

fn database_alone() -> Builder {
    Stack::builder().gateways(0).aggregators(0).without_background()
}

async fn recipient(bed: &Bed, notification_id: Uuid) -> Option<i64> {
    let select = "SELECT recipient FROM notifications WHERE notification_id = $1";
    bed.sql.query_one(select, &[&notification_id]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_event_is_recorded_once_however_often_it_is_told() {
    let bed = Bed::start(database_alone()).await;
    let ann = bed.account("ann").await;
    let poll = bed.poll(Some(ann)).await;
    bed.webhook(&poll, "https://example.org/hook").await;
    let told = join_all((0..6).map(|_| bed.record(&poll, Some(ann), 100))).await;
    let recorded: Vec<Uuid> = told.into_iter().flatten().collect();
    assert_eq!(recorded.len(), 1);
    assert_eq!(bed.record(&poll, Some(ann), 100).await, None);
    assert_eq!(bed.channels(recorded[0]).await, ["email", "in_app", "webhook"]);
    assert!(bed.record(&poll, Some(ann), 1000).await.is_some());
}

#[tokio::test]
async fn a_recipient_is_told_on_the_ways_that_they_chose() {
    let bed = Bed::start(database_alone()).await;
    let ann = bed.account("ann").await;
    let poll = bed.poll(Some(ann)).await;
    bed.webhook(&poll, "https://example.org/hook").await;
    let (by_mail, by_page, by_none) =
        (vec!["email", "in_app", "webhook"], vec!["in_app", "webhook"], vec!["webhook"]);
    for (choices, kind, expected) in [
        ("notify_email = true", MILESTONE, &by_mail),
        ("notify_email = false", MILESTONE, &by_page),
        ("notify_email = true, verified_at = NULL", MILESTONE, &by_page),
        ("verified_at = now(), notify_milestones = false", MILESTONE, &by_none),
        ("notify_milestones = false", POLL_CLOSED, &by_mail),
        ("notify_milestones = true, notify_closings = false", POLL_CLOSED, &by_none),
        ("notify_closings = false", MILESTONE, &by_mail),
        ("notify_milestones = false, notify_closings = false", "digest", &by_mail),
    ] {
        bed.chooses(ann, choices).await;
        let event = format!("{choices}, {kind}");
        let id = bed.record_event(event.clone(), kind, &poll, Some(ann)).await.unwrap();
        assert_eq!(&bed.channels(id).await, expected, "{event}");
        // Whoever does not want it finds it nowhere.
        assert_eq!(recipient(&bed, id).await.is_some(), expected != &by_none, "{event}");
    }
}

#[tokio::test]
async fn every_webhook_of_the_poll_hears_of_it_and_no_other() {
    let bed = Bed::start(database_alone()).await;
    let (poll, other) = (bed.poll(None).await, bed.poll(None).await);
    bed.webhook(&poll, "https://example.org/one").await;
    bed.webhook(&poll, "https://example.org/two").await;
    bed.webhook(&other, "https://example.org/other").await;
    let id = bed.record(&poll, None, 100).await.unwrap();
    assert_eq!(bed.channels(id).await, ["webhook", "webhook"]);
    let urls = "SELECT url FROM deliveries d JOIN webhooks w ON w.id = d.webhook ORDER BY url";
    let urls: Vec<String> =
        bed.sql.query(urls, &[]).await.unwrap().into_iter().map(|row| row.get(0)).collect();
    assert_eq!(urls, ["https://example.org/one", "https://example.org/two"]);
    // One that comes later is told of what happens from then on.
    bed.webhook(&poll, "https://example.org/three").await;
    assert_eq!(bed.channels(id).await.len(), 2);
}
