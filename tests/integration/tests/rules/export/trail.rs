//! The audit trail.

use hyper::Method;
use pollster_integration::{PollView, Stack, token};
use serde_json::{Value, json};

use super::{awkward, csv_rows, export, json_rows, parquet_rows, send, vote};

/// The view's rows in the order of an export.
async fn logged(stack: &Stack, poll: &PollView) -> Vec<Value> {
    let chosen = |column: &str, choices: &str| {
        format!(
            "(SELECT coalesce(array_agg(c.{column} ORDER BY c.position), '{{}}') FROM choices c \
             WHERE c.question = q.id AND (coalesce(l.{choices}, 0) >> c.position::int) & 1 = 1)"
        )
    };
    let select = format!(
        "SELECT (extract(epoch FROM l.at) * 1000000)::bigint, l.kind, q.question_id, q.text, {}, {}, {}, {} \
         FROM vote_audit_log l JOIN questions q ON q.id = l.question JOIN polls p ON p.id = q.poll \
         WHERE p.poll_id = $1 ORDER BY q.position, l.voter, l.event_order",
        chosen("choice_id", "old_choices"),
        chosen("text", "old_choices"),
        chosen("choice_id", "new_choices"),
        chosen("text", "new_choices"),
    );
    let rows = stack.database().connect().await.query(&select, &[&poll.poll_id]).await.unwrap();
    let row = |row: &tokio_postgres::Row| {
        json!({
            "at": row.get::<_, i64>(0),
            "kind": row.get::<_, String>(1),
            "question_id": row.get::<_, uuid::Uuid>(2),
            "question": row.get::<_, String>(3),
            "old_choice_ids": row.get::<_, Vec<uuid::Uuid>>(4),
            "old_choices": row.get::<_, Vec<String>>(5),
            "new_choice_ids": row.get::<_, Vec<uuid::Uuid>>(6),
            "new_choices": row.get::<_, Vec<String>>(7),
            "voter": null,
        })
    };
    rows.iter().map(row).collect()
}

#[tokio::test]
async fn the_trail_holds_every_event_as_the_view_has_it() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&awkward()).await;
    vote(&stack, &poll).await;
    let expected = logged(&stack, &poll).await;
    assert_eq!(expected.len(), 11);
    let form = async |name: &str| export(&stack, &poll, &format!("audit=true&format={name}")).await.body;
    assert_eq!(csv_rows(&form("csv").await), expected);
    assert_eq!(json_rows(&form("json").await), expected);
    assert_eq!(parquet_rows(form("parquet").await), expected);
}

#[tokio::test]
async fn a_vote_that_was_accepted_twice_is_in_the_trail_as_refused() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&awkward()).await;
    let voter = token();
    send(&stack, Method::POST, &poll, &voter, &[(0, &[1])]).await;
    stack.drained().await;
    stack.redis().flush().await;
    send(&stack, Method::POST, &poll, &voter, &[(0, &[2])]).await;
    stack.drained().await;
    let trail = json_rows(&export(&stack, &poll, "format=json&audit=true").await.body);
    let told: Vec<_> =
        trail.iter().map(|row| (&row["kind"], &row["old_choices"], &row["new_choices"])).collect();
    let (cast, refused) = (json!(["a, b"]), json!(["Où ça? 日本 ☃"]));
    assert_eq!(told, [(&json!("cast"), &json!([]), &cast), (&json!("refused"), &json!([]), &refused)]);
    let responses = json_rows(&export(&stack, &poll, "format=json").await.body);
    assert_eq!((responses.len(), &responses[0]["choices"]), (1, &cast));
}
