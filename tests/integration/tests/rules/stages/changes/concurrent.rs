//! Commits of the same voters' events at once, each over a session of its own: no deadlock, no lost event.

use futures_util::future::join_all;
use pollster_shared::milestones::Thresholds;
use pollster_shared::responses::{self, Fate};
use pollster_shared::stream::entry;
use pollster_shared::stream::group::Entry;
use pollster_shared::vote::{AcceptedCast, Cast, Kind};

use super::super::bed::{Bed, cast, change, revoke};
use super::super::worker::Worker;
use super::accepted;

const SHARDS: u16 = 2;
const ROUNDS: usize = 12;
const VOTERS: u128 = 15;
const COMMITTERS: usize = 4;

/// Commits the entries in the order of their ids; a deadlock would be an error.
async fn commit(bed: &Bed, entries: impl Iterator<Item = &Entry>) -> Vec<Fate> {
    let mut entries: Vec<&Entry> = entries.collect();
    entries.sort_by_key(|entry| entry.id);
    let casts = entries.iter().map(|entry| AcceptedCast {
        cast: entry::decode(&entry.packed).unwrap(),
        accepted_at: entry.id.added_at(),
        order: entry.id.order(),
    });
    let casts: Vec<AcceptedCast> = casts.collect();
    let mut connection = bed.pool.get().await.unwrap();
    let milestones = Thresholds::default();
    responses::commit(&mut connection, &casts, &[], &milestones).await.unwrap().fates
}

fn is_cast(entry: &Entry) -> bool {
    entry::decode(&entry.packed).unwrap().kind == Kind::Cast
}

#[tokio::test]
async fn events_of_the_same_voters_committed_at_once_are_all_counted_once() {
    let bed = Bed::start().await;
    let polls = [bed.changeable_poll(2, SHARDS).await, bed.poll(1, SHARDS).await];
    let poll = &polls[0];
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let (mut fates, mut events) = (Vec::new(), 0);
    for round in 0..ROUNDS {
        let mut ballots: Vec<Cast> = Vec::new();
        for voter in 0..VOTERS {
            // Every round brings new voters and changes old ones; every third of those leaves for a while.
            let (new, choice) =
                (1000 + round as u128 * VOTERS + voter, 1 + (round as u64 + voter as u64) % 6);
            ballots.push(cast(poll, new, "new", &[(0, choice), (1, choice)]));
            ballots.push(change(poll, voter, &format!("change {round}"), &[(0, choice)]));
            ballots.push(change(poll, new, "again", &[(1, 3)]));
            if voter % 3 == 0 {
                ballots.push(revoke(poll, voter, &format!("revoke {round}")));
            }
        }
        let mut entries = accepted(&bed, &mut worker, poll, &ballots).await;
        let final_votes: Vec<Cast> =
            (0..5).map(|n| cast(&polls[1], round as u128 * 5 + n, "key", &[(0, 1)])).collect();
        entries.extend(accepted(&bed, &mut worker, &polls[1], &final_votes).await);
        events += entries.len();
        // First those that make new rows, which alone make commits wait for each other; then those that do not.
        let (new, old): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(is_cast);
        for entries in [new, old] {
            // Each committer lacks every fourth entry, another one each; all share the rest.
            let at_once = (0..COMMITTERS).map(|committer| {
                let own = entries.iter().enumerate().filter(move |(n, _)| n % COMMITTERS != committer);
                commit(&bed, own.map(|(_, entry)| entry))
            });
            fates.extend(join_all(at_once).await.concat());
            bed.assert_sound(poll).await;
        }
    }
    let inserted = fates.iter().filter(|fate| **fate == Fate::Inserted).count();
    assert_eq!(inserted, events, "each once");
    assert!(fates.iter().all(|fate| matches!(fate, Fate::Inserted | Fate::Repeated)), "none refused");
    for voter in 0..VOTERS {
        let events = if voter % 3 == 0 { 2 } else { 1 };
        assert_eq!(bed.audited(poll, voter, 0).await.len(), events * ROUNDS);
    }
    // What stands: the last change of who did not leave, and what each new voter of each round ended with.
    let new = ROUNDS as u64 * VOTERS as u64;
    let leavers = VOTERS.div_ceil(3) as u64;
    assert_eq!(bed.tallied(poll).await.total_votes as u64, new * 2 + VOTERS as u64 - leavers);
    assert_eq!(bed.tallied(&polls[1]).await.total_votes as usize, ROUNDS * 5);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(bed.sql(deadlocks).await, [["0"]]);
}
