DROP TABLE account_tokens;
DELETE FROM users WHERE email IS NULL;
ALTER TABLE users
    DROP CONSTRAINT users_ours_check,
    DROP COLUMN subject,
    DROP COLUMN email_key,
    DROP COLUMN username_key,
    ALTER COLUMN email SET NOT NULL,
    ALTER COLUMN username SET NOT NULL,
    ALTER COLUMN password_hash SET NOT NULL;
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
