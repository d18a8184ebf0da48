//! More aggregators while too many votes wait, fewer under load: what one of them has read goes over to the others.
//!
//! Each is made slow by its settings, so that votes at a steady pace are too many for one and not for three: it reads
//! at most one entry a shard, and that twice a second.

mod crowd;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use pollster_integration::{
    DEADLINE, PollView, Scratch, Service, Spec, Stack, environment, lunch, wait_until,
};
use pollster_shared::stream::{Streams, dead_letters};

use crowd::Crowd;

const SLOW: [(&str, &str); 3] = [("VOTE_SHARDS", "8"), ("BATCH_SIZE", "8"), ("BATCH_LINGER_MS", "500")];
/// Unread entries in all shards that are too many, as an autoscaler is told.
const BOUND: f64 = 40.0;
/// Votes that show that an aggregator does its part.
const PART: f64 = 40.0;
/// How long lag may take to come and go: by the paces above some seconds.
const PATIENCE: Duration = DEADLINE.saturating_mul(3);

/// A stack with one slow aggregator and a poll, and a folder for more of them.
async fn one_slow_aggregator() -> (Stack, PollView, Scratch) {
    let builder = Stack::builder().without_background();
    let builder = SLOW.iter().fold(builder, |builder, (name, value)| builder.env(name, value));
    let stack = builder.start().await;
    let poll = stack.create_poll(&lunch()).await;
    (stack, poll, Scratch::new("scaling").unwrap())
}

/// So many more aggregators, as slow.
async fn more(stack: &Stack, folder: &Scratch, number: usize) -> Vec<Service> {
    let mut env = environment(stack.redis().url(), stack.database().url(), folder.path());
    env.extend(SLOW.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let spec = |number| {
        let log = folder.path().join(format!("aggregator-{number}.log"));
        Spec { program: "pollster-aggregator", args: &[], listens: false, env: env.clone(), log }
    };
    join_all((0..number).map(|number| Service::start(spec(number)))).await
}

/// Entries that nobody has read yet, as an aggregator tells.
async fn lag(aggregator: &Service) -> f64 {
    aggregator.metric("pollster_stream_lag").await
}

async fn counted(aggregators: &[&Service]) -> Vec<f64> {
    join_all(aggregators.iter().map(|one| one.metric("pollster_responses_inserted_total"))).await
}

/// Waits until each has counted `more` votes from now on; returns how many.
async fn each_counts(aggregators: &[&Service], more: f64) -> Vec<f64> {
    let before = counted(aggregators).await;
    wait_until("each aggregator counts votes", PATIENCE, async || {
        let now = counted(aggregators).await;
        let since: Vec<f64> = now.iter().zip(&before).map(|(now, before)| now - before).collect();
        since.iter().all(|&votes| votes >= more).then_some(since)
    })
    .await
}

/// The names of those in the group.
async fn names(stack: &Stack) -> Vec<String> {
    let mut names: Vec<String> = stack.consumers().await.into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Entries that this one has read and not acknowledged.
async fn held(stack: &Stack, name: &str) -> usize {
    let consumers = stack.consumers().await;
    consumers.iter().filter(|(consumer, _)| consumer == name).map(|(_, pending)| pending).sum()
}

/// Lets the crowd end; fails unless exactly its votes count, everywhere, and nothing is left over.
async fn assert_exact(stack: &Stack, poll: &PollView, crowd: Crowd) {
    let accepted = crowd.ends().await;
    let counts = stack.assert_exact(poll).await;
    for (choice, votes) in poll.questions[0].choices.iter().zip(accepted) {
        assert_eq!(counts.results[&format!("choice:{}", choice.choice_id)], votes, "{}", choice.text);
    }
    assert_eq!(stack.pending().await, 0);
    let dead = dead_letters::counts(&mut stack.streams(), Streams::Votes).await.unwrap();
    assert_eq!(dead, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_aggregators_share_what_is_too_much_for_one_and_one_that_ends_leaves_nothing_behind() {
    let (stack, poll, folder) = one_slow_aggregator().await;
    let first = stack.aggregator(0);
    let crowd = Crowd::start(&stack, &poll);
    let most = wait_until("the lag is over its bound", PATIENCE, async || {
        Some(lag(first).await).filter(|lag| *lag > BOUND)
    })
    .await;

    let others = more(&stack, &folder, 2).await;
    let all = [first, &others[0], &others[1]];
    let shares = each_counts(&all, PART).await;
    let least = wait_until("the lag is under its bound", PATIENCE, async || {
        Some(lag(first).await).filter(|lag| *lag <= BOUND)
    })
    .await;
    println!("lag {most} with one aggregator, {least} with three, which counted {shares:?} votes meanwhile");
    assert_eq!(names(&stack).await.len(), 3);

    let (end, left) = (&others[0], [first, &others[1]]);
    assert!(end.terminate().await.success());
    assert_eq!(names(&stack).await.len(), 2, "it finished what it had read, and left the group");
    each_counts(&left, PART).await;
    assert_exact(&stack, &poll, crowd).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_aggregator_holds_goes_over_to_others_while_counts_go_on() {
    let (stack, poll, folder) = one_slow_aggregator().await;
    let killed = stack.aggregator(0);
    let crowd = Crowd::start(&stack, &poll);
    // Alone so far.
    let name = wait_until("it has read a vote", DEADLINE, async || names(&stack).await.pop()).await;
    let others = more(&stack, &folder, 2).await;
    let left = [&others[0], &others[1]];
    each_counts(&[killed, left[0], left[1]], PART).await;

    let holds = wait_until("it stands still with votes in hand", DEADLINE, async || {
        killed.stop().await;
        // Twice: the first time an acknowledgement may still be on its way.
        held(&stack, &name).await;
        match held(&stack, &name).await {
            0 => {
                killed.cont().await;
                None
            }
            holds => Some(holds),
        }
    })
    .await;
    killed.kill().await;
    let at = Instant::now();
    each_counts(&left, 1.0).await;
    println!(
        "killed with {holds} votes in hand; {:?} later each of the others had counted votes",
        at.elapsed()
    );
    wait_until("what it held is taken over", DEADLINE, async || {
        let reclaimed = join_all(left.iter().map(|one| one.metric("pollster_reclaimed_total"))).await;
        let is_taken_over = reclaimed.iter().sum::<f64>() >= holds as f64;
        (is_taken_over && held(&stack, &name).await == 0).then_some(())
    })
    .await;
    assert_exact(&stack, &poll, crowd).await;
}
