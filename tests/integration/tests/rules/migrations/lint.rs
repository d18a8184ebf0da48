//! What `migrations/README.md` asks of a migration, as far as it can be read off its SQL.

use std::fs;

use super::folder::{all, names};

/// The last one from before these rules: nobody had votes to lose.
const LAST_WITHOUT_RULES: &str = "2026-11-28-000007_direct_votes";

const IN_PLACE: &str = "builds an index on a table that is there: CONCURRENTLY, in a migration of its own";
const ALONE: &str = "CONCURRENTLY needs `run_in_transaction = false` and a migration of its own";
const AGAIN: &str = "must be able to run again: IF NOT EXISTS, IF EXISTS";
const SCANS: &str =
    "reads the whole table under its lock: NOT VALID, then VALIDATE in a migration of its own";
const REWRITES: &str = "writes the whole table anew under its lock";
const OLD_PROGRAMS: &str = "breaks the programs of the version before, which still run";
const DROPS: &str = "drops what programs may use: say in a comment `-- Unused since` which version";
const ROWS: &str = "changes rows of a table that is there: a job does that in batches";
const TWO_TABLES: &str = "alters two tables that are there, and holds one while it waits for the other";

/// What is wrong with a migration.
fn faults(up: &str, in_transaction: bool) -> Vec<&'static str> {
    let statements = statements(up);
    let says_unused = up.to_uppercase().contains("-- UNUSED SINCE");
    let made: Vec<&str> =
        statements.iter().filter_map(|statement| after(statement, "CREATE TABLE ")).collect();
    let is_made = |table: &str| made.contains(&table);
    let mut faults = Vec::new();
    let mut altered: Vec<&str> = Vec::new();
    for statement in &statements {
        let has = |words: &str| statement.contains(words);
        let concurrent = has(" CONCURRENTLY ");
        if concurrent && (in_transaction || statements.len() > 1) || !concurrent && !in_transaction {
            faults.push(ALONE);
        }
        if concurrent && !has(" IF NOT EXISTS ") && !has(" IF EXISTS ") {
            faults.push(AGAIN);
        }
        if has("CREATE INDEX ") || has("CREATE UNIQUE INDEX ") {
            // The index of a partitioned table itself is empty.
            let table = after(statement, " ON ").unwrap_or_default();
            if !concurrent && table != "ONLY" && !is_made(table) {
                faults.push(IN_PLACE);
            }
        } else if let Some(table) = after(statement, "ALTER TABLE ").filter(|table| !is_made(table)) {
            altered.push(table);
            faults.extend(actions(statement).into_iter().filter_map(fault_of_action));
            if has(" VALIDATE CONSTRAINT ") && statements.len() > 1 {
                faults.push(SCANS);
            }
        }
        if ["REINDEX ", "CLUSTER ", "VACUUM "].iter().any(|word| statement.starts_with(word)) && !concurrent {
            faults.push(REWRITES);
        }
        let changed = ["UPDATE ", "DELETE FROM "].iter().find_map(|word| after_start(statement, word));
        if changed.is_some_and(|table| !is_made(table)) {
            faults.push(ROWS);
        }
        let drops = ["DROP TABLE ", "DROP VIEW ", " DROP COLUMN ", "TRUNCATE "].iter().any(|word| has(word));
        if drops && !says_unused {
            faults.push(DROPS);
        }
    }
    altered.sort_unstable();
    altered.dedup();
    if altered.len() > 1 {
        faults.push(TWO_TABLES);
    }
    faults
}

/// What is wrong with one action of an ALTER TABLE.
fn fault_of_action(action: &str) -> Option<&'static str> {
    let has = |words: &str| action.contains(words);
    let adds_column = has("ADD COLUMN ");
    let default = action.split_once(" DEFAULT ").map(|(_, default)| default);
    let has_any = |words: &[&str]| words.iter().any(|word| action.contains(word));
    let breaks = has_any(&[" RENAME ", "RENAME TO "]) || adds_column && has(" NOT NULL") && default.is_none();
    let rewrites = has_any(&[" TYPE ", " SET LOGGED", " SET UNLOGGED", " SET TABLESPACE "])
        || adds_column && (has(" GENERATED ") || default.is_some_and(is_volatile));
    let constrains = if adds_column {
        has_any(&[" UNIQUE", " PRIMARY KEY", " REFERENCES ", " CHECK "])
    } else {
        has("ADD ") && !has("NOT VALID") && !has(" USING INDEX ")
    };
    let faults = [(breaks, OLD_PROGRAMS), (rewrites, REWRITES), (constrains || has("SET NOT NULL"), SCANS)];
    faults.into_iter().find_map(|(is, fault)| is.then_some(fault))
}

/// Whether a default may be another one in every row.
fn is_volatile(default: &str) -> bool {
    default.contains('(') && !default.starts_with("NOW()")
}

/// The statements in capitals, without comments and the bodies of functions, with single spaces.
fn statements(up: &str) -> Vec<String> {
    let without_bodies: String = up.split("$$").step_by(2).collect();
    let lines = without_bodies.lines().map(|line| line.split("--").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join(" ").to_uppercase();
    let words = |statement: &str| statement.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split(';').map(words).filter(|statement| !statement.is_empty()).collect()
}

/// The actions of an ALTER TABLE, which commas outside of brackets separate.
fn actions(statement: &str) -> Vec<&str> {
    let mut depth = 0;
    statement
        .split(|character: char| {
            depth += i32::from(character == '(') - i32::from(character == ')');
            character == ',' && depth == 0
        })
        .collect()
}

/// The name after these words, past what may stand between.
fn after<'a>(statement: &'a str, words: &str) -> Option<&'a str> {
    let rest = statement.split_once(words)?.1;
    let rest = ["IF NOT EXISTS ", "IF EXISTS "]
        .iter()
        .find_map(|between| rest.strip_prefix(between))
        .unwrap_or(rest);
    rest.split([' ', '(']).next()
}

fn after_start<'a>(statement: &'a str, words: &str) -> Option<&'a str> {
    statement.starts_with(words).then(|| after(statement, words)).flatten()
}

/// The faults of one of the repository's.
fn faults_of(name: &str) -> Vec<&'static str> {
    let folder = all().join(name);
    let up = fs::read_to_string(folder.join("up.sql")).unwrap();
    let metadata = fs::read_to_string(folder.join("metadata.toml")).unwrap_or_default();
    faults(&up, !metadata.replace(' ', "").contains("run_in_transaction=false"))
}

#[test]
fn new_migrations_lock_nobody_out_and_leave_old_programs_running() {
    let all = names();
    assert!(all.iter().any(|name| name == LAST_WITHOUT_RULES));
    for name in all.iter().filter(|name| name.as_str() > LAST_WITHOUT_RULES) {
        assert_eq!(faults_of(name), [""; 0], "{name}");
    }
}

#[test]
fn what_breaks_the_rules_is_seen() {
    for (fault, up) in [
        (IN_PLACE, "CREATE INDEX a_idx ON polls (title)"),
        (IN_PLACE, "CREATE UNIQUE INDEX a_idx ON responses (voter)"),
        (ALONE, "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_idx ON polls (title)"),
        (SCANS, "ALTER TABLE polls ADD CONSTRAINT a CHECK (shards > 0)"),
        (SCANS, "ALTER TABLE polls ADD COLUMN a text, ADD UNIQUE (title)"),
        (SCANS, "ALTER TABLE polls ADD COLUMN a text UNIQUE"),
        (SCANS, "ALTER TABLE polls ALTER COLUMN creator SET NOT NULL"),
        (SCANS, "ALTER TABLE a ADD CHECK (b > 0) NOT VALID; ALTER TABLE a VALIDATE CONSTRAINT b"),
        (REWRITES, "ALTER TABLE responses ALTER COLUMN choices TYPE numeric"),
        (REWRITES, "ALTER TABLE polls ADD COLUMN a uuid DEFAULT gen_random_uuid()"),
        (REWRITES, "ALTER TABLE polls ADD COLUMN a bigint GENERATED ALWAYS AS (id + 1) STORED"),
        (REWRITES, "REINDEX TABLE polls"),
        (OLD_PROGRAMS, "ALTER TABLE polls RENAME COLUMN title TO name"),
        (OLD_PROGRAMS, "ALTER TABLE polls RENAME TO surveys"),
        (OLD_PROGRAMS, "ALTER TABLE polls ADD COLUMN a text NOT NULL"),
        (DROPS, "ALTER TABLE polls DROP COLUMN title"),
        (DROPS, "DROP TABLE milestones"),
        (ROWS, "UPDATE polls SET title = ''"),
        (TWO_TABLES, "ALTER TABLE polls ADD COLUMN a text; ALTER TABLE questions ADD COLUMN a text"),
    ] {
        assert!(faults(up, true).contains(&fault), "{up}: {:?}", faults(up, true));
    }
    assert_eq!(faults("CREATE INDEX CONCURRENTLY a_idx ON polls (title)", false), [AGAIN]);
    assert_eq!(faults("ALTER TABLE polls ADD COLUMN a text", false), [ALONE]);
    // Some of those that are older do what would lock votes out today.
    assert!(faults_of("2026-11-22-000005_vote_changes").contains(&IN_PLACE));
}

#[test]
fn what_keeps_to_the_rules_is_let_through() {
    for up in [
        "CREATE TABLE a (poll bigint REFERENCES polls (id), b text UNIQUE); CREATE INDEX a_idx ON a (b)",
        "ALTER TABLE polls ADD COLUMN a text, ADD COLUMN b boolean NOT NULL DEFAULT false",
        "ALTER TABLE polls ADD COLUMN a timestamptz NOT NULL DEFAULT now(); -- CREATE INDEX of nothing",
        "ALTER TABLE polls ADD CONSTRAINT a CHECK (shards > 0) NOT VALID",
        "ALTER TABLE polls VALIDATE CONSTRAINT a",
        "CREATE INDEX a_idx ON ONLY responses (voter)",
        "-- Unused since 0.3.\nALTER TABLE polls DROP COLUMN title",
        "CREATE FUNCTION a() RETURNS void LANGUAGE sql AS $$ UPDATE polls SET title = ''; $$",
    ] {
        assert_eq!(faults(up, true), [""; 0], "{up}");
    }
    assert_eq!(faults("CREATE INDEX CONCURRENTLY IF NOT EXISTS a_idx ON polls (title)", false), [""; 0]);
}
