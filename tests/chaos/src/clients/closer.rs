//! The creator who closes a poll under load.

use std::sync::Arc;
use std::time::Duration;

use hyper::{Method, StatusCode};
use pollster_integration::Client;

use super::hand::PATIENCE;
use super::pause;
use super::scene::Scene;
use crate::history::Submission;
use crate::random::Random;

/// Before a close that was not answered is asked for again.
const RETRY: Duration = Duration::from_millis(300);

/// Closes the poll when it is time, at any gateway, again and again until that is answered. Casts nothing.
pub(super) async fn run(scene: Arc<Scene>, poll: usize, mut random: Random) -> Vec<Submission> {
    pause(&scene.over, scene.targets.close_after).await;
    let view = scene.view(poll);
    let token = view.manage_token.as_deref().expect("made anonymously");
    let path = format!("/api/v1/polls/{}/close", view.poll_id);
    loop {
        let gateway = *random.pick(&scene.targets.gateways);
        let mut client = Client::new(gateway).with_timeout(PATIENCE);
        let reply = client.request(Method::POST, &path, &[("x-manage-token", token)], "").await;
        if reply.is_ok_and(|reply| reply.status == StatusCode::OK) {
            return Vec::new();
        }
        tokio::time::sleep(RETRY).await;
    }
}
