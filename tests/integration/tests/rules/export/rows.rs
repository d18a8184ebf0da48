//! Exports read back by readers that are not ours, to one form that can be compared: an object a row, with times in
//! microseconds.

use bytes::Bytes;
use chrono::DateTime;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Map, Value, json};

fn micros(text: &str) -> Value {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros().into()
}

fn is_time(name: &str) -> bool {
    matches!(name, "submitted_at" | "at")
}

/// The text without the apostrophe that keeps spreadsheets from taking it for a formula.
fn armed(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(text)
}

/// The rows of a CSV file; no text of theirs may have `; ` in it but questions.
pub(super) fn csv_rows(bytes: &[u8]) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(bytes);
    let names = reader.headers().unwrap().clone();
    let cell = |(name, cell): (&str, &str)| {
        let value = match name {
            name if is_time(name) => micros(cell),
            name if name.contains("choice") => {
                cell.split("; ").filter(|text| !text.is_empty()).map(armed).collect()
            }
            "voter" => Some(cell).filter(|voter| !voter.is_empty()).into(),
            _ => armed(cell).into(),
        };
        (name.to_owned(), value)
    };
    let row = |record: csv::StringRecord| names.iter().zip(&record).map(cell).collect::<Map<_, _>>().into();
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// The rows of JSON lines.
pub(super) fn json_rows(bytes: &[u8]) -> Vec<Value> {
    let row = |line: &str| {
        let mut row: Map<String, Value> = serde_json::from_str(line).unwrap();
        let times = row.iter_mut().filter(|(name, _)| is_time(name));
        times.for_each(|(_, time)| *time = micros(time.as_str().unwrap()));
        row.into()
    };
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "cut off: {text}");
    text.lines().map(row).collect()
}

/// The rows of a Parquet file.
pub(super) fn parquet_rows(bytes: Bytes) -> Vec<Value> {
    let reader = SerializedFileReader::new(bytes).unwrap();
    let row = |row: parquet::record::Row| {
        row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect::<Map<_, _>>().into()
    };
    reader.get_row_iter(None).unwrap().map(|read| row(read.unwrap())).collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Str(text) => json!(text),
        Field::TimestampMicros(micros) => json!(micros),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        other => panic!("no column has {other:?}"),
    }
}
