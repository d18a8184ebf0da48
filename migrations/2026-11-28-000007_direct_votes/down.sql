DROP TABLE unpublished_counts;
