//! SIGTERM with many viewers: all are told to go, not all at once, and find the same at another gateway.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use pollster_integration::{Stack, Viewer, cast, lunch, token};

use super::watch;
use crate::live::{version, viewer};

const VIEWERS: usize = 1000;

/// The last version that a viewer was sent.
fn last_version(viewer: &Viewer) -> i64 {
    version(viewer.frames_of("results").last().unwrap())
}

#[tokio::test]
async fn a_gateway_sends_its_viewers_away_spread_and_none_gets_anything_twice_elsewhere() {
    let stack = Stack::builder().gateways(2).env("MAX_CONNECTIONS_PER_ADDRESS", 5000).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let viewers = watch(&stack, 0, &poll, VIEWERS).await;
    let all_left = AtomicBool::new(false);
    let voting = async {
        let mut client = stack.client(1);
        while !all_left.load(Ordering::Relaxed) {
            let reply = cast(&mut client, &poll, &token(), None, poll.ballot(0, 0)).await;
            assert_eq!(reply.status, 202);
        }
    };
    let draining = async {
        let exit = stack.gateway(0).terminate().await;
        assert!(exit.success(), "{exit}");
        let codes = join_all(viewers.iter().map(Viewer::closed)).await;
        all_left.store(true, Ordering::Relaxed);
        codes
    };
    let ((), codes) = tokio::join!(voting, draining);
    assert!(codes.iter().all(|&code| code == Some(1001)), "{codes:?}");
    assert!(!stack.gateway(0).log().contains("drain timeout"));
    // Results came while they went: each has what was the newest in its own moment.
    let versions: BTreeSet<i64> = viewers.iter().map(last_version).collect();
    assert!(versions.len() > 1, "all went at once, with {versions:?}");

    stack.gateway(0).restart().await;
    let exact = stack.assert_exact(&poll).await;
    let current = stack.version(&poll).await;
    for known in versions.into_iter().chain([current]) {
        let mut again = viewer(&stack, 1).await;
        again.subscribe(poll.poll_id, Some(known)).await;
        if known < current {
            assert_eq!(again.next("results").await["total_votes"], exact.total);
        }
        again.ping().await;
        let frames = again.frames_of("results");
        assert!(frames.iter().all(|frame| version(frame) > known), "{known}: {frames:?}");
    }
}
