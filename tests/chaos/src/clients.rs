//! The crowd: voters who never give up quickly, and viewers who note every version that they are shown.

mod addresses;
mod casters;
mod changers;
mod closer;
mod event_reader;
mod hand;
mod polls;
mod progress;
mod reader;
mod retry;
mod scene;
mod socket;
mod socket_voters;
mod surveys;
mod viewer;
mod watching;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pollster_integration::Client;
use pollster_shared::shutdown::Shutdown;
use tokio::task::JoinSet;

use crate::history::{ChaosPoll, History, Role, Submission, Track};
use crate::random::Random;

pub use progress::{Progress, Told};
use scene::Scene;
use watching::Watching;

/// Voters of each kind; together they send a few hundred requests a second.
const CASTERS: usize = 12;
const SURVEYED: usize = 5;
const CHANGERS: usize = 5;
const ADDRESSED: usize = 4;
const CLOSED: usize = 3;
const SOCKET_VOTERS: usize = 3;
/// Viewers of each poll; they begin at different gateways.
const VIEWERS: usize = 2;
/// How long viewers may take to be shown the last version once all is healed.
const CATCH_UP: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(50);

/// Whom the crowd turns to.
#[derive(Debug, Clone)]
pub struct Targets {
    /// The gateways, as clients reach them.
    pub gateways: [SocketAddr; 2],
    /// The polls.
    pub polls: Vec<ChaosPoll>,
    /// When the creator closes the poll that is to be closed, from the start on.
    pub close_after: Duration,
}

/// The crowd at work.
#[derive(Debug)]
pub struct Crowd {
    scene: Arc<Scene>,
    voters: JoinSet<Vec<Submission>>,
    submissions: Vec<Submission>,
    watching: Vec<Watching>,
}

/// Makes a poll of each role at a gateway, which must be there.
pub async fn create_polls(gateway: SocketAddr) -> Vec<ChaosPoll> {
    polls::create(&mut Client::new(gateway)).await
}

impl Crowd {
    /// Sends everybody off. What they do follows from `seed`, as far as what they are told does.
    pub fn start(targets: &Targets, seed: u64) -> Self {
        let scene = Arc::new(Scene::new(targets.clone()));
        let mut random = Random::new(seed);
        let mut voters = JoinSet::new();
        for (count, role) in [
            (CASTERS, Role::Single),
            (SURVEYED, Role::Survey),
            (CHANGERS, Role::Changeable),
            (ADDRESSED, Role::Address),
            (CLOSED, Role::Closing),
        ] {
            for poll in scene.polls_of(role).cycle().take(count) {
                let (scene, random) = (scene.clone(), random.fork());
                match role {
                    Role::Single | Role::Closing => voters.spawn(casters::run(scene, poll, random)),
                    Role::Survey => voters.spawn(surveys::run(scene, poll, random)),
                    Role::Changeable => voters.spawn(changers::run(scene, poll, random)),
                    Role::Address => voters.spawn(addresses::run(scene, poll, random)),
                };
            }
        }
        let final_votes = scene.polls_of(Role::Single).chain(scene.polls_of(Role::Closing));
        for poll in final_votes.cycle().take(SOCKET_VOTERS) {
            voters.spawn(socket_voters::run(scene.clone(), poll, random.fork()));
        }
        for poll in scene.polls_of(Role::Closing) {
            voters.spawn(closer::run(scene.clone(), poll, random.fork()));
        }
        let watching = watch(&scene, &mut random);
        Self { scene, voters, submissions: Vec::new(), watching }
    }

    /// What was done so far.
    pub fn progress(&self) -> &Progress {
        &self.scene.progress
    }

    /// Has the voters finish what they have begun, and waits for that. Viewers go on.
    ///
    /// # Panics
    /// When a voter did.
    pub async fn stop_voting(&mut self) {
        self.scene.over.cancel();
        while let Some(submissions) = self.voters.join_next().await {
            self.submissions.extend(submissions.expect("voters do not panic"));
        }
    }

    /// Waits, for a time, until every viewer has seen its poll's version in `versions`, and ends.
    pub async fn end(mut self, versions: &[i64]) -> History {
        self.stop_voting().await;
        let deadline = Instant::now() + CATCH_UP;
        let behind =
            |watching: &Watching| watching.version().is_none_or(|seen| seen < versions[watching.poll()]);
        while self.watching.iter().any(behind) && Instant::now() < deadline {
            tokio::time::sleep(STEP).await;
        }
        History {
            started: self.scene.started,
            polls: self.scene.targets.polls.clone(),
            submissions: self.submissions,
            tracks: self.watching.into_iter().map(Watching::end).collect(),
        }
    }
}

fn watch(scene: &Arc<Scene>, random: &mut Random) -> Vec<Watching> {
    let mut all = Vec::new();
    for poll in 0..scene.targets.polls.len() {
        for number in 0..VIEWERS {
            let track = Track::new(format!("viewer {number} of poll {poll}"), poll);
            let random = random.fork();
            all.push(Watching::start(track, |track| viewer::run(scene.clone(), track, number, random)));
        }
        let track = Track::new(format!("reader of poll {poll}"), poll);
        let reader = random.fork();
        all.push(Watching::start(track, |track| reader::run(scene.clone(), track, reader)));
    }
    let track = Track::new("event stream of poll 0".to_owned(), 0);
    let random = random.fork();
    all.push(Watching::start(track, |track| event_reader::run(scene.clone(), track, random)));
    all
}

/// Waits for the time given, or for the end.
async fn pause(over: &Shutdown, time: Duration) {
    let _ = tokio::time::timeout(time, over.cancelled()).await;
}
