-- What the background jobs work from. These rows say what is to be done and what was done; the job streams
-- only say it sooner.

ALTER TABLE polls
    -- When its start was told to those who watch; only of polls that have a start.
    ADD COLUMN opened_at timestamptz,
    -- When its end was recorded as a notification.
    ADD COLUMN closing_recorded_at timestamptz,
    -- Since when a verified copy of its responses is in the archive.
    ADD COLUMN archived_at timestamptz,
    -- Since when it is gone for everybody; what is left of it is being removed.
    ADD COLUMN deleted_at timestamptz;
CREATE INDEX polls_opening_idx ON polls (starts_at) WHERE opened_at IS NULL AND starts_at IS NOT NULL;
CREATE INDEX polls_opened_at_idx ON polls (opened_at) WHERE opened_at IS NOT NULL;
CREATE INDEX polls_unrecorded_closing_idx ON polls (id)
    WHERE finalized_at IS NOT NULL AND closing_recorded_at IS NULL;
CREATE INDEX polls_archived_at_idx ON polls (archived_at) WHERE archived_at IS NOT NULL;
CREATE INDEX polls_deleted_at_idx ON polls (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX polls_month_idx ON polls (month);

ALTER TABLE milestones
    -- The poll's responses right after the commit that crossed it.
    ADD COLUMN total_votes bigint NOT NULL,
    -- When it was recorded as a notification.
    ADD COLUMN recorded_at timestamptz;
CREATE INDEX milestones_unrecorded_idx ON milestones (crossed_at) WHERE recorded_at IS NULL;

-- What accounts want to be told, and how.
ALTER TABLE users
    ADD COLUMN notify_email boolean NOT NULL DEFAULT true,
    ADD COLUMN notify_milestones boolean NOT NULL DEFAULT true,
    ADD COLUMN notify_closings boolean NOT NULL DEFAULT true,
    ADD COLUMN digest text NOT NULL DEFAULT 'off' CHECK (digest IN ('off', 'daily', 'weekly')),
    ADD COLUMN nudges boolean NOT NULL DEFAULT false;
CREATE INDEX users_digest_idx ON users (digest, id) WHERE digest <> 'off';
CREATE INDEX users_nudges_idx ON users (id) WHERE nudges;

ALTER TABLE notifications
    -- What happened, for instance milestone:<poll_id>:100; each is recorded once.
    ADD COLUMN event text NOT NULL UNIQUE,
    -- What webhooks are told of it.
    ADD COLUMN data jsonb NOT NULL DEFAULT '{}',
    -- Nobody: the poll has no account, and only webhooks hear of it.
    ALTER COLUMN recipient DROP NOT NULL;
-- What goes with a poll is found without reading all the rest.
CREATE INDEX notifications_poll_idx ON notifications (poll) WHERE poll IS NOT NULL;

-- One row a notification and way of telling it. It stays due until it was delivered or given up; whoever works
-- on it moves due_at beyond the end of its attempt first, so that nobody else does, and its death loses nothing.
CREATE TABLE deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notification bigint NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    channel text NOT NULL CHECK (channel IN ('in_app', 'email', 'webhook')),
    webhook bigint REFERENCES webhooks (id) ON DELETE CASCADE,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    given_up_at timestamptz,
    error text,
    CHECK ((channel = 'webhook') = (webhook IS NOT NULL))
);
CREATE UNIQUE INDEX deliveries_once_key ON deliveries (notification, channel, coalesce(webhook, 0));
CREATE INDEX deliveries_webhook_idx ON deliveries (webhook) WHERE webhook IS NOT NULL;
CREATE INDEX deliveries_due_idx ON deliveries (channel, due_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;

-- Closed polls on their way into the archive.
CREATE TABLE archivals (
    poll bigint PRIMARY KEY REFERENCES polls (id) ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    error text
);
CREATE INDEX archivals_due_idx ON archivals (due_at);

-- The objects of an archive written so far, so that a killed job goes on where it stood.
CREATE TABLE archive_parts (
    poll bigint NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    -- Which rows: those of responses, or those of response_changes.
    relation text NOT NULL CHECK (relation IN ('responses', 'changes')),
    part integer NOT NULL,
    object_key text NOT NULL,
    sha256 bytea NOT NULL,
    bytes bigint NOT NULL,
    rows bigint NOT NULL,
    -- The key of its last row, after which the next part goes on.
    last_question bigint NOT NULL,
    last_voter uuid NOT NULL,
    last_order bigint,
    PRIMARY KEY (poll, relation, part)
);

ALTER TABLE archives
    ADD COLUMN bytes bigint NOT NULL,
    -- Since when the responses are in the archive only: set before the first of them is removed.
    ADD COLUMN removed_at timestamptz,
    -- When the last of them was removed.
    ADD COLUMN cleared_at timestamptz,
    -- Restored by hand: kept until it is archived again by hand.
    ADD COLUMN held boolean NOT NULL DEFAULT false;
CREATE INDEX archives_uncleared_idx ON archives (archived_at) WHERE cleared_at IS NULL AND NOT held;

-- What reconciling found exact: its tallies were those of its responses, and Redis held the same, when its version
-- was this.
CREATE TABLE reconciliations (
    poll bigint PRIMARY KEY REFERENCES polls (id) ON DELETE CASCADE,
    version bigint NOT NULL,
    checked_at timestamptz NOT NULL DEFAULT now()
);
