use chrono::NaiveDate;

use super::*;
use crate::poll::{Choice, Question, Settings};
use crate::responses::test_rows::place;
use crate::tallies::Deltas;
use crate::vote::Choices;

const QUESTION: i64 = 7;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

/// What is booked by responses of one question: the choices before and after, and the second.
fn booked(moves: &[(u64, u64, i64)]) -> Vec<((i64, i16), i64)> {
    let place = place(QUESTION);
    let mut deltas = Deltas::default();
    for &(before, after, seconds) in moves {
        deltas.replace(&place, Choices(before), Choices(after), at(seconds));
    }
    let bookings = deltas.bookings.0.into_iter();
    bookings.map(|((_, minute, _, position), votes)| ((minute.timestamp(), position), votes)).collect()
}

#[test]
fn votes_are_booked_in_their_minutes() {
    let votes = booked(&[(0, 0b101, 0), (0, 0b001, 59), (0, 0b001, 60), (0, 0b100, 119)]);
    assert_eq!(votes, [((0, 0), 2), ((0, 2), 1), ((60, 0), 1), ((60, 2), 1)]);
}

#[test]
fn what_a_change_or_a_revoke_takes_is_booked_in_its_own_minute() {
    let votes = booked(&[(0, 0b01, 0), (0b01, 0b10, 60), (0b10, 0, 120)]);
    assert_eq!(votes, [((0, 0), 1), ((60, 0), -1), ((60, 1), 1), ((120, 1), -1)]);
}

#[test]
fn what_a_change_keeps_is_not_booked_again() {
    assert_eq!(booked(&[(0b011, 0b110, 0)]), [((0, 0), -1), ((0, 1), 0), ((0, 2), 1)]);
}

fn poll() -> Poll {
    let choice = |number| Choice { choice_id: Uuid::from_u128(number), text: String::new() };
    let question = Question {
        id: QUESTION,
        question_id: Uuid::nil(),
        text: String::new(),
        min_choices: 1,
        max_choices: 1,
        choices: vec![choice(0), choice(1)],
    };
    Poll {
        id: 1,
        poll_id: Uuid::nil(),
        slug: String::new(),
        title: String::new(),
        description: String::new(),
        settings: Settings::default(),
        shards: 1,
        month: NaiveDate::default(),
        created_at: at(0),
        starts_at: None,
        ends_at: None,
        questions: vec![question],
    }
}

/// A minute with its votes a choice's number.
type Told = (i64, Vec<(u128, i64)>);

/// A page's minutes, and where the next one begins.
fn paged(rows: &[(i64, i16, i64)], limit: usize) -> (Vec<Told>, Option<i64>) {
    let rows: Vec<Row> =
        rows.iter().map(|&(minute, position, votes)| (at(minute), QUESTION, position, votes)).collect();
    let Page { minutes, next } = page(&poll(), &rows, limit);
    let votes =
        |minute: &Minute| minute.votes.iter().map(|(choice, votes)| (choice.as_u128(), *votes)).collect();
    let minutes = minutes.iter().map(|minute| (minute.at.timestamp(), votes(minute))).collect();
    (minutes, next.map(|next| next.timestamp()))
}

#[test]
fn a_page_holds_whole_minutes_only() {
    let rows = [(0, 0, 5), (0, 1, 3), (60, 1, -1), (120, 0, 1), (120, 1, 2)];
    let first = (0, vec![(0, 5), (1, 3)]);
    let second = (60, vec![(1, -1)]);
    let third = (120, vec![(0, 1), (1, 2)]);
    assert_eq!(paged(&rows, 5), (vec![first.clone(), second.clone(), third], None));
    // The last of the rows only tells that there are more.
    assert_eq!(paged(&rows, 4), (vec![first.clone(), second.clone()], Some(120)), "its minute is cut");
    assert_eq!(paged(&rows[..4], 3), (vec![first.clone(), second], Some(120)));
    assert_eq!(paged(&rows[..3], 2), (vec![first], Some(60)));
    assert_eq!(paged(&[], 2), (vec![], None));
}
