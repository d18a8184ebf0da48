//! An entry that fails by its own fault goes to the dead letters, and the rest goes on.

use pollster_integration::{DEADLINE, Stack, wait_until};
use pollster_shared::keys;
use redis::AsyncCommands;

use super::Queue;

#[tokio::test]
async fn an_entry_that_fails_of_its_own_is_set_aside_after_five_times_and_the_rest_goes_on() {
    let queue = Queue::of(Stack::start().await).await;
    let polls = queue.final_polls(6).await;
    let refused = format!("poll_closed:{}", polls[3].poll_id);
    let constraint =
        format!("ALTER TABLE notifications ADD CONSTRAINT not_this_one CHECK (event <> '{refused}')");
    queue.sql.batch_execute(&constraint).await.unwrap();
    for poll in &polls {
        queue.enqueue(poll).await;
    }
    let letters = wait_until("it is set aside", DEADLINE, async || {
        Some(queue.dead_letters().await).filter(|letters| !letters.is_empty())
    })
    .await;
    let [(error, deliveries)] = letters.as_slice() else { panic!("{letters:?}") };
    assert!(error.contains("not_this_one"), "{error}");
    assert_eq!(*deliveries, 5);
    queue.recorded_once(&polls[..3]).await;
    queue.recorded_once(&polls[4..]).await;
    assert_eq!(queue.notifications(&polls[3]).await, 0);
    assert_eq!(queue.stack.background().metric("pollster_dead_letters_total").await, 1.0);

    // The sweep leaves it to the operators: it looks at this poll as well as at one that was lost.
    let age = "UPDATE polls SET finalized_at = now() - interval '1 minute' WHERE poll_id = $1";
    queue.sql.execute(age, &[&polls[3].poll_id]).await.unwrap();
    let lost = queue.final_polls(1).await;
    queue.sql.execute(age, &[&lost[0].poll_id]).await.unwrap();
    queue.recorded_once(&lost).await;
    assert_eq!(queue.dead_letters().await.len(), 1);
}

#[tokio::test]
async fn an_entry_that_cant_be_read_is_set_aside() {
    let queue = Queue::of(Stack::start().await).await;
    let mut redis = queue.stack.redis().connect().await;
    for event in ["not JSON", "{}", r#"{"poll_id":"none","closed_at":"never"}"#] {
        let _: String = redis.xadd(keys::job_stream("archival", 1), "*", &[("event", event)]).await.unwrap();
    }
    let _: String = redis.xadd(keys::job_stream("archival", 1), "*", &[("other", "field")]).await.unwrap();
    let polls = queue.final_polls(1).await;
    queue.enqueue(&polls[0]).await;
    let letters = wait_until("they are set aside", DEADLINE, async || {
        Some(queue.dead_letters().await).filter(|letters| letters.len() == 4)
    })
    .await;
    assert!(letters.iter().all(|(error, deliveries)| error.contains("malformed") && *deliveries == 1));
    queue.recorded_once(&polls).await;
}
