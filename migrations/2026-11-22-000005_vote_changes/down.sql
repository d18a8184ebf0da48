DROP VIEW vote_audit_log;
DROP TABLE response_changes;
-- A revoked vote has no place in the older schema.
DELETE FROM responses WHERE choices = 0;
DROP INDEX responses_address_key;
ALTER TABLE responses DROP COLUMN address, DROP COLUMN one_an_address, DROP COLUMN event_order;

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
