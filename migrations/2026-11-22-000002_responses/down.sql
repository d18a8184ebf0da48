DROP TABLE shard_progress;
DROP TABLE poll_timeline;
DROP VIEW vote_audit_log;
DROP TABLE response_changes;
DROP TABLE responses;
DROP FUNCTION ensure_responses_partition;
