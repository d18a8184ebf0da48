//! A viewer by server-sent events, who resumes after the last one that it has.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, HOST};
use hyper::{Request, StatusCode};
use pollster_bench::client::Server;
use pollster_integration::EventParser;

use super::hand::PATIENCE;
use super::scene::Scene;
use super::viewer::note;
use super::watching::Notes;
use crate::random::Random;

/// It gives up a stream that is silent for so long; busy ones are not.
const SILENCE: Duration = Duration::from_secs(5);
/// The longest pause before it connects again, in milliseconds.
const BACKOFF: u64 = 500;

/// Watches at any gateway.
pub(super) async fn run(scene: Arc<Scene>, notes: Notes, mut random: Random) {
    loop {
        let gateway = random.below(2) as usize;
        let opened = tokio::time::timeout(PATIENCE, open(&scene, &notes, gateway)).await;
        if let Ok(Some(body)) = opened {
            notes.connected();
            read(&scene, &notes, gateway, body).await;
        }
        tokio::time::sleep(Duration::from_millis(random.below(BACKOFF))).await;
    }
}

/// Opens the stream after the version that it has.
async fn open(scene: &Scene, notes: &Notes, gateway: usize) -> Option<Incoming> {
    let server = Server::from(scene.targets.gateways[gateway]);
    let path = format!("/api/v1/polls/{}/events", scene.view(notes.poll()).poll_id);
    let mut request = Request::get(path).header(HOST, server.host()).header(ACCEPT, "text/event-stream");
    if let Some(version) = notes.version() {
        request = request.header("last-event-id", version);
    }
    let request = request.body(Full::<Bytes>::default()).expect("a request");
    let response = server.open().await.ok()?.send_request(request).await.ok()?;
    (response.status() == StatusCode::OK).then(|| response.into_body())
}

/// Reads until the stream ends or falls silent.
async fn read(scene: &Scene, notes: &Notes, gateway: usize, mut body: Incoming) {
    let (mut parser, mut noted) = (EventParser::default(), 0);
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(SILENCE, body.frame()).await {
        parser.feed(frame.data_ref().map_or(&[], Bytes::as_ref));
        for event in &parser.events()[noted..] {
            note(scene, notes, gateway, &event.data);
        }
        noted = parser.events().len();
    }
}
