//! Responses of a poll that is over, as if they had been voted within an hour.

use tokio_postgres::Client;
use uuid::Uuid;

use crate::bench::run::Error;
use crate::bench::wait::unless_interrupted;

/// Rows inserted at once.
const SLICE: u32 = 500_000;

/// Random voters; of the digest the first half is random and the second the ballot's, as in real ones.
const INSERT: &str = "INSERT INTO responses (question, choices, digest, submitted_at, voter, month) \
    SELECT q.id, 1 << c.choice, (hashint8(v.n)::bigint << 32) | (hashint4(c.choice)::bigint & 4294967295), \
           date_trunc('milliseconds', now() - random() * interval '1 hour'), gen_random_uuid(), p.month \
    FROM polls p JOIN questions q ON q.poll = p.id, \
         generate_series($2::bigint, $3::bigint) AS v (n), LATERAL (SELECT (v.n % 4)::int AS choice) AS c \
    WHERE p.poll_id = $1";
const COUNT: [&str; 4] = [
    "UPDATE choice_tallies t SET votes = n.votes FROM ( \
        SELECT r.question, c.position, count(*) AS votes FROM responses r JOIN choices c \
        ON c.question = r.question AND (r.choices >> c.position::int) & 1 = 1 GROUP BY 1, 2 \
     ) n, questions q, polls p \
     WHERE t.question = n.question AND t.position = n.position \
     AND q.id = t.question AND p.id = q.poll AND p.poll_id = $1",
    "UPDATE question_tallies t SET responses = n.votes FROM ( \
        SELECT question, sum(votes) AS votes FROM choice_tallies GROUP BY 1 \
     ) n, questions q, polls p \
     WHERE t.question = n.question AND q.id = t.question AND p.id = q.poll AND p.poll_id = $1",
    "UPDATE poll_tallies t SET sealed = true, total_votes = n.responses FROM ( \
        SELECT q.poll, sum(qt.responses) AS responses FROM questions q \
        JOIN question_tallies qt ON qt.question = q.id GROUP BY 1 \
     ) n, polls p WHERE t.poll = n.poll AND p.id = t.poll AND p.poll_id = $1",
    "UPDATE polls SET closed_at = now(), closing_ids = array_fill('0-0'::text, ARRAY[shards::int]), \
     finalized_at = now(), closing_recorded_at = now() WHERE poll_id = $1",
];

/// Inserts so many into the poll, and makes it final.
pub(super) async fn insert(database: &Client, poll: Uuid, rows: u32) -> Result<(), Error> {
    eprintln!("Inserting {rows} responses ...");
    for from in (0..rows).step_by(SLICE as usize) {
        let (first, last) = (i64::from(from), i64::from(rows.min(from.saturating_add(SLICE))) - 1);
        unless_interrupted(database.execute(INSERT, &[&poll, &first, &last])).await??;
    }
    // As autovacuum would have by then: without it the first reader of all rows also sets their hint bits.
    database.batch_execute("VACUUM ANALYZE responses").await?;
    for statement in COUNT {
        unless_interrupted(database.execute(statement, &[&poll])).await??;
    }
    Ok(())
}
