//! `archive --poll`.

use pollster_integration::{Stack, lunch, token};
use pollster_shared::archive::Hash;
use serde_json::json;

use super::files::verified;
use super::polls::{close, final_poll};

#[tokio::test]
async fn a_poll_is_archived_at_once_by_its_id_or_slug_and_only_once() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    let open = stack.run(&["archive", "--poll", &poll.slug, "--json"]).await;
    assert!(open.code == 1 && open.stderr.contains("close it first") && open.stdout.is_empty(), "{open:?}");
    close(&stack, &poll).await;

    let archived = stack.run(&["archive", "--poll", &poll.slug, "--json"]).await.succeeded().json();
    assert_eq!((&archived["outcome"], &archived["rows"]), (&json!("archived"), &json!(1)));
    assert_eq!(archived["poll_id"], poll.poll_id.to_string());
    assert_eq!(verified(&stack, &poll).await, 1);
    let again =
        stack.run(&["archive", "--poll", &poll.poll_id.to_string(), "--json"]).await.succeeded().json();
    assert_eq!((&again["outcome"], &again["bytes"]), (&json!("already_archived"), &archived["bytes"]));
    let for_people = stack.run(&["archive", "--poll", &poll.slug]).await.succeeded();
    assert!(for_people.stdout.contains("was archived before: 1 rows"), "{for_people:?}");
    let nobody = stack.run(&["archive", "--poll", "no-such-poll"]).await;
    assert!(nobody.code == 1 && nobody.stderr.contains("no poll with the id or slug"), "{nobody:?}");
}

#[tokio::test]
async fn a_poll_that_is_not_final_changes_nothing() {
    let stack = Stack::builder().without_background().start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.close(&poll).await;
    let ran = stack.run(&["archive", "--poll", &poll.slug]).await;
    assert!(ran.code == 1 && ran.stderr.contains("not final yet"), "{ran:?}");
    let database = stack.database().connect().await;
    let rows: i64 = database.query_one("SELECT count(*) FROM archivals", &[]).await.unwrap().get(0);
    assert_eq!(rows, 0);
    assert!(!stack.archive_folder().join("polls").exists());
}

#[tokio::test]
async fn a_restored_poll_is_archived_anew_and_held_no_longer() {
    let stack = Stack::builder().without_background().start().await;
    let poll = final_poll(&stack, 50).await;
    let first = stack.run(&["archive", "--poll", &poll.slug, "--json"]).await.succeeded().json();
    assert_eq!(first["outcome"], "archived");
    let database = stack.database().connect().await;
    let manifest = stack.archive_folder().join("polls").join(poll.poll_id.to_string()).join("manifest.json");
    std::fs::remove_file(&manifest).unwrap();
    database.execute("UPDATE archives SET held = true", &[]).await.unwrap();

    let ran = stack.run(&["archive", "--poll", &poll.slug, "--json"]).await.succeeded().json();
    assert_eq!(ran["outcome"], "archived");
    let row = database.query_one("SELECT held, manifest_sha256 FROM archives", &[]).await.unwrap();
    assert!(!row.get::<_, bool>(0));
    assert_eq!(row.get::<_, Vec<u8>>(1), Hash::of(&std::fs::read(&manifest).unwrap()).0);
    assert_eq!(verified(&stack, &poll).await, 50);
}
