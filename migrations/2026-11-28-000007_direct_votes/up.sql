-- Polls whose counts moved past Redis: a gateway committed votes itself while it could not reach it. Committed
-- with these votes, so that whoever reaches Redis next publishes the counts, whatever became of that gateway.
CREATE TABLE unpublished_counts (
    poll bigint PRIMARY KEY REFERENCES polls (id) ON DELETE CASCADE,
    -- The version of the results that was committed last.
    version bigint NOT NULL
);
