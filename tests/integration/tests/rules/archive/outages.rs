//! A storage that is away, full, or refuses us: the job says so, tries again, and nothing is recorded twice.

use std::process::Command;

use pollster_integration::{Builder, PollView, S3Server, Scratch, Stack};

use super::files::{names, read};
use super::polls::{archived, final_poll, make_due, put_off_because};

fn on(s3: &S3Server) -> Builder {
    s3.env().into_iter().fold(Stack::builder(), |builder, (name, value)| builder.env(name, value))
}

/// Archived by now, exactly once, with these rows.
async fn archived_once(stack: &Stack, poll: &PollView, folder: &std::path::Path, rows: usize) {
    archived(stack, poll).await;
    assert_eq!(read(stack, poll, folder).await.responses.len(), rows);
    assert_eq!(names(folder, poll), ["manifest.json", "responses-00000.parquet"]);
    assert_eq!(stack.background().metric("pollster_archived_polls_total").await, 1.0);
}

#[tokio::test]
async fn a_storage_that_is_away_is_told_and_tried_again_by_itself() {
    let s3 = S3Server::start().await;
    let stack = on(&s3).start().await;
    let poll = final_poll(&stack, 1000).await;
    s3.stop().await;
    make_due(&stack, &poll).await;
    let said = put_off_because(&stack, &poll, "can't be reached").await;
    assert!(said.contains("ARCHIVE_URL") && said.contains("responses-00000.parquet"), "{said}");
    assert!(stack.background().is_ready().await, "other jobs go on");
    let by_hand = stack.run(&["archive", "--poll", &poll.slug]).await;
    assert!(by_hand.code == 1 && by_hand.stderr.contains("can't be reached"), "{by_hand:?}");
    s3.resume().await;
    archived_once(&stack, &poll, &s3.folder(), 1000).await;
}

#[tokio::test]
async fn wrong_credentials_are_told_without_showing_them() {
    const WRONG: &str = "not the secret key";
    let s3 = S3Server::start().await;
    let stack = on(&s3).env("AWS_SECRET_ACCESS_KEY", WRONG).start().await;
    let poll = final_poll(&stack, 10).await;
    make_due(&stack, &poll).await;
    let said = put_off_because(&stack, &poll, "access is denied").await;
    assert!(said.contains("AWS_SECRET_ACCESS_KEY"), "{said}");
    let access_key = &s3.env().into_iter().find(|(name, _)| *name == "AWS_ACCESS_KEY_ID").unwrap().1;
    let log = stack.background().log();
    assert!(log.contains("access is denied"), "the log says so");
    for text in [&said, &log] {
        assert!(!text.contains(WRONG) && !text.contains(access_key), "{text}");
    }
    let right = s3.env();
    let right: Vec<(&str, &str)> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ran = stack.run_with(&["archive", "--poll", &poll.slug, "--json"], &right).await.succeeded().json();
    assert_eq!(ran["outcome"], "archived");
    assert_eq!(read(&stack, &poll, &s3.folder()).await.responses.len(), 10);
}

/// A file system of its own in memory.
struct SmallDisk(Scratch);

impl SmallDisk {
    /// `None` where this process may not mount.
    fn mount(size: &str) -> Option<Self> {
        let disk = Self(Scratch::new("disk").unwrap());
        disk.try_mount(&format!("size={size}")).then_some(disk)
    }

    fn grow(&self, size: &str) {
        assert!(self.try_mount(&format!("remount,size={size}")));
    }

    fn try_mount(&self, options: &str) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(self.0.path());
        mount.output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).output();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_the_archive_is_made_once_there_is_room() {
    let Some(disk) = SmallDisk::mount("64k") else {
        eprintln!("skipped: only root may mount a small disk");
        return;
    };
    let folder = disk.0.path().to_owned();
    let stack = Stack::builder().env("ARCHIVE_URL", format!("file://{}", folder.display())).start().await;
    // More than 24 bytes each.
    let poll = final_poll(&stack, 5000).await;
    make_due(&stack, &poll).await;
    put_off_because(&stack, &poll, "the disk is full").await;
    assert!(names(&folder, &poll).is_empty(), "nothing is left of it");
    assert!(stack.background().is_ready().await, "other jobs go on");
    disk.grow("16m");
    archived_once(&stack, &poll, &folder, 5000).await;
    drop(stack);
}
