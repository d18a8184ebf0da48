-- Polls, their questions and choices. UUIDs are for the outside; inside, rows refer to each other by
-- integers, which keeps the large tables narrow. Nothing here changes after creation but a poll's
-- status times.

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL UNIQUE,
    email text NOT NULL,
    username text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    verified_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE UNIQUE INDEX users_username_key ON users (lower(username));

CREATE TABLE polls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    poll_id uuid NOT NULL UNIQUE,
    slug text NOT NULL UNIQUE,
    creator bigint REFERENCES users (id) ON DELETE SET NULL,
    -- Of a poll made anonymously; the token itself is shown once and never stored.
    manage_token_hash bytea,
    title text NOT NULL,
    description text NOT NULL,
    settings jsonb NOT NULL,
    -- Number of stream shards its voters are spread over, fixed at creation.
    shards smallint NOT NULL CHECK (shards > 0),
    -- First day of the month of creation: the partition of its responses.
    month date NOT NULL CHECK (month = date_trunc('month', month)),
    created_at timestamptz NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz,
    -- Closing: closed_at first, then what each shard held once its mark said closed, then finalized_at.
    closed_at timestamptz,
    closing_ids text[],
    finalized_at timestamptz,
    CHECK (ends_at > starts_at),
    CHECK (finalized_at IS NULL OR closing_ids IS NOT NULL),
    CHECK (closing_ids IS NULL OR closed_at IS NOT NULL)
);
CREATE INDEX polls_creator_idx ON polls (creator, id DESC) WHERE creator IS NOT NULL;
CREATE INDEX polls_due_idx ON polls (ends_at) WHERE closed_at IS NULL AND ends_at IS NOT NULL;
CREATE INDEX polls_closed_at_idx ON polls (closed_at);
CREATE INDEX polls_finalized_at_idx ON polls (finalized_at);
CREATE INDEX polls_closing_idx ON polls (id) WHERE closed_at IS NOT NULL AND finalized_at IS NULL;

CREATE TABLE questions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    question_id uuid NOT NULL UNIQUE,
    poll bigint NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    position smallint NOT NULL,
    text text NOT NULL,
    min_choices smallint NOT NULL,
    max_choices smallint NOT NULL,
    choice_count smallint NOT NULL CHECK (choice_count BETWEEN 2 AND 50),
    UNIQUE (poll, position),
    CHECK (1 <= min_choices AND min_choices <= max_choices AND max_choices <= choice_count)
);

CREATE TABLE choices (
    question bigint NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
    position smallint NOT NULL,
    choice_id uuid NOT NULL UNIQUE,
    text text NOT NULL,
    PRIMARY KEY (question, position)
);

-- Hot counters, apart from the immutable rows; the fill factor leaves room to update them in place.
CREATE TABLE poll_tallies (
    poll bigint PRIMARY KEY REFERENCES polls (id) ON DELETE CASCADE,
    total_votes bigint NOT NULL DEFAULT 0 CHECK (total_votes >= 0),
    version bigint NOT NULL DEFAULT 0,
    -- Set with finalized_at: what a commit finds here under its lock, no vote may change any more.
    sealed boolean NOT NULL DEFAULT false
) WITH (fillfactor = 20);

CREATE TABLE question_tallies (
    question bigint PRIMARY KEY REFERENCES questions (id) ON DELETE CASCADE,
    responses bigint NOT NULL DEFAULT 0 CHECK (responses >= 0)
) WITH (fillfactor = 20);

CREATE TABLE choice_tallies (
    question bigint NOT NULL,
    position smallint NOT NULL,
    votes bigint NOT NULL DEFAULT 0 CHECK (votes >= 0),
    PRIMARY KEY (question, position),
    FOREIGN KEY (question, position) REFERENCES choices (question, position) ON DELETE CASCADE
) WITH (fillfactor = 20);
