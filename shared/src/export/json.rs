//! JSON lines: an object a row, its members named as the columns; several texts are an array.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::columns::{Column, Value};
use super::encode::Encode;
use super::error::ExportError;
use super::labels::Labels;
use super::record::Record;

/// Writes JSON lines.
pub(super) struct Json {
    columns: &'static [Column],
    labels: Labels,
    written: Vec<u8>,
}

struct Row<'a> {
    columns: &'static [Column],
    labels: &'a Labels,
    record: &'a Record,
}

impl Json {
    pub(super) fn new(columns: &'static [Column], labels: Labels) -> Self {
        Self { columns, labels, written: Vec::new() }
    }
}

impl Encode for Json {
    fn write(&mut self, record: &Record) -> Result<(), ExportError> {
        let row = Row { columns: self.columns, labels: &self.labels, record };
        serde_json::to_writer(&mut self.written, &row)?;
        self.written.push(b'\n');
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        Ok(())
    }

    fn ready(&self) -> usize {
        self.written.len()
    }

    fn take(&mut self) -> Result<Vec<u8>, ExportError> {
        Ok(std::mem::take(&mut self.written))
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { columns, labels, record } = self;
        let mut row = serializer.serialize_map(Some(columns.len()))?;
        for Column { name, value } in *columns {
            match value {
                Value::Time(of) => row.serialize_entry(name, &of(record)),
                Value::Text(of) => row.serialize_entry(name, of(labels, record)),
                Value::Texts(of) => row.serialize_entry(name, &of(labels, record)),
                Value::Optional(of) => row.serialize_entry(name, &of(labels, record)),
            }?;
        }
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::columns::columns;
    use super::super::sample::{poll_of, record};
    use super::*;
    use crate::vote::HashSecret;

    #[test]
    fn a_row_is_an_object_a_line() {
        let poll = poll_of("\"Where\"\n=1?", &["Thai", "日本", "☃"]);
        let labels = Labels::new(&poll, &HashSecret::new("secret"));
        let mut json = Json::new(columns(false), labels);
        json.write(&record(1, 0b110)).unwrap();
        json.write(&record(2, 0b001)).unwrap();
        let text = String::from_utf8(json.take().unwrap()).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(text.ends_with('\n') && lines.len() == 2, "{text}");
        let question = &poll.questions[0];
        let expected = json!({
            "submitted_at": "2023-11-14T22:13:20.000001Z",
            "question_id": question.question_id,
            "question": "\"Where\"\n=1?",
            "choice_ids": [question.choices[1].choice_id, question.choices[2].choice_id],
            "choices": ["日本", "☃"],
            "voter": null,
        });
        assert_eq!(lines[0], expected);
    }
}
