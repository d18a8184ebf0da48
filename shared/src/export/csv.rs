//! CSV as RFC 4180 has it: a header line, CRLF, cells quoted where needed; and no cell that a spreadsheet would run.
//! The choices of one answer stand in one cell, with `; ` between them.

mod formula;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use ::csv::{Terminator, Writer, WriterBuilder};
use chrono::SecondsFormat;

use super::columns::{Column, Value};
use super::encode::Encode;
use super::error::ExportError;
use super::labels::Labels;
use super::record::Record;
use formula::disarmed;

/// Between the choices of one answer.
const BETWEEN: &str = "; ";

/// Writes CSV.
pub(super) struct Csv {
    columns: &'static [Column],
    labels: Labels,
    writer: Writer<Vec<u8>>,
}

impl Csv {
    pub(super) fn new(columns: &'static [Column], labels: Labels) -> Result<Self, ExportError> {
        let mut writer = writer();
        writer.write_record(columns.iter().map(|column| column.name))?;
        Ok(Self { columns, labels, writer })
    }
}

impl Encode for Csv {
    fn write(&mut self, record: &Record) -> Result<(), ExportError> {
        for column in self.columns {
            self.writer.write_field(cell(column, &self.labels, record).as_bytes())?;
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        Ok(())
    }

    fn ready(&self) -> usize {
        self.writer.get_ref().len()
    }

    fn take(&mut self) -> Result<Vec<u8>, ExportError> {
        let written = std::mem::replace(&mut self.writer, writer());
        written.into_inner().map_err(|error| ExportError::Encoding(error.to_string()))
    }
}

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new())
}

fn cell<'a>(column: &Column, labels: &'a Labels, record: &Record) -> Cow<'a, str> {
    match column.value {
        Value::Time(of) => of(record).to_rfc3339_opts(SecondsFormat::Micros, true).into(),
        Value::Text(of) => disarmed(of(labels, record)),
        // Each of them: some programs take the semicolon for the end of a cell.
        Value::Texts(of) => {
            of(labels, record).into_iter().map(disarmed).collect::<Vec<_>>().join(BETWEEN).into()
        }
        Value::Optional(of) => of(labels, record).unwrap_or_default().into(),
    }
}
