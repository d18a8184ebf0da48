-- What the background jobs record. Unique keys make each record happen once, however often a job runs.

CREATE TABLE milestones (
    poll bigint NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    threshold bigint NOT NULL CHECK (threshold > 0),
    crossed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (poll, threshold)
);

CREATE TABLE notifications (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notification_id uuid NOT NULL UNIQUE,
    recipient bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    poll bigint REFERENCES polls (id) ON DELETE CASCADE,
    type text NOT NULL,
    message text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz
);
CREATE INDEX notifications_recipient_idx ON notifications (recipient, id DESC);

CREATE TABLE webhooks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id uuid NOT NULL UNIQUE,
    poll bigint NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    url text NOT NULL,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhooks_poll_idx ON webhooks (poll);

CREATE TABLE archives (
    poll bigint PRIMARY KEY REFERENCES polls (id) ON DELETE CASCADE,
    manifest_key text NOT NULL,
    manifest_sha256 bytea NOT NULL,
    rows bigint NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT now()
);
