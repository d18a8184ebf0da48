//! `pollster-background export`.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use pollster_integration::{DEADLINE, Scratch, Stack, lunch, wait_until};
use pollster_stack::Signal;
use rustix::process::{Pid, kill_process};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{awkward, export, vote};

/// The names of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn the_command_writes_what_the_api_serves() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&awkward()).await;
    vote(&stack, &poll).await;
    let scratch = Scratch::new("export").unwrap();
    let poll_id = poll.poll_id.to_string();
    for (form, audit, rows) in [
        ("csv", false, 5),
        ("json", false, 5),
        ("parquet", false, 5),
        ("csv", true, 11),
        ("parquet", true, 11),
    ] {
        let served = export(&stack, &poll, &format!("format={form}&audit={audit}")).await.body;
        let file = scratch.path().join(format!("export-{audit}.{form}"));
        let path = file.to_str().unwrap();
        let mut args = vec!["export", "--poll", &poll_id, "--format", form, "--output", path, "--json"];
        args.extend(audit.then_some("--audit"));
        let said = stack.run(&args).await.succeeded().json();
        assert_eq!(std::fs::read(&file).unwrap(), served, "{form}");
        let sha256: String = Sha256::digest(&served).iter().map(|byte| format!("{byte:02x}")).collect();
        let expected =
            json!({"poll_id": poll_id, "rows": rows, "file": path, "bytes": served.len(), "sha256": sha256});
        assert_eq!(said, expected, "{form}");
    }
    assert_eq!(files(scratch.path()).len(), 5);

    let served = export(&stack, &poll, "format=csv").await.text();
    let printed = stack.run(&["export", "--poll", &poll.slug, "--format", "csv"]).await.succeeded();
    assert_eq!(printed.stdout, served);
    let file = scratch.path().join("export-false.json");
    let path = file.to_str().unwrap();
    let args = ["export", "--poll", &poll.slug, "--format", "csv", "--output", path];
    let said = stack.run(&args).await.succeeded().stdout;
    assert_eq!(said, format!("5 rows, {} bytes in {path}\n", served.len()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), served, "the file that was there is replaced");
}

#[tokio::test]
async fn what_can_t_be_exported_is_told_and_leaves_nothing() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let scratch = Scratch::new("export").unwrap();
    let file = scratch.path().join("export.csv");
    let (file, folder) = (file.to_str().unwrap(), scratch.path().to_str().unwrap());
    let missing = format!("{folder}/no/such/export.csv");
    for (args, code, says) in [
        (
            vec!["--poll", "no-such-poll", "--format", "csv", "--output", file],
            1,
            "no poll with the id or slug no-such-poll",
        ),
        (vec!["--poll", &poll.slug, "--format", "csv", "--output", &missing], 1, missing.as_str()),
        (vec!["--poll", &poll.slug, "--format", "csv", "--output", folder], 1, "not a file"),
        (vec!["--poll", &poll.slug, "--format", "csv", "--output", "/dev/null"], 1, "not a file"),
        (vec!["--poll", &poll.slug, "--format", "xlsx"], 2, "parquet"),
        (vec!["--poll", &poll.slug, "--format", "csv", "--json"], 2, "--output"),
        (vec!["--format", "csv"], 2, "--poll"),
        (vec!["--poll", &poll.slug, "--format", "csv", "--colour"], 2, "--colour"),
    ] {
        let ran = stack.run(&[vec!["export"], args.clone()].concat()).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{args:?}: {ran:?}");
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(files(scratch.path()), Vec::<String>::new());
}

#[tokio::test]
async fn an_interrupted_command_leaves_the_file_that_was_there() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&awkward()).await;
    vote(&stack, &poll).await;
    let scratch = Scratch::new("export").unwrap();
    let file = scratch.path().join("export.csv");
    std::fs::write(&file, "yesterday's").unwrap();

    let database = stack.database().connect().await;
    database.batch_execute("BEGIN; LOCK TABLE responses IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let path = file.to_str().unwrap();
    let mut command = stack.command(&["export", "--poll", &poll.slug, "--format", "csv", "--output", path]);
    let mut export = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the command waits for its first page", DEADLINE, async || {
        (files(scratch.path()).len() == 2).then_some(())
    })
    .await;
    kill_process(Pid::from_child(&export), Signal::TERM).unwrap();
    let status =
        wait_until("the command ends", Duration::from_secs(5), async || export.try_wait().unwrap()).await;
    database.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(status.code(), Some(1));
    assert_eq!(files(scratch.path()), ["export.csv"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "yesterday's");
}
