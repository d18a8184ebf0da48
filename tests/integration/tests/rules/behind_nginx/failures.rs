//! A gateway that goes, in order or not, is hardly noticed.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use hyper::StatusCode;
use pollster_integration::{Client, DEADLINE, NginxServer, PollView, Stack, cast, lunch, token, wait_until};

use super::audience::{all_see, audience};
use super::two;

const VIEWERS: usize = 8;

/// Reads the results over and over; every answer must be theirs.
async fn read_until(nginx: &NginxServer, poll: &PollView, stop: &AtomicBool) {
    let mut client = Client::new(nginx.address());
    while !stop.load(Ordering::Relaxed) {
        let reply = client.get(&format!("/api/v1/polls/{}/results", poll.poll_id)).await.unwrap();
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    }
}

/// Votes once, with the same key until that is accepted.
async fn vote_with_key(client: &mut Client, poll: &PollView) {
    let voter = token();
    wait_until("the vote is accepted", DEADLINE, async || {
        let reply = cast(client, poll, &voter, Some("key"), poll.ballot(0, 0)).await;
        let answer = (reply.status.as_u16(), reply.code());
        assert!(answer == (202, None) || answer == (503, Some("unavailable".to_owned())), "{}", reply.text());
        (reply.status == StatusCode::ACCEPTED).then_some(())
    })
    .await;
}

/// So many votes over four connections.
async fn vote(nginx: &NginxServer, poll: &PollView, votes: usize) {
    join_all((0..4).map(async |_| {
        let mut client = Client::new(nginx.address());
        for _ in 0..votes / 4 {
            vote_with_key(&mut client, poll).await;
        }
    }))
    .await;
}

async fn have_viewers(stack: &Stack, gateway: usize, viewers: usize) {
    wait_until(&format!("{viewers} viewers at gateway {gateway}"), DEADLINE, async || {
        let open = stack.gateway(gateway).metric("pollster_ws_connections").await;
        (open == viewers as f64).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_gateway_that_is_killed_costs_no_read_no_vote_and_no_viewer_a_version() {
    let (stack, nginx) = two().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = audience(nginx.address(), &poll, VIEWERS).await;
    have_viewers(&stack, 0, VIEWERS / 2).await;
    let stop = AtomicBool::new(false);
    let story = async {
        vote(&nginx, &poll, 40).await;
        tokio::join!(vote(&nginx, &poll, 200), stack.gateway(0).kill());
        stop.store(true, Ordering::Relaxed);
    };
    tokio::join!(read_until(&nginx, &poll, &stop), story, all_see(&mut viewers, 240));
    // What was accepted by the gateway that died counts once, whoever was asked again.
    let mut other = stack.client(1);
    let served = other.results(&poll.poll_id.to_string()).await.unwrap();
    assert_eq!((served.total_votes, stack.responses_count(&poll).await), (240, 240));
    have_viewers(&stack, 1, VIEWERS).await;
    assert_eq!(viewers.iter().filter(|viewer| viewer.codes == [None]).count(), VIEWERS / 2);

    stack.gateway(0).restart().await;
    let mut client = Client::new(nginx.address());
    wait_until("it is asked again", DEADLINE, async || {
        vote_with_key(&mut client, &poll).await;
        (stack.gateway(0).metric("pollster_votes_total").await > 0.0).then_some(())
    })
    .await;
    all_see(&mut viewers, stack.assert_exact(&poll).await.total).await;
}

#[tokio::test]
async fn viewers_of_a_gateway_that_ends_are_told_and_miss_nothing_elsewhere() {
    let (stack, nginx) = two().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = audience(nginx.address(), &poll, VIEWERS).await;
    vote(&nginx, &poll, 4).await;
    all_see(&mut viewers, 4).await;
    have_viewers(&stack, 0, VIEWERS / 2).await;

    stack.gateway(1).ask_to_end().await;
    wait_until("half of them are told", DEADLINE, async || {
        let told = viewers.iter().filter(|viewer| viewer.has_ended()).count();
        (told == VIEWERS / 2).then_some(())
    })
    .await;
    for viewer in viewers.iter_mut().filter(|viewer| viewer.has_ended()) {
        viewer.comes_back().await;
        assert_eq!(viewer.codes, [Some(1001)]);
        viewer.ping().await;
        assert_eq!(viewer.results().last().unwrap()["total_votes"], 4);
        viewer.assert_nothing_twice();
    }
    assert!(stack.gateway(1).ended().await.success());
    have_viewers(&stack, 0, VIEWERS).await;
    vote(&nginx, &poll, 4).await;
    all_see(&mut viewers, 8).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 8);
}
