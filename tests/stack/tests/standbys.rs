//! Standbys follow, are waited for, take over and come back.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::time::Duration;

use pollster_stack::{Postgres, Scratch, until};

fn wait_for_row(server: &Postgres, number: u32) {
    let found = format!("SELECT count(*) FROM kept WHERE number = {number}");
    until("the row", Duration::from_secs(20), Path::new("none"), || {
        Ok((server.psql(&found)? == "1").then_some(()))
    })
    .unwrap();
}

fn insert(server: &Postgres, number: u32) {
    server.psql(&format!("INSERT INTO kept VALUES ({number})")).unwrap();
}

#[test]
fn a_synchronous_standby_has_all_that_was_confirmed_and_the_old_primary_comes_back_as_its_standby() {
    let scratch = Scratch::new("standby").unwrap();
    let mut first = Postgres::start(&scratch.path().join("first")).unwrap();
    first.psql("CREATE TABLE kept (number int)").unwrap();
    let second = first.start_standby(&scratch.path().join("second"), "second").unwrap();
    first.wait_for_standbys(&["second"]).unwrap();
    assert!(second.is_standby().unwrap() && !first.is_standby().unwrap());
    assert!(second.psql("INSERT INTO kept VALUES (0)").is_err());
    for number in 1..20 {
        insert(&first, number);
    }
    first.kill().unwrap();
    second.promote().unwrap();
    assert_eq!(second.psql("SELECT count(*) FROM kept").unwrap(), "19");

    let port = first.port();
    first.follow(&second, "first").unwrap();
    assert_eq!(first.port(), port);
    second.wait_for_standbys(&["first"]).unwrap();
    insert(&second, 20);
    wait_for_row(&first, 20);
    assert!(first.is_standby().unwrap());
}

#[test]
fn a_paused_standby_shows_what_was_until_it_is_resumed() {
    let scratch = Scratch::new("paused").unwrap();
    let primary = Postgres::start(&scratch.path().join("primary")).unwrap();
    primary.psql("CREATE TABLE kept (number int)").unwrap();
    let standby = primary.start_standby(&scratch.path().join("standby"), "standby").unwrap();
    insert(&primary, 1);
    wait_for_row(&standby, 1);
    standby.pause_replay().unwrap();
    insert(&primary, 2);
    // Received, for a synchronous standby confirms it, and not applied.
    primary.wait_for_standbys(&["standby"]).unwrap();
    insert(&primary, 3);
    assert_eq!(standby.psql("SELECT count(*) FROM kept").unwrap(), "1");
    standby.resume_replay().unwrap();
    wait_for_row(&standby, 3);
}
