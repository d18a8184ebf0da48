use chrono::{DateTime, NaiveDate, Utc};

use super::*;
use crate::digests::{DigestData, DigestPoll, Period};
use crate::nudges::NudgeData;

const USERNAME: &str = "ann.o-neil_7";
const LINK: &str = "https://polls.example.org/open?token=0123456789abcdef&x=<y>";

/// Subject and texts, as a reader would get them.
fn rendered(mail: &impl Template) -> String {
    format!("Subject: {}\n\n{}\n{}", mail.subject(), mail.text(), mail.html())
}

/// Holds a mail against its snapshot, naming the first line that differs.
fn assert_snapshot(name: &str, mail: &impl Template, snapshot: &str) {
    let rendered = rendered(mail);
    let mut lines = rendered.lines().zip(snapshot.lines()).zip(1..);
    if let Some(((now, before), line)) = lines.find(|((now, before), _)| now != before) {
        panic!(
            "{name}.snapshot, line {line}:\n- {before}\n+ {now}\nIf it is meant, the file becomes:\n{rendered}"
        );
    }
    assert_eq!(rendered.len(), snapshot.len(), "{name}.snapshot; if it is meant, it becomes:\n{rendered}");
}

#[test]
fn mails_read_as_their_snapshots() {
    let mail = VerifyEmail { username: USERNAME, link: LINK };
    assert_snapshot("verify_email", &mail, include_str!("verify_email.snapshot"));
    let mail = ResetPassword { username: USERNAME, link: LINK };
    assert_snapshot("reset_password", &mail, include_str!("reset_password.snapshot"));
    let data = digest(Period::Weekly);
    let mail = Digest::new(USERNAME, LINK, &data);
    assert_snapshot("digest", &mail, include_str!("digest.snapshot"));
    let mail = Nudge::new(USERNAME, LINK, &NudgeData { last_voted_at: at(1, 23) });
    assert_snapshot("nudge", &mail, include_str!("nudge.snapshot"));
    let (title, link) = ("Lunch & <dinner>?", "https://polls.example.org/p/k7m2xq4w");
    let message = "“Lunch & <dinner>?” has reached 1,000 votes.";
    let mail = Milestone { username: USERNAME, title, message, link };
    assert_snapshot("milestone", &mail, include_str!("milestone.snapshot"));
    let message = "“Lunch & <dinner>?” is closed, and its results are final: 1,234 votes.";
    let mail = PollClosed { username: USERNAME, title, message, link };
    assert_snapshot("poll_closed", &mail, include_str!("poll_closed.snapshot"));
}

/// An hour of a day in November 2026.
fn at(day: u32, hour: u32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(hour, 0, 0).unwrap().and_utc()
}

/// A digest with every kind of row, and a title that is markup and a place.
fn digest(period: Period) -> DigestData {
    let poll = |title: &str, status: &str, total_votes| DigestPoll {
        title: title.to_owned(),
        url: "https://polls.example.org/p/k7m2xq4w".to_owned(),
        status: status.to_owned(),
        total_votes,
    };
    let polls = vec![
        poll("Lunch?", "active", Some(1234)),
        poll("<b>Where</b> & {{username}}", "closed", Some(1)),
        poll("Who is the winner?", "active", None),
    ];
    DigestData { period, from: at(16, 0), polls, more: 7 }
}

#[test]
fn a_digest_says_of_which_day_or_week_it_is() {
    let subject = |period| {
        let data = digest(period);
        Digest::new(USERNAME, LINK, &data).subject()
    };
    assert_eq!(subject(Period::Daily), "Your polls on 16 November 2026");
    assert_eq!(subject(Period::Weekly), "Your polls in the week from 16 November 2026");
}

#[test]
fn a_digest_that_lists_all_its_polls_says_nothing_of_more() {
    let mut data = digest(Period::Daily);
    data.more = 0;
    let mail = Digest::new(USERNAME, LINK, &data);
    assert!(!mail.text().contains("more") && !mail.html().contains("more"), "{}", mail.text());
}
