//! Voters at a steady pace.

use std::time::Duration;

use pollster_integration::{Client, PollView, Stack, token};
use pollster_shared::shutdown::Shutdown;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How many vote at a time.
const VOTERS: usize = 4;
/// How often each of them does, which makes 32 votes a second.
const PACE: Duration = Duration::from_millis(125);

/// Votes on a poll of two choices, each by somebody else.
pub(super) struct Crowd {
    end: Shutdown,
    voters: JoinSet<[i64; 2]>,
}

impl Crowd {
    pub(super) fn start(stack: &Stack, poll: &PollView) -> Self {
        let (end, mut voters) = (Shutdown::new(), JoinSet::new());
        for _ in 0..VOTERS {
            voters.spawn(vote(stack.client(0), poll.clone(), end.clone()));
        }
        Self { end, voters }
    }

    /// Ends it once every vote is answered; the votes that were accepted, by choice.
    pub(super) async fn ends(mut self) -> [i64; 2] {
        self.end.cancel();
        let mut accepted = [0, 0];
        while let Some(of_voter) = self.voters.join_next().await {
            let of_voter = of_voter.unwrap();
            accepted.iter_mut().zip(of_voter).for_each(|(sum, votes)| *sum += votes);
        }
        accepted
    }
}

async fn vote(mut client: Client, poll: PollView, end: Shutdown) -> [i64; 2] {
    let mut pace = interval(PACE);
    // A machine that was busy is not asked to catch up.
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut accepted = [0, 0];
    for choice in [0, 1].into_iter().cycle() {
        if end.run_until_cancelled(pace.tick()).await.is_none() {
            break;
        }
        cast(&mut client, &poll, choice, &mut pace).await;
        accepted[choice] += 1;
    }
    accepted
}

/// Votes until that is taken: what was not is sent again under its key, so that it counts once.
async fn cast(client: &mut Client, poll: &PollView, choice: usize, pace: &mut Interval) {
    let (path, token) = (poll.votes_path(), token());
    loop {
        match client.vote(&path, &token, "key", poll.ballot(0, choice)).await {
            Ok(reply) if reply.status == 202 || reply.status == 200 => return,
            Ok(reply) => assert_eq!(reply.status, 503, "{}", reply.text()),
            Err(error) => panic!("the gateway goes on all the time: {error}"),
        }
        pace.tick().await;
    }
}
