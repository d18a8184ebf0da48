//! Milestones: crossed once each, whoever commits, however often, and only by what is committed.

use chrono::Utc;
use futures_util::future::join_all;
use pollster_shared::milestones::Thresholds;
use pollster_shared::poll::Poll;
use pollster_shared::queues::{Event, MilestoneCrossed, Queue, SHARDS};
use pollster_shared::responses::{self, Fate};
use pollster_shared::stream::accept::Outcome;
use pollster_shared::vote::{AcceptedCast, Cast};
use redis::streams::StreamRangeReply;
use serde_json::json;

use super::bed::{Bed, cast, casts, revoke};
use super::worker::Worker;

const STREAMS: u16 = 1;

impl Bed {
    /// The poll's milestones, each with the responses that it was crossed with.
    async fn milestones(&self, poll: &Poll) -> Vec<(i64, i64)> {
        let select = "SELECT threshold, total_votes FROM milestones WHERE recorded_at IS NULL AND poll = ";
        let rows = self.sql(&format!("{select} {} ORDER BY threshold", poll.id)).await;
        rows.iter().map(|row| (row[0].parse().unwrap(), row[1].parse().unwrap())).collect()
    }

    /// What the queue of the milestones holds of the poll.
    async fn told(&self, poll: &Poll) -> Vec<(i64, i64)> {
        let mut told = Vec::new();
        for shard in 0..SHARDS {
            let stream = job_stream(shard);
            let entries: StreamRangeReply =
                redis::from_redis_value(self.redis(&["XRANGE", &stream, "-", "+"]).await).unwrap();
            for entry in entries.ids {
                let json: String = entry.get("event").unwrap();
                let crossed: MilestoneCrossed = serde_json::from_str(&json).unwrap();
                if crossed.poll_id == poll.poll_id {
                    told.push((crossed.threshold, crossed.total_votes));
                }
            }
        }
        told
    }
}

fn job_stream(shard: u16) -> String {
    assert_eq!(MilestoneCrossed::QUEUE, Queue::Milestones);
    format!("milestone:stream-{{{shard}}}")
}

/// Accepts the votes and runs them through, all in one batch.
async fn run(bed: &Bed, worker: &mut Worker<'_>, poll: &Poll, votes: &[Cast]) {
    for vote in votes {
        assert_eq!(bed.accept(poll, vote).await, Outcome::Accepted);
    }
    let entries = worker.read().await;
    assert_eq!(entries.len(), votes.len());
    worker.run_through(entries).await;
}

#[tokio::test]
async fn a_threshold_is_crossed_by_the_batch_that_reaches_it() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, STREAMS).await;
    let votes = casts(&poll, 12);
    let mut worker = Worker::new(&bed, "worker", STREAMS).await;
    run(&bed, &mut worker, &poll, &votes[..4]).await;
    assert_eq!(bed.milestones(&poll).await, [], "one is missing");
    run(&bed, &mut worker, &poll, &votes[4..5]).await;
    assert_eq!(bed.milestones(&poll).await, [(5, 5)]);
    run(&bed, &mut worker, &poll, &votes[5..7]).await;
    run(&bed, &mut worker, &poll, &votes[7..]).await;
    assert_eq!(bed.milestones(&poll).await, [(5, 5), (10, 12)]);
    assert_eq!(bed.told(&poll).await, [(5, 5), (10, 12)]);
}

#[tokio::test]
async fn a_poll_has_its_own_milestones_or_those_of_the_installation() {
    let bed = Bed::start().await;
    let mut worker = Worker::new(&bed, "worker", STREAMS).await;
    for (settings, crossed) in [
        (json!({}), vec![(5, 12), (10, 12)]),
        (json!({"milestones": null}), vec![(5, 12), (10, 12)]),
        (json!({"milestones": []}), vec![]),
        (json!({"milestones": [1, 12, 13]}), vec![(1, 12), (12, 12)]),
    ] {
        let poll = bed.poll_with(1, STREAMS, settings.clone()).await;
        run(&bed, &mut worker, &poll, &casts(&poll, 12)).await;
        assert_eq!(bed.milestones(&poll).await, crossed, "{settings}");
        assert_eq!(bed.told(&poll).await, crossed, "{settings}");
    }
}

#[tokio::test]
async fn responses_to_all_questions_count_together() {
    let bed = Bed::start().await;
    let poll = bed.poll(2, STREAMS).await;
    let votes: Vec<Cast> = (0..3).map(|n| cast(&poll, n, "key", &[(0, 1), (1, 2)])).collect();
    let mut worker = Worker::new(&bed, "worker", STREAMS).await;
    run(&bed, &mut worker, &poll, &votes).await;
    assert_eq!(bed.milestones(&poll).await, [(5, 6)]);
}

#[tokio::test]
async fn a_poll_that_falls_below_a_threshold_crosses_it_no_second_time() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, STREAMS).await;
    let mut worker = Worker::new(&bed, "worker", STREAMS).await;
    run(&bed, &mut worker, &poll, &casts(&poll, 5)).await;
    for round in 0..3 {
        run(&bed, &mut worker, &poll, &[revoke(&poll, 0, &format!("revoke {round}"))]).await;
        assert_eq!(bed.tallied(&poll).await.total_votes, 4);
        run(&bed, &mut worker, &poll, &[cast(&poll, 0, &format!("cast {round}"), &[(0, 1)])]).await;
        assert_eq!(bed.tallied(&poll).await.total_votes, 5);
    }
    assert_eq!(bed.milestones(&poll).await, [(5, 5)]);
    assert_eq!(bed.told(&poll).await, [(5, 5)]);
}

#[tokio::test]
async fn a_batch_delivered_again_crosses_nothing() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, STREAMS).await;
    for vote in casts(&poll, 6) {
        bed.accept(&poll, &vote).await;
    }
    let mut first = Worker::new(&bed, "first", STREAMS).await;
    let entries = first.read().await;
    first.commit(entries).await;
    drop(first);
    Worker::new(&bed, "second", STREAMS).await.drain().await;
    assert_eq!(bed.tallied(&poll).await.total_votes, 6);
    assert_eq!((bed.milestones(&poll).await, bed.told(&poll).await), (vec![(5, 6)], vec![(5, 6)]));
}

#[tokio::test]
async fn a_commit_that_is_rolled_back_crosses_nothing() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, STREAMS).await;
    let accepted = accepted(casts(&poll, 8));
    // The commit's last statement fails.
    let refuse =
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''refused''; END'";
    bed.sql(refuse).await;
    bed.sql("CREATE TRIGGER refuse BEFORE INSERT ON shard_progress EXECUTE FUNCTION refuse()").await;
    assert_eq!(commit(&bed, &accepted).await, None);
    assert_eq!(bed.milestones(&poll).await, []);
    assert_eq!(bed.sql("SELECT * FROM poll_timeline").await, [[""; 0]; 0]);

    bed.sql("DROP TRIGGER refuse ON shard_progress").await;
    let committed = commit(&bed, &accepted).await.unwrap();
    assert_eq!(bed.milestones(&poll).await, [(7, 8)]);
    let crossed = MilestoneCrossed { poll_id: poll.poll_id, threshold: 7, total_votes: 8 };
    assert_eq!(committed.crossed, [crossed], "it was told of by none before");
}

#[tokio::test]
async fn a_queue_that_can_not_be_written_holds_up_no_vote() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, STREAMS).await;
    for shard in 0..SHARDS {
        bed.redis(&["SET", &job_stream(shard), "not a stream"]).await;
    }
    let votes = casts(&poll, 12);
    let mut worker = Worker::new(&bed, "worker", STREAMS).await;
    run(&bed, &mut worker, &poll, &votes).await;
    bed.assert_counted(&poll, &votes).await;
    assert_eq!(bed.backlog(STREAMS).await, (0, 0), "acknowledged");
    assert_eq!(bed.milestones(&poll).await, [(5, 12), (10, 12)], "left to the sweep");
}

fn accepted(casts: Vec<Cast>) -> Vec<AcceptedCast> {
    casts.into_iter().map(|cast| AcceptedCast { cast, accepted_at: Utc::now(), order: 0 }).collect()
}

/// Commits in a session of its own; `None` where that fails.
async fn commit(bed: &Bed, casts: &[AcceptedCast]) -> Option<responses::Committed> {
    let mut connection = bed.pool.get().await.unwrap();
    let progress = [(0, "1-1".parse().unwrap())];
    responses::commit(&mut connection, casts, &progress, &Thresholds::from(vec![7, 30, 60])).await.ok()
}

#[tokio::test]
async fn of_commits_at_once_one_crosses_a_threshold() {
    let bed = Bed::start().await;
    for _ in 0..5 {
        let poll = bed.poll(1, STREAMS).await;
        let votes = accepted(casts(&poll, 60));
        // Each ballot is in two of the six, as after a claim.
        let batches = votes.chunks(20).chain(votes.rchunks(20));
        let committed = join_all(batches.map(|batch| commit(&bed, batch))).await;
        let mut crossed: Vec<i64> = Vec::new();
        let mut inserted = 0;
        for committed in committed {
            let committed = committed.unwrap();
            inserted += committed.fates.iter().filter(|fate| **fate == Fate::Inserted).count();
            crossed.extend(committed.crossed.iter().map(|milestone| milestone.threshold));
        }
        crossed.sort_unstable();
        assert_eq!((inserted, crossed), (60, vec![7, 30, 60]));
        let recorded: Vec<i64> =
            bed.milestones(&poll).await.into_iter().map(|(threshold, _)| threshold).collect();
        assert_eq!(recorded, [7, 30, 60]);
    }
}
