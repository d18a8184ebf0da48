-- Accounts. Those of our own have an e-mail address, a username and a password; those of an installation's
-- identity provider are known by the subject of their access tokens alone.

ALTER TABLE users
    -- What access tokens call the account: its own id, or the identity provider's name for it.
    ADD COLUMN subject text,
    -- What is compared, so that two accounts can't differ by case alone.
    ADD COLUMN email_key text,
    ADD COLUMN username_key text,
    ALTER COLUMN email DROP NOT NULL,
    ALTER COLUMN username DROP NOT NULL,
    ALTER COLUMN password_hash DROP NOT NULL;
UPDATE users SET subject = user_id::text, email_key = lower(email), username_key = lower(username);
DROP INDEX users_email_key;
DROP INDEX users_username_key;
ALTER TABLE users
    ALTER COLUMN subject SET NOT NULL,
    ADD CONSTRAINT users_email_key UNIQUE (email_key),
    ADD CONSTRAINT users_username_key UNIQUE (username_key),
    ADD CONSTRAINT users_subject_key UNIQUE (subject),
    ADD CONSTRAINT users_ours_check CHECK (
        num_nulls(email, email_key, username, username_key, password_hash) IN (0, 5)
    );

-- What was mailed to an address, to be shown again by who reads its mail. Only hashes are stored.
CREATE TABLE account_tokens (
    token_hash bytea PRIMARY KEY,
    account bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
    expires_at timestamptz NOT NULL
);
CREATE INDEX account_tokens_account_idx ON account_tokens (account);
CREATE INDEX account_tokens_expires_at_idx ON account_tokens (expires_at);
