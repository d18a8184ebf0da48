//! The job archives to a folder and to S3 alike, and several workers share the polls.

use pollster_integration::{S3Server, Stack, lunch, token};

use super::files::{names, read, verified};
use super::polls::{archived, close, final_poll, make_due};

#[tokio::test]
async fn a_closed_poll_is_archived_in_a_folder() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    for choice in [0, 1, 1] {
        stack.accepted(&poll, &token(), None, poll.ballot(0, choice)).await;
    }
    close(&stack, &poll).await;
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;
    let folder = stack.archive_folder();
    assert_eq!(names(&folder, &poll), ["manifest.json", "responses-00000.parquet"]);
    let content = read(&stack, &poll, &folder).await;
    assert_eq!(content.responses.len(), 3);
    assert_eq!(content.responses.iter().filter(|event| event.choices.0 == 0b10).count(), 2);
    assert_eq!(content.manifest.counts.total_votes, 3);
    assert_eq!(verified(&stack, &poll).await, 3);
    assert_eq!(stack.background().metric("pollster_archived_polls_total").await, 1.0);
    assert_eq!(stack.background().metric("pollster_archived_rows_total").await, 3.0);
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn a_poll_without_a_vote_is_archived_as_well() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    close(&stack, &poll).await;
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;
    assert_eq!(names(&stack.archive_folder(), &poll), ["manifest.json"]);
    assert_eq!(verified(&stack, &poll).await, 0);
}

#[tokio::test]
async fn a_closed_poll_is_archived_on_s3_by_multipart_uploads() {
    let s3 = S3Server::start().await;
    let stack =
        s3.env().into_iter().fold(Stack::builder(), |builder, (name, value)| builder.env(name, value));
    let stack = stack.start().await;
    // More than one piece of 8 MiB.
    let poll = final_poll(&stack, 320_000).await;
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;
    assert!(s3.pieces() >= 2, "{} pieces", s3.pieces());
    assert_eq!(s3.aborted(), 0);
    let content = read(&stack, &poll, &s3.folder()).await;
    assert_eq!(content.responses.len(), 320_000);
    assert_eq!(verified(&stack, &poll).await, 320_000);
}

#[tokio::test]
async fn workers_share_the_polls_and_none_is_archived_twice() {
    const POLLS: usize = 12;
    let stack = Stack::builder().backgrounds(3).start().await;
    let mut polls = Vec::new();
    for _ in 0..POLLS {
        polls.push(final_poll(&stack, 10).await);
    }
    for poll in &polls {
        make_due(&stack, poll).await;
    }
    for poll in &polls {
        archived(&stack, poll).await;
        assert_eq!(verified(&stack, poll).await, 10);
    }
    let mut counted = 0.0;
    for background in stack.backgrounds() {
        counted += background.metric("pollster_archived_polls_total").await;
    }
    assert_eq!(counted, POLLS as f64);
}
