//! Exports that can't be finished: nobody takes them for whole.

use std::io::Read;
use std::process::Stdio;

use hyper::StatusCode;
use pollster_integration::{DEADLINE, Stack, lunch, wait_until};

use super::download::Download;
use super::fill;

const ROWS: u32 = 100_000;

#[tokio::test]
async fn a_client_whose_export_breaks_off_sees_that() {
    let stack = Stack::builder().own_postgres().start().await;
    let poll = stack.create_poll(&lunch()).await;
    fill(&stack, &poll, ROWS).await;
    let mut download = Download::start(&stack, &poll, "format=csv").await;
    download.next().await.unwrap().unwrap();
    stack.database().kill_server().await;
    assert!(download.finish().await.is_err(), "it ends as if it were whole");
    assert!(stack.gateway(0).log().contains("an export broke off"));

    let refused = Download::start(&stack, &poll, "format=csv").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "what can't begin is an error of its own");
    stack.database().restart_server().await;
    let mut again = wait_until("an export begins again", DEADLINE, async || {
        let download = Download::start(&stack, &poll, "format=csv").await;
        (download.status() == StatusCode::OK).then_some(download)
    })
    .await;
    let whole = again.finish().await.unwrap();
    assert_eq!(whole.iter().filter(|byte| **byte == b'\n').count(), ROWS as usize + 1);
}

#[tokio::test]
async fn a_command_whose_export_breaks_off_fails() {
    let stack = Stack::builder().own_postgres().start().await;
    let poll = stack.create_poll(&lunch()).await;
    fill(&stack, &poll, ROWS).await;
    let mut command = stack.command(&["export", "--poll", &poll.slug, "--format", "csv"]);
    let mut export = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = export.stdout.take().unwrap();
    // The command goes no further than the pipe has room.
    let mut stdout = tokio::task::spawn_blocking(move || {
        stdout.read_exact(&mut [0; 1000]).unwrap();
        stdout
    })
    .await
    .unwrap();
    stack.database().kill_server().await;
    let ended = tokio::task::spawn_blocking(move || {
        let read = stdout.read_to_end(&mut Vec::new());
        (read, export.wait_with_output())
    });
    let (read, output) = ended.await.unwrap();
    read.unwrap();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("error: ") && said.contains("PostgreSQL"), "{said}");
}
