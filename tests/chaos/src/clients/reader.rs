//! A reader of the results by requests, who says which version it has.

use std::sync::Arc;
use std::time::Duration;

use hyper::header::ETAG;
use hyper::{Method, StatusCode};
use pollster_integration::{Client, Counts, Reply, ResultsView};

use super::hand::PATIENCE;
use super::scene::Scene;
use super::watching::Notes;
use crate::random::Random;

/// Between two requests, in milliseconds.
const PAUSE: u64 = 400;

/// Reads on and on, at any gateway.
pub(super) async fn run(scene: Arc<Scene>, notes: Notes, mut random: Random) {
    let mut clients = scene.targets.gateways.map(|gateway| Client::new(gateway).with_timeout(PATIENCE));
    notes.connected();
    let path = format!("/api/v1/polls/{}/results", scene.view(notes.poll()).poll_id);
    let mut etag: Option<String> = None;
    loop {
        let gateway = random.below(2) as usize;
        let known = etag.as_deref().map(|etag| ("if-none-match", etag));
        let headers: Vec<(&str, &str)> = known.into_iter().collect();
        let reply = clients[gateway].request(Method::GET, &path, &headers, "").await;
        if let Some(reply) = reply.ok().filter(|reply| reply.status == StatusCode::OK) {
            note(&scene, &notes, gateway, &reply);
            etag = reply.headers.get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        }
        tokio::time::sleep(Duration::from_millis(random.below(PAUSE))).await;
    }
}

fn note(scene: &Scene, notes: &Notes, gateway: usize, reply: &Reply) {
    let results: ResultsView = reply.json().expect("results");
    notes.saw(scene, gateway, results.version as i64, Counts::from(&results), results.is_final);
}
