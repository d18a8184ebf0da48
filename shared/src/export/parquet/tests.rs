#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ::parquet::file::metadata::RowGroupMetaData;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::{Field, Row, RowAccessor};
use bytes::Bytes;

use super::super::columns::columns;
use super::super::sample::{poll, poll_of, record};
use super::*;
use crate::poll::{Poll, VoterIdentity};
use crate::vote::{Choices, HashSecret};

/// The export of these rows, taken after every row.
fn exported(poll: &Poll, is_audit: bool, records: impl IntoIterator<Item = Record>) -> (Bytes, Vec<usize>) {
    let labels = Labels::new(poll, &HashSecret::new("secret"));
    let mut parquet = Parquet::new(columns(is_audit), labels).unwrap();
    let (mut bytes, mut takes) = (Vec::new(), Vec::new());
    for record in records {
        parquet.write(&record).unwrap();
        let taken = parquet.take().unwrap();
        takes.push(taken.len());
        bytes.extend(taken);
    }
    parquet.finish().unwrap();
    bytes.extend(parquet.take().unwrap());
    (bytes.into(), takes)
}

fn texts(row: &Row, column: usize) -> Vec<String> {
    let list = row.get_list(column).unwrap();
    list.elements().iter().map(|element| element.to_string().trim_matches('"').to_owned()).collect()
}

#[test]
fn what_is_written_is_read_back() {
    let mut poll = poll_of("Où ça?", &["Thaï", "日本", "=1"]);
    poll.settings.voter_identity = VoterIdentity::Account;
    let (bytes, _) = exported(&poll, false, [record(1, 0b111), record(2, 0b010)]);
    let reader = SerializedFileReader::new(bytes).unwrap();
    let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    let question = &poll.questions[0];
    assert_eq!(rows[0].get_timestamp_micros(0).unwrap(), 1_700_000_000_000_001);
    assert_eq!(rows[0].get_string(1).unwrap(), &question.question_id.to_string());
    assert_eq!(rows[0].get_string(2).unwrap(), "Où ça?");
    let ids: Vec<String> = question.choices.iter().map(|choice| choice.choice_id.to_string()).collect();
    assert_eq!(
        (texts(&rows[0], 3), texts(&rows[0], 4)),
        (ids.clone(), ["Thaï", "日本", "=1"].map(str::to_owned).into())
    );
    assert_eq!((texts(&rows[1], 3), texts(&rows[1], 4)), (ids[1..2].to_vec(), vec!["日本".to_owned()]));
    assert_ne!(rows[0].get_string(5).unwrap(), rows[1].get_string(5).unwrap());
}

#[test]
fn no_choices_are_an_empty_list_and_no_voter_is_null() {
    let revoked = Record { old: Choices(0b11), new: Choices::default(), ..record(1, 0) };
    let (bytes, _) = exported(&poll(), true, [revoked, record(2, 1)]);
    let reader = SerializedFileReader::new(bytes).unwrap();
    let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(
        (texts(&rows[0], 5), texts(&rows[0], 7)),
        (vec!["Thai".to_owned(), "Pizza".to_owned()], vec![])
    );
    assert_eq!((texts(&rows[1], 5), texts(&rows[1], 7)), (vec![], vec!["Thai".to_owned()]));
    assert_eq!(rows[0].get_column_iter().last().unwrap().1, &Field::Null);
}

#[test]
fn a_row_group_s_bytes_go_out_before_the_next_is_gathered() {
    let rows = GROUP * 2 + 5;
    let (bytes, takes) =
        exported(&poll(), false, (0..rows).map(|voter| record(voter as u128, 1 + voter as u64 % 7)));
    let groups: Vec<usize> = (0..rows).filter(|row| takes[*row] > 0).collect();
    // The file's first bytes come with the first row.
    assert_eq!(groups, [0, GROUP - 1, 2 * GROUP - 1]);
    let reader = SerializedFileReader::new(bytes).unwrap();
    let sizes: Vec<i64> = reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(sizes, [GROUP as i64, GROUP as i64, 5]);
}

#[test]
fn an_export_without_rows_is_a_file() {
    let (bytes, _) = exported(&poll(), false, []);
    assert_eq!(SerializedFileReader::new(bytes).unwrap().metadata().file_metadata().num_rows(), 0);
}
