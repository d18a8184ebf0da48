//! All that goes through Redis, once.

use pollster_integration::{DEADLINE, PollView, Stack, Viewer, lunch, token, wait_until};
use serde_json::json;

use crate::changes::{change, is, revoke};

/// Casts, changes and revokes votes, crosses a milestone, closes the poll and waits for its final results: streams,
/// hashes, channels and job queues are all used.
pub(super) async fn use_everything(stack: &Stack) {
    let mut definition = lunch();
    definition["settings"] = json!({"allow_vote_change": true, "milestones": [10]});
    let poll = stack.create_poll(&definition).await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
    let voters: Vec<String> = (0..40).map(|_| token()).collect();
    for (number, voter) in voters.iter().enumerate() {
        stack.accepted(&poll, voter, Some("first"), poll.ballot(0, number % 2)).await;
    }
    is(&stack.vote(&poll, &voters[0], Some("first"), poll.ballot(0, 0)).await, 202, None);
    is(&stack.vote(&poll, &voters[0], Some("second"), poll.ballot(0, 1)).await, 409, Some("already_voted"));
    is(&revoke(stack, &poll, &voters[0], "revoke").await, 202, None);
    is(&change(stack, &poll, &voters[2], "change", 1).await, 202, None);

    let counts = stack.assert_exact(&poll).await;
    let first = &poll.questions[0].choices[0].choice_id;
    assert_eq!((counts.total, counts.results[&format!("choice:{first}")]), (39, 18));
    wait_until("the viewer sees them", DEADLINE, async || {
        let last = viewer.frames_of("results").pop()?;
        (last["total_votes"] == 39).then_some(())
    })
    .await;
    milestone_recorded(stack, &poll).await;
    is(&stack.close(&poll).await, 200, None);
    assert_eq!(stack.final_results(&poll).await.total_votes, 39);
    is(&stack.vote(&poll, &token(), None, poll.ballot(0, 0)).await, 409, Some("poll_closed"));
}

async fn milestone_recorded(stack: &Stack, poll: &PollView) {
    let database = stack.database().connect().await;
    let recorded = "SELECT count(*) FROM milestones m JOIN polls p ON p.id = m.poll \
                    WHERE p.poll_id = $1 AND m.recorded_at IS NOT NULL";
    wait_until("the milestone is recorded", DEADLINE, async || {
        let row = database.query_one(recorded, &[&poll.poll_id]).await.unwrap();
        (row.get::<_, i64>(0) == 1).then_some(())
    })
    .await;
}
