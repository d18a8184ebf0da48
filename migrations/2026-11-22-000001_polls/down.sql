DROP TABLE choice_tallies;
DROP TABLE question_tallies;
DROP TABLE poll_tallies;
DROP TABLE choices;
DROP TABLE questions;
DROP TABLE polls;
DROP TABLE users;
