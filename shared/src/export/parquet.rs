//! Parquet, written by columns: rows are gathered into row groups of bounded size, and each group's bytes go out
//! before the next is gathered. Texts are dictionary-encoded strings, several texts a list of them.

#[cfg(test)]
mod tests;

use std::mem;
use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use ::parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;
use ::parquet::schema::types::ColumnPath;

use super::columns::{Column, Value};
use super::encode::Encode;
use super::error::ExportError;
use super::labels::Labels;
use super::record::Record;

/// Rows of a row group. Before it is written a group takes some megabytes, whatever the poll's texts: they are in
/// its dictionaries once.
const GROUP: usize = 32_768;
/// Rows whose values are made at a time.
const BATCH: usize = 512;
/// Room for every text of the largest poll: 20 questions of 50 choices of 500 characters of four bytes.
const DICTIONARY: usize = 4 * 1024 * 1024;

/// Writes Parquet.
pub(super) struct Parquet {
    columns: &'static [Column],
    labels: Labels,
    writer: SerializedFileWriter<Vec<u8>>,
    group: Vec<Record>,
}

/// The values of some rows of a list, with their levels: whether a value is there, and whether it continues a row.
#[derive(Default)]
struct Lists {
    values: Vec<ByteArray>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl Parquet {
    pub(super) fn new(columns: &'static [Column], labels: Labels) -> Result<Self, ExportError> {
        let schema = Arc::new(parse_message_type(&schema(columns))?);
        let writer = SerializedFileWriter::new(Vec::new(), schema, properties(columns))?;
        Ok(Self { columns, labels, writer, group: Vec::new() })
    }

    fn write_group(&mut self) -> Result<(), ExportError> {
        let records = mem::take(&mut self.group);
        let mut group = self.writer.next_row_group()?;
        for column in self.columns {
            let Some(mut writer) = group.next_column()? else { break };
            for batch in records.chunks(BATCH) {
                write_batch(&mut writer, &column.value, &self.labels, batch)?;
            }
            writer.close()?;
        }
        group.close()?;
        Ok(())
    }
}

impl Encode for Parquet {
    fn write(&mut self, record: &Record) -> Result<(), ExportError> {
        self.group.push(*record);
        if self.group.len() < GROUP { Ok(()) } else { self.write_group() }
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        if !self.group.is_empty() {
            self.write_group()?;
        }
        self.writer.finish()?;
        Ok(())
    }

    fn ready(&self) -> usize {
        self.writer.inner().len()
    }

    fn take(&mut self) -> Result<Vec<u8>, ExportError> {
        self.writer.flush().map_err(|error| ExportError::Encoding(error.to_string()))?;
        // Its offsets are counted by the writer itself, whatever becomes of what it has written.
        Ok(mem::take(self.writer.inner_mut()))
    }
}

/// The schema as Parquet's own language has it; a list has the three levels that readers expect.
fn schema(columns: &[Column]) -> String {
    let fields = columns.iter().map(|Column { name, value }| match value {
        Value::Time(_) => format!("REQUIRED INT64 {name} (TIMESTAMP(MICROS,true));"),
        Value::Text(_) => format!("REQUIRED BYTE_ARRAY {name} (STRING);"),
        Value::Texts(_) => format!(
            "REQUIRED GROUP {name} (LIST) {{ REPEATED GROUP list {{ REQUIRED BYTE_ARRAY element (STRING); }} }}"
        ),
        Value::Optional(_) => format!("OPTIONAL BYTE_ARRAY {name} (STRING);"),
    });
    format!("message export {{ {} }}", fields.collect::<String>())
}

fn properties(columns: &[Column]) -> WriterPropertiesPtr {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_page_size_limit(DICTIONARY);
    for Column { name, value } in columns {
        // Nearly every value is another.
        if matches!(value, Value::Time(_) | Value::Optional(_)) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
        }
    }
    Arc::new(properties.build())
}

fn write_batch(
    writer: &mut SerializedColumnWriter<'_>,
    value: &Value,
    labels: &Labels,
    records: &[Record],
) -> Result<(), ExportError> {
    match value {
        Value::Time(of) => {
            let micros: Vec<i64> = records.iter().map(|record| of(record).timestamp_micros()).collect();
            writer.typed::<Int64Type>().write_batch(&micros, None, None)?;
        }
        Value::Text(of) => {
            let texts: Vec<ByteArray> = records.iter().map(|record| of(labels, record).into()).collect();
            writer.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
        }
        Value::Texts(of) => {
            let mut lists = Lists::default();
            records.iter().for_each(|record| lists.push(&of(labels, record)));
            let Lists { values, definitions, repetitions } = lists;
            writer.typed::<ByteArrayType>().write_batch(&values, Some(&definitions), Some(&repetitions))?;
        }
        Value::Optional(of) => {
            let texts: Vec<Option<String>> = records.iter().map(|record| of(labels, record)).collect();
            let definitions: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
            let values: Vec<ByteArray> = texts.iter().flatten().map(|text| text.as_str().into()).collect();
            writer.typed::<ByteArrayType>().write_batch(&values, Some(&definitions), None)?;
        }
    }
    Ok(())
}

impl Lists {
    fn push(&mut self, texts: &[&str]) {
        self.values.extend(texts.iter().map(|text| ByteArray::from(*text)));
        // An empty list is a row without a value.
        self.definitions.extend(if texts.is_empty() { vec![0] } else { vec![1; texts.len()] });
        self.repetitions.extend((0..texts.len().max(1)).map(|place| i16::from(place > 0)));
    }
}
