//! A viewer over the WebSocket, who comes back with the last version that it has.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pollster_integration::Counts;
use serde_json::{Value, json};

use super::scene::Scene;
use super::socket::{Lost, Socket};
use super::watching::Notes;
use crate::random::Random;

/// How often it asks whether the connection stands.
const PING: Duration = Duration::from_secs(1);
/// It gives up a connection that is silent for so long.
const SILENCE: Duration = Duration::from_secs(4);
/// The longest pause before it connects again, in milliseconds.
const BACKOFF: u64 = 500;

/// Watches, at first at gateway `number`, then at any.
pub(super) async fn run(scene: Arc<Scene>, notes: Notes, number: usize, mut random: Random) {
    let mut gateway = number % scene.targets.gateways.len();
    loop {
        let Err(Lost) = watch(&scene, &notes, gateway).await;
        tokio::time::sleep(Duration::from_millis(random.below(BACKOFF))).await;
        gateway = random.below(2) as usize;
    }
}

async fn watch(scene: &Scene, notes: &Notes, gateway: usize) -> Result<Infallible, Lost> {
    let mut socket = Socket::open(scene.targets.gateways[gateway]).await?;
    notes.connected();
    let poll_id = scene.view(notes.poll()).poll_id;
    let mut subscribe = json!({"type": "subscribe", "poll_id": poll_id});
    if let Some(version) = notes.version() {
        subscribe["version"] = version.into();
    }
    socket.say(&subscribe).await?;
    let mut heard = Instant::now();
    loop {
        if let Some(message) = socket.next(PING).await? {
            // An outage kept it from subscribing: it tries again.
            if message["type"] == "error" {
                return Err(Lost);
            }
            heard = Instant::now();
            note(scene, notes, gateway, &message);
        } else if heard.elapsed() > SILENCE {
            return Err(Lost);
        } else {
            socket.say(&json!({"type": "ping"})).await?;
        }
    }
}

/// Notes the counts in a message to viewers, if it holds any.
pub(super) fn note(scene: &Scene, notes: &Notes, gateway: usize, message: &Value) {
    let is_final = message["type"] == "poll_closed";
    if !is_final && message["type"] != "results" {
        return;
    }
    let counts = message["version"].as_i64().zip(counts(message));
    let (version, counts) = counts.expect("results have a version and counts");
    notes.saw(scene, gateway, version, counts, is_final);
}

fn counts(message: &Value) -> Option<Counts> {
    let results = message["results"].as_object()?;
    let results = results.iter().map(|(counted, count)| Some((counted.clone(), count.as_i64()?)));
    Some(Counts { total: message["total_votes"].as_i64()?, results: results.collect::<Option<_>>()? })
}
