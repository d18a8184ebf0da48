//! Whatever is sent, what is answered is documented: Schemathesis reads the document and makes requests of it, sound
//! ones and broken ones, with real accounts, voters and polls, so that they get deep.

mod reached;
mod world;

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use pollster_integration::{Scratch, Stack};
use tokio::process::Command;
use tokio::time::timeout;

use crate::python;
use reached::Reached;
use world::World;

/// Beyond what it takes on a busy machine; it takes half a minute on an idle one.
const PATIENCE: Duration = Duration::from_secs(300);

/// Operations that generated requests do not bring to succeed.
const NEVER: [&str; 3] = [
    // Takes the handshake of a WebSocket.
    "GET /ws",
    // Take tokens that are mailed.
    "POST /api/v1/accounts/verify",
    "PUT /api/v1/accounts/password",
];

/// What becomes of a run over the whole document.
async fn run(schemathesis: &Path, stack: &Stack, world: &World, reports: &Path) -> Output {
    let gateway = format!("http://{}", stack.gateway(0).address());
    let mut command = Command::new(schemathesis);
    command
        .arg("--config-file")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/openapi/misuse/schemathesis.toml"))
        .args(["run", &format!("{gateway}/api/v1/openapi.json"), "--url", &gateway])
        .args(["--no-color", "--continue-on-failure", "--report", "ndjson", "--report-dir"])
        .arg(reports)
        .envs(world.env())
        // Where it leaves what it keeps.
        .current_dir(reports)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    timeout(PATIENCE, command.output()).await.expect("it ends in time").unwrap()
}

fn report(folder: &Path) -> PathBuf {
    let mut reports = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    reports.find(|path| path.extension().is_some_and(|extension| extension == "ndjson")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_to_generated_requests_is_documented_and_none_is_a_server_s_error() {
    let Some(schemathesis) = python::program("schemathesis") else {
        eprintln!("skipped: Schemathesis was not installed");
        return;
    };
    // Nobody calls the webhooks.
    let stack = Stack::builder().without_background().start().await;
    let world = World::make(&stack).await;
    let scratch = Scratch::new("schemathesis").unwrap();
    let output = run(&schemathesis, &stack, &world, scratch.path()).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));

    // Refusals alone would prove nothing.
    let reached = Reached::read(&report(scratch.path()));
    let missed: Vec<&str> = reached.without_success().filter(|label| !NEVER.contains(label)).collect();
    assert!(missed.is_empty(), "never successful: {missed:?}\n{said}");
    assert!(reached.operations() >= 31, "{} operations were reached\n{said}", reached.operations());
}
