DROP TABLE archives;
DROP TABLE webhooks;
DROP TABLE notifications;
DROP TABLE milestones;
