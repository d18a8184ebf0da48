//! Tallies and timelines that are not what the responses say.

use hyper::Method;
use pollster_integration::{Stack, lunch, token};
use serde_json::json;

use super::{choice, found, is_shown_above, one, plant, question, voted, watching};

pub(super) const TOTAL: &str = "UPDATE poll_tallies t SET total_votes = total_votes + 4 FROM polls p \
                     WHERE p.id = t.poll AND p.poll_id = $1";
const QUESTION: &str = "UPDATE question_tallies t SET responses = 0 FROM questions q JOIN polls p ON p.id = q.poll \
                        WHERE q.id = t.question AND p.poll_id = $1";
pub(super) const CHOICE: &str = "UPDATE choice_tallies t SET votes = votes + 5 FROM questions q JOIN polls p ON p.id = q.poll \
                      WHERE q.id = t.question AND t.position = 1 AND p.poll_id = $1";

#[tokio::test]
async fn a_wrong_count_in_each_tally_table_is_found_and_with_fix_put_right() {
    let stack = Stack::start().await;
    for (statement, table) in [(TOTAL, 0), (QUESTION, 1), (CHOICE, 2)] {
        let poll = voted(&stack).await;
        let mut viewer = watching(&stack, &poll).await;
        plant(&stack, &poll, statement).await;
        let (version, planted) = (stack.version(&poll).await, stack.counts(&poll).await);
        let difference = |fixed| match table {
            0 => one("tallies", "total", 3, 7, fixed),
            1 => one("tallies", &question(&poll), 3, 0, fixed),
            _ => one("tallies", &choice(&poll, 1), 1, 6, fixed),
        };
        let poll_id = poll.poll_id.to_string();

        let told = stack.run(&["reconcile", "--poll", &poll_id, "--json"]).await;
        assert_eq!((told.code, told.stderr.contains("--fix")), (1, true), "{told:?}");
        assert_eq!(found(&told), [difference(false)]);
        assert_eq!((stack.version(&poll).await, stack.counts(&poll).await), (version, planted));

        let fixed = stack.run(&["reconcile", "--poll", &poll_id, "--fix", "--json"]).await.succeeded();
        assert_eq!(found(&fixed), [difference(true)]);
        is_shown_above(&mut viewer, &poll, version).await;
        assert_eq!(stack.assert_exact(&poll).await.total, 3);
        assert_eq!(found(&stack.run(&["reconcile", "--json"]).await.succeeded()), []);
    }
}

#[tokio::test]
async fn tallies_of_a_final_poll_are_put_right_too() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    stack.close(&poll).await;
    stack.final_results(&poll).await;
    let version = stack.version(&poll).await;
    plant(&stack, &poll, CHOICE).await;
    plant(&stack, &poll, TOTAL).await;
    // By the slug, and for people.
    let told = stack.run(&["reconcile", "--poll", &poll.slug]).await;
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.stdout.contains(&format!("{} is 6, should be 1", choice(&poll, 1))), "{told:?}");
    assert_eq!(stack.run(&["reconcile", "--poll", &poll.slug, "--fix"]).await.code, 0);
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
    assert!(stack.version(&poll).await > version);
    assert!(stack.results(&poll).await.is_final);
}

#[tokio::test]
async fn changed_and_revoked_votes_are_counted_as_they_stand() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["settings"] = json!({"allow_vote_change": true});
    let poll = stack.create_poll(&definition).await;
    let path = poll.votes_path().to_string();
    for (voter, last) in [(token(), Some(1)), (token(), None), (token(), Some(0))] {
        stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
        let headers = [("content-type", "application/json"), ("x-voter-token", voter.as_str())];
        let (method, body) = match last {
            Some(choice) => (Method::PUT, poll.ballot(0, choice)),
            None => (Method::DELETE, bytes::Bytes::new()),
        };
        let reply = stack.request(method, &path, &headers, std::str::from_utf8(&body).unwrap()).await;
        assert_eq!(reply.status, 202, "{}", reply.text());
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
    assert_eq!(found(&stack.run(&["reconcile", "--json"]).await.succeeded()), []);

    plant(&stack, &poll, CHOICE).await;
    let fixed = stack.run(&["reconcile", "--fix", "--json"]).await.succeeded();
    assert!(found(&fixed).contains(&one("tallies", &choice(&poll, 1), 1, 6, true)), "{fixed:?}");
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

const BOOK: &str = "INSERT INTO poll_timeline (poll, minute, question, position, votes) \
    SELECT p.id, date_trunc('minute', now()), t.question, t.position, t.votes + 3 - t.position FROM polls p \
    JOIN questions q ON q.poll = p.id JOIN choice_tallies t ON t.question = q.id WHERE p.poll_id = $1 \
    ON CONFLICT (poll, minute, question, position) DO UPDATE SET votes = excluded.votes";
const BOOKED: &str = "SELECT position, sum(votes)::bigint FROM poll_timeline t JOIN polls p ON p.id = t.poll \
                      WHERE p.poll_id = $1 GROUP BY 1 ORDER BY 1";

#[tokio::test]
async fn a_timeline_that_does_not_add_up_is_found_and_with_fix_put_right() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    let unbook = "DELETE FROM poll_timeline USING polls p WHERE p.id = poll AND p.poll_id = $1";
    stack.database().connect().await.execute(unbook, &[&poll.poll_id]).await.unwrap();
    plant(&stack, &poll, BOOK).await;
    let all = |fixed| {
        let first = one("timeline", &choice(&poll, 0), 2, 5, fixed);
        let mut both = [first, one("timeline", &choice(&poll, 1), 1, 3, fixed)];
        both.sort();
        both
    };
    let sorted = |ran| {
        let mut all = found(&ran);
        all.sort();
        all
    };
    let told = stack.run(&["reconcile", "--json"]).await;
    assert_eq!(told.code, 1);
    assert_eq!(sorted(told), all(false));
    assert_eq!(sorted(stack.run(&["reconcile", "--fix", "--json"]).await.succeeded()), all(true));
    let booked = stack.database().connect().await.query(BOOKED, &[&poll.poll_id]).await.unwrap();
    let booked: Vec<(i16, i64)> = booked.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(booked, [(0, 2), (1, 1)]);
}

#[tokio::test]
async fn polls_made_before_votes_were_booked_by_the_minute_have_no_timeline_to_hold() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    plant(&stack, &poll, BOOK).await;
    assert_eq!(stack.run(&["reconcile", "--json"]).await.code, 1);
    plant(&stack, &poll, "UPDATE polls SET created_at = created_at - interval '1 year' WHERE poll_id = $1")
        .await;
    assert_eq!(found(&stack.run(&["reconcile", "--json"]).await.succeeded()), []);
}

#[tokio::test]
async fn responses_that_are_in_the_archive_only_are_not_missed() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    let archived = "INSERT INTO archives (poll, manifest_key, manifest_sha256, rows, bytes, removed_at) \
                    SELECT id, 'key', '', 3, 1, now() FROM polls WHERE poll_id = $1";
    let removed = "DELETE FROM responses r USING questions q JOIN polls p ON p.id = q.poll \
                   WHERE r.question = q.id AND p.poll_id = $1";
    plant(&stack, &poll, removed).await;
    assert_eq!(stack.run(&["reconcile", "--json"]).await.code, 1);
    plant(&stack, &poll, archived).await;
    let ran = stack.run(&["reconcile", "--fix", "--json"]).await.succeeded();
    assert_eq!((found(&ran), ran.json()["responses"].as_i64()), (vec![], Some(0)));
    assert_eq!(stack.counts(&poll).await.total, 3);
}
