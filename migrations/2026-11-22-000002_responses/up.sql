-- One row a voter and question. The primary key is the last word on "one vote each". Partitioned by the
-- month in which the poll was made, so that a month whose polls are all archived can be dropped whole.
-- No foreign keys: the commit looks up the poll's own questions instead, at half the cost.

CREATE TABLE responses (
    question bigint NOT NULL,
    -- Bit n stands for the choice at position n.
    choices bigint NOT NULL,
    -- Half idempotency key, half ballot: tells our own vote delivered again from a second vote.
    digest bigint NOT NULL,
    submitted_at timestamptz NOT NULL,
    voter uuid NOT NULL,
    month date NOT NULL,
    PRIMARY KEY (month, question, voter)
) PARTITION BY RANGE (month);

-- Makes the partition that holds `month` where there is none yet. Attaching takes a weaker lock than
-- creating in place, so votes go on meanwhile.
CREATE FUNCTION ensure_responses_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first_day date := date_trunc('month', month);
    partition_name text := 'responses_' || to_char(first_day, 'YYYY_MM');
BEGIN
    IF to_regclass(partition_name) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('ensure_responses_partition'));
    IF to_regclass(partition_name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE responses INCLUDING ALL)', partition_name);
    EXECUTE format('ALTER TABLE responses ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   partition_name, first_day, (first_day + interval '1 month')::date);
END;
$$;

-- What a change or a revoke replaced. A cast needs no row here: it is in responses.
CREATE TABLE response_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    question bigint NOT NULL,
    voter uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('changed', 'revoked')),
    old_choices bigint NOT NULL,
    new_choices bigint,
    changed_at timestamptz NOT NULL
);
CREATE INDEX response_changes_voter_idx ON response_changes (question, voter, id);

-- Every event of every vote. The first choices of a voter who changed are what the first change replaced.
CREATE VIEW vote_audit_log AS
SELECT r.question, r.voter, 'cast' AS kind, NULL::bigint AS old_choices,
       coalesce(first_change.old_choices, r.choices) AS new_choices, r.submitted_at AS at
FROM responses r
LEFT JOIN LATERAL (
    SELECT c.old_choices FROM response_changes c
    WHERE c.question = r.question AND c.voter = r.voter
    ORDER BY c.id LIMIT 1
) first_change ON true
UNION ALL
SELECT question, voter, kind, old_choices, new_choices, changed_at FROM response_changes;

-- Votes a choice and minute: what a poll's statistics are drawn from.
CREATE TABLE poll_timeline (
    poll bigint NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    minute timestamptz NOT NULL,
    question bigint NOT NULL,
    position smallint NOT NULL,
    votes bigint NOT NULL,
    PRIMARY KEY (poll, minute, question, position)
);

-- The highest stream id committed a shard. Who makes a shard's stream anew raises its id to this first,
-- so that ids, which order a voter's events, never go back.
CREATE TABLE shard_progress (
    shard smallint PRIMARY KEY,
    milliseconds bigint NOT NULL,
    sequence bigint NOT NULL
) WITH (fillfactor = 20);
