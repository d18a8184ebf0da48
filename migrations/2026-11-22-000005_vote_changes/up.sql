-- Where votes come from, and votes that change.

ALTER TABLE responses
    -- Keyed hash of the network that the vote came from, another one in every poll: for abuse checks.
    ADD COLUMN address bigint,
    -- Whether the poll allows one vote an address.
    ADD COLUMN one_an_address boolean NOT NULL DEFAULT false,
    -- Place of the event that wrote the row among the voter's events; only where votes may be changed.
    ADD COLUMN event_order bigint;
-- The last word on "one vote an address", as the primary key is on "one vote each".
CREATE UNIQUE INDEX responses_address_key ON responses (month, question, address) WHERE one_an_address;

-- A voter's events that the row in responses does not hold: what changes and revokes replaced, and second
-- casts that were refused after their acceptance. No choices: a revoke.
DROP VIEW vote_audit_log;
DROP TABLE response_changes;
CREATE TABLE response_changes (
    question bigint NOT NULL,
    choices bigint NOT NULL,
    digest bigint NOT NULL,
    submitted_at timestamptz NOT NULL,
    address bigint,
    event_order bigint NOT NULL,
    voter uuid NOT NULL,
    refused boolean NOT NULL,
    PRIMARY KEY (question, voter, event_order)
);

-- Every event of every vote that was counted at its time.
CREATE VIEW vote_audit_log AS
SELECT question, voter,
       CASE WHEN choices = 0 THEN 'revoked' WHEN old_choices IS NULL THEN 'cast' ELSE 'changed' END AS kind,
       old_choices, nullif(choices, 0) AS new_choices, at, address, event_order
FROM (
    SELECT question, voter, choices, submitted_at AS at, address, event_order,
           nullif(lag(choices) OVER (PARTITION BY question, voter ORDER BY event_order), 0) AS old_choices
    FROM (
        SELECT question, voter, choices, submitted_at, address, event_order FROM responses
        UNION ALL
        SELECT question, voter, choices, submitted_at, address, event_order FROM response_changes
        WHERE NOT refused
    ) events
) log;
