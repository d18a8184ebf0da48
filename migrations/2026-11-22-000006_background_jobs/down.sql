DROP TABLE reconciliations;
DROP INDEX archives_uncleared_idx, notifications_poll_idx, polls_month_idx;
ALTER TABLE archives DROP COLUMN bytes, DROP COLUMN removed_at, DROP COLUMN cleared_at, DROP COLUMN held;
DROP TABLE archive_parts, archivals, deliveries;
DELETE FROM notifications WHERE recipient IS NULL;
ALTER TABLE notifications DROP COLUMN event, DROP COLUMN data, ALTER COLUMN recipient SET NOT NULL;
ALTER TABLE users
    DROP COLUMN notify_email, DROP COLUMN notify_milestones, DROP COLUMN notify_closings,
    DROP COLUMN digest, DROP COLUMN nudges;
ALTER TABLE milestones DROP COLUMN total_votes, DROP COLUMN recorded_at;
ALTER TABLE polls
    DROP COLUMN opened_at, DROP COLUMN closing_recorded_at, DROP COLUMN archived_at, DROP COLUMN deleted_at;
