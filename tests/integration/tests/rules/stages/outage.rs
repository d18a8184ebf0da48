//! An error that is not an entry's own never sets it aside, however often it comes.

use pollster_integration::{DEADLINE, wait_until};
use pollster_shared::keys;

use super::bed::{Bed, casts};
use super::worker::{MAX_DELIVERIES, Worker};

/// What PostgreSQL says of itself, not of the data: out of disk, a deadlock, a time-out of a statement and
/// of a lock, a standby, a shutdown.
const NOT_THEIR_OWN: [&str; 6] = ["53100", "40P01", "57014", "55P03", "25006", "57P01"];

/// Inserts count their attempts, and fail with the code that the table `outage` holds.
const OUTAGE: &str = "\
    CREATE TABLE outage (code text); \
    CREATE SEQUENCE attempts; \
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ \
    DECLARE failure text := (SELECT code FROM outage); \
    BEGIN \
        PERFORM nextval('attempts'); \
        IF failure IS NOT NULL THEN \
            RAISE EXCEPTION 'outage' USING ERRCODE = failure; \
        END IF; \
        RETURN NULL; \
    END $$; \
    CREATE TRIGGER fail BEFORE INSERT ON responses FOR EACH STATEMENT EXECUTE FUNCTION fail()";

/// Breaks PostgreSQL by one statement, mends it by another after more attempts than poison gets, and
/// checks that a vote accepted before counts all the same.
async fn only_waits(bed: &Bed, broken_by: &str, mended_by: &str) {
    // A batch of one entry would be the first to go.
    let poll = bed.poll(1, 1).await;
    let votes = casts(&poll, 1);
    bed.accept(&poll, &votes[0]).await;
    let mut worker = Worker::new(bed, "worker", 1).await;
    let entries = worker.read().await;
    bed.sql(&format!("ALTER SEQUENCE attempts RESTART; {broken_by}")).await;

    let outage = async {
        let enough = format!("SELECT 1 FROM attempts WHERE last_value > {}", MAX_DELIVERIES + 1);
        wait_until("the commit is tried again and again", DEADLINE, async || bed.sql(&enough).await.pop())
            .await;
        bed.sql(mended_by).await;
    };
    let (committed, ()) = tokio::join!(worker.run_through(entries), outage);

    assert_eq!(committed.entries.len(), 1, "{broken_by}");
    bed.assert_counted(&poll, &votes).await;
    assert_eq!(worker.counter("dead_letters"), 0, "{broken_by}");
    assert_eq!(bed.redis(&["EXISTS", &keys::dead_votes(0)]).await, redis::Value::Int(0), "{broken_by}");
}

#[tokio::test]
async fn an_outage_sets_no_entry_aside_however_long_it_is_tried() {
    let bed = Bed::start().await;
    bed.sql(OUTAGE).await;
    for code in NOT_THEIR_OWN {
        only_waits(&bed, &format!("INSERT INTO outage VALUES ('{code}')"), "DELETE FROM outage").await;
    }
}

#[tokio::test]
async fn a_missing_partition_sets_no_entry_aside() {
    let bed = Bed::start().await;
    bed.sql(OUTAGE).await;
    // As if the month of the poll had no partition yet.
    let month = &bed.poll(1, 1).await.month;
    let partition = format!("responses_{}", month.format("%Y_%m"));
    let detach = format!("ALTER TABLE responses DETACH PARTITION {partition}");
    let attach = format!(
        "ALTER TABLE responses ATTACH PARTITION {partition} \
         FOR VALUES FROM ('{month}') TO ('{month}'::date + interval '1 month')"
    );
    only_waits(&bed, &detach, &attach).await;
}
