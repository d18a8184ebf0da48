#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ::csv::{Reader, StringRecord};
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::columns::columns;
use super::super::sample::{poll, poll_of, record};
use super::*;
use crate::vote::HashSecret;

/// The export of rows with these choices, from a question and choices of these texts.
fn exported(question: &str, choices: &[&str], rows: &[u64]) -> String {
    let labels = Labels::new(&poll_of(question, choices), &HashSecret::new("secret"));
    let mut csv = Csv::new(columns(false), labels).unwrap();
    let mut bytes = Vec::new();
    for (voter, row) in rows.iter().enumerate() {
        csv.write(&record(voter as u128, *row)).unwrap();
        // Taken half-way, as a slow reader does.
        bytes.extend(csv.take().unwrap());
    }
    csv.finish().unwrap();
    bytes.extend(csv.take().unwrap());
    String::from_utf8(bytes).unwrap()
}

fn read_back(csv: &str) -> Vec<StringRecord> {
    Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).collect()
}

#[test]
fn lines_end_with_crlf_and_cells_are_quoted_where_they_must_be() {
    let poll = poll();
    let mut csv = Csv::new(columns(false), Labels::new(&poll, &HashSecret::new("secret"))).unwrap();
    csv.write(&record(1, 0b101)).unwrap();
    let question = &poll.questions[0];
    let expected = format!(
        "submitted_at,question_id,question,choice_ids,choices,voter\r\n\
         2023-11-14T22:13:20.000001Z,{},Where?,{}; {},Thai; Soup,\r\n",
        question.question_id, question.choices[0].choice_id, question.choices[2].choice_id
    );
    assert_eq!(String::from_utf8(csv.take().unwrap()).unwrap(), expected);
    assert!(exported("a,b", &["\"x\"", "y\r\nz"], &[3]).contains(",\"a,b\","));
    assert!(exported("a,b", &["\"x\"", "y\r\nz"], &[3]).contains(",\"\"\"x\"\"; y\r\nz\","));
}

#[test]
fn without_rows_there_is_a_header() {
    assert_eq!(exported("?", &["a"], &[]), "submitted_at,question_id,question,choice_ids,choices,voter\r\n");
}

#[test]
fn every_choice_is_disarmed() {
    let csv = exported("=1", &["@a", "b", " +c"], &[0b111]);
    let rows = read_back(&csv);
    assert_eq!((&rows[0][2], &rows[0][4]), ("'=1", "'@a; b; ' +c"));
}

/// Texts with what is special in CSV and to spreadsheets more often than chance has it.
fn text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        "\"", ",", "\r\n", "\n", "\r", "\t", "=", "+", "-", "@", "'", ";", " ", "＝",
    ]);
    let piece = prop_oneof![special.prop_map(str::to_owned), any::<String>()];
    vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_back_as_it_was_written_and_is_no_formula(
        question in text(), choices in vec(text(), 1..6), rows in vec(1..64u64, 1..5)
    ) {
        let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
        let all = (1 << choices.len()) - 1;
        let rows: Vec<u64> = rows.iter().map(|row| row & all).collect();
        let read = read_back(&exported(&question, &choices, &rows));
        prop_assert_eq!(read.len(), rows.len());
        for (read, row) in read.iter().zip(rows) {
            let chosen = choices.iter().enumerate().filter(|(place, _)| row >> place & 1 == 1);
            let chosen: Vec<_> = chosen.map(|(_, text)| disarmed(text)).collect();
            prop_assert_eq!(&read[2], disarmed(&question));
            prop_assert_eq!(&read[4], chosen.join("; "));
            prop_assert!(read.iter().all(|cell| !formula::is_formula(cell)));
        }
    }
}
