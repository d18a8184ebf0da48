//! Large exports: memory, connections and places they take, and slow clients.

use hyper::StatusCode;
use pollster_integration::{DEADLINE, PollView, Stack, lunch, wait_until};
use serde_json::Value;

use super::download::Download;
use super::{fill, json_rows, parquet_rows};

/// Rows whose export is far larger than all buffers between gateway and client.
const MANY: u32 = 30_000;
/// What exports may take beyond what the gateway had before.
const LITTLE: u64 = 36 << 20;
/// Exports that a gateway makes at once.
const AT_ONCE: usize = 4;

/// A poll whose rows are long.
fn wordy() -> Value {
    let mut poll = lunch();
    poll["questions"][0]["text"] = "why? ".repeat(100).trim().into();
    poll
}

/// The most memory that the gateway ever had, in bytes.
async fn peak_memory(stack: &Stack) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", stack.gateway(0).pid().await)).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}

/// Starts an export and reads its first bytes.
async fn begin(stack: &Stack, poll: &PollView) -> (Download, Vec<u8>) {
    let mut download = Download::start(stack, poll, "format=json").await;
    assert_eq!(download.status(), StatusCode::OK);
    let first = download.next().await.unwrap().unwrap();
    (download, first.to_vec())
}

#[tokio::test]
async fn memory_stays_far_below_the_export() {
    const ROWS: u32 = 160_000;
    let stack = Stack::start().await;
    let poll = stack.create_poll(&wordy()).await;
    fill(&stack, &poll, ROWS).await;
    // What is made once, whatever the size: threads, with their heaps.
    let small = stack.create_poll(&wordy()).await;
    fill(&stack, &small, ROWS / 20).await;
    for form in ["csv", "json", "parquet"] {
        Download::start(&stack, &small, &format!("format={form}")).await.finish().await.unwrap();
    }
    let before = peak_memory(&stack).await;
    let json = Download::start(&stack, &poll, "format=json&audit=true").await.finish().await.unwrap();
    assert!(json.len() as u64 > 3 * LITTLE, "{} bytes are not large", json.len());
    assert_eq!(json.iter().filter(|byte| **byte == b'\n').count(), ROWS as usize);
    let parquet = Download::start(&stack, &poll, "format=parquet").await.finish().await.unwrap();
    assert_eq!(parquet_rows(parquet.into()).len(), ROWS as usize);
    let grown = peak_memory(&stack).await - before;
    assert!(grown < LITTLE, "{grown} bytes for an export of {}", json.len());
}

#[tokio::test]
async fn a_client_that_reads_nothing_holds_back_the_reading_and_nobody_else() {
    let stack = Stack::builder().env("DATABASE_POOL_SIZE", 2).start().await;
    let poll = stack.create_poll(&wordy()).await;
    fill(&stack, &poll, MANY).await;
    let before = peak_memory(&stack).await;
    let mut slow = Vec::new();
    for _ in 0..AT_ONCE {
        slow.push(begin(&stack, &poll).await);
    }
    let refused = Download::start(&stack, &poll, "format=csv").await;
    assert_eq!((refused.status(), refused.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));

    let database = stack.database().connect().await;
    let busy = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()";
    wait_until("no connection works for who does not read", DEADLINE, async || {
        let busy: i64 = database.query_one(busy, &[]).await.unwrap().get(0);
        (busy == 0).then_some(())
    })
    .await;
    let results = stack.get(&format!("/api/v1/polls/{}/results", poll.poll_id)).await;
    assert_eq!(results.status, StatusCode::OK);
    let grown = peak_memory(&stack).await - before;
    assert!(grown < LITTLE, "{grown} bytes for {AT_ONCE} exports that wait");

    // Whoever reads on gets all of it.
    let (mut download, mut json) = slow.pop().unwrap();
    json.extend(download.finish().await.unwrap());
    assert_eq!(json_rows(&json).len(), MANY as usize);
}

#[tokio::test]
async fn who_hangs_up_makes_room() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&wordy()).await;
    fill(&stack, &poll, MANY).await;
    for _ in 0..3 {
        let mut begun = Vec::new();
        wait_until("there is room for all of them", DEADLINE, async || {
            let download = Download::start(&stack, &poll, "format=json").await;
            begun.extend((download.status() == StatusCode::OK).then_some(download));
            (begun.len() == AT_ONCE).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_gateway_that_ends_finishes_its_exports() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&wordy()).await;
    fill(&stack, &poll, MANY).await;
    let (mut download, mut json) = begin(&stack, &poll).await;
    stack.gateway(0).ask_to_end().await;
    wait_until("no new connection is taken", DEADLINE, async || {
        tokio::net::TcpStream::connect(stack.gateway(0).address()).await.is_err().then_some(())
    })
    .await;
    json.extend(download.finish().await.unwrap());
    assert_eq!(json_rows(&json).len(), MANY as usize);
    assert!(stack.gateway(0).ended().await.success());
}

#[tokio::test]
async fn an_export_that_the_drain_timeout_ends_is_no_whole_one() {
    let stack = Stack::builder().env("DRAIN_TIMEOUT", "100ms").start().await;
    let poll = stack.create_poll(&wordy()).await;
    fill(&stack, &poll, MANY).await;
    let (mut download, _) = begin(&stack, &poll).await;
    assert!(stack.gateway(0).terminate().await.success());
    assert!(download.finish().await.is_err());
}
