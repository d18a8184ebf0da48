//! The columns of the archive's Parquet files, a row an event.
//!
//! | column | type | |
//! |---|---|---|
//! | `question` | INT32 | the question's position in its poll, from 0 |
//! | `voter` | FIXED_LEN_BYTE_ARRAY(16), UUID | who voted, as a keyed hash |
//! | `choices` | INT64 | bit n stands for the choice at position n; 0 where the vote was revoked |
//! | `submitted_at` | INT64, TIMESTAMP(MICROS, UTC) | when it was accepted |
//! | `digest` | INT64 | half idempotency key, half ballot |
//! | `event_order` | INT64, optional | the event's place among the voter's |
//! | `refused` | BOOLEAN | whether it never counted |

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use chrono::DateTime;
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{
    BoolType, ByteArray, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::RowGroupReader;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use uuid::Uuid;

use crate::responses::StoredEvent;
use crate::vote::Choices;

const QUESTION: &str = "question";
const VOTER: &str = "voter";
const CHOICES: &str = "choices";
const SUBMITTED_AT: &str = "submitted_at";
const DIGEST: &str = "digest";
const EVENT_ORDER: &str = "event_order";
const REFUSED: &str = "refused";

/// Higher levels take several times as long for less than one byte a row: ids are random.
const ZSTD_LEVEL: i32 = 3;
/// What the file's own metadata calls the poll's id.
const POLL_ID_KEY: &str = "pollster.poll_id";
/// What the file's own metadata calls the version of these columns.
const FORMAT_KEY: &str = "pollster.format";
/// The version of these columns.
const FORMAT: &str = "1";

/// The columns' types.
pub(super) static SCHEMA: LazyLock<TypePtr> =
    LazyLock::new(|| schema().unwrap_or_else(|error| unreachable!("the schema is fixed: {error}")));

fn schema() -> Result<TypePtr> {
    let column = |name: &str, physical: Physical, repetition: Repetition, logical: Option<LogicalType>| {
        let length = if physical == Physical::FIXED_LEN_BYTE_ARRAY { size_of::<Uuid>() as i32 } else { -1 };
        let column = Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_length(length)
            .with_logical_type(logical);
        column.build().map(Arc::new)
    };
    let required = |name, physical, logical| column(name, physical, Repetition::REQUIRED, logical);
    let timestamp = LogicalType::timestamp(true, TimeUnit::MICROS);
    let fields = vec![
        required(QUESTION, Physical::INT32, None)?,
        required(VOTER, Physical::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::Uuid))?,
        required(CHOICES, Physical::INT64, None)?,
        required(SUBMITTED_AT, Physical::INT64, Some(timestamp))?,
        required(DIGEST, Physical::INT64, None)?,
        column(EVENT_ORDER, Physical::INT64, Repetition::OPTIONAL, None)?,
        required(REFUSED, Physical::BOOLEAN, None)?,
    ];
    Type::group_type_builder("event").with_fields(fields).build().map(Arc::new)
}

/// How a poll's files are written.
pub(super) fn properties(poll_id: Uuid) -> WriterProperties {
    let path = |name: &str| ColumnPath::from(name);
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let sorted_by = |column_idx| SortingColumn { column_idx, descending: false, nulls_first: true };
    let builder = WriterProperties::builder()
        .set_created_by(concat!("pollster ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(vec![
            KeyValue::new(POLL_ID_KEY.to_owned(), poll_id.to_string()),
            KeyValue::new(FORMAT_KEY.to_owned(), FORMAT.to_owned()),
        ]))
        // By question, voter and order.
        .set_sorting_columns(Some([0, 1, 5].map(sorted_by).into()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_compression(Compression::ZSTD(level))
        .set_dictionary_enabled(false)
        .set_column_dictionary_enabled(path(QUESTION), true)
        .set_column_dictionary_enabled(path(CHOICES), true);
    // Their first bytes hardly differ from row to row: apart from the others, these compress to nothing.
    [SUBMITTED_AT, DIGEST, EVENT_ORDER]
        .into_iter()
        .fold(builder, |builder, name| builder.set_column_encoding(path(name), Encoding::BYTE_STREAM_SPLIT))
        .build()
}

/// Writes `events` as one row group.
pub(super) fn write(file: &mut SerializedFileWriter<Vec<u8>>, events: &[StoredEvent]) -> Result<()> {
    let values = |value: fn(&StoredEvent) -> i64| events.iter().map(value).collect::<Vec<i64>>();
    let mut group = file.next_row_group()?;
    let questions: Vec<i32> = events.iter().map(|event| i32::from(event.question)).collect();
    column::<Int32Type>(&mut group, &questions, None)?;
    column::<FixedLenByteArrayType>(&mut group, &voters(events), None)?;
    column::<Int64Type>(&mut group, &values(|event| event.choices.0 as i64), None)?;
    column::<Int64Type>(&mut group, &values(|event| event.submitted_at.timestamp_micros()), None)?;
    column::<Int64Type>(&mut group, &values(|event| event.digest), None)?;
    let orders: Vec<i64> = events.iter().filter_map(|event| event.order).collect();
    let has_order: Vec<i16> = events.iter().map(|event| i16::from(event.order.is_some())).collect();
    column::<Int64Type>(&mut group, &orders, Some(&has_order))?;
    let refused: Vec<bool> = events.iter().map(|event| event.refused).collect();
    column::<BoolType>(&mut group, &refused, None)?;
    group.close()?;
    Ok(())
}

/// All voters in one piece of memory.
fn voters(events: &[StoredEvent]) -> Vec<FixedLenByteArray> {
    let bytes: Vec<u8> = events.iter().flat_map(|event| event.voter.into_bytes()).collect();
    let bytes = Bytes::from(bytes);
    let starts = (0..bytes.len()).step_by(size_of::<Uuid>());
    starts.map(|start| ByteArray::from(bytes.slice(start..start + size_of::<Uuid>())).into()).collect()
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<()> {
    let mut column =
        group.next_column()?.ok_or_else(|| ParquetError::General("a column too many".to_owned()))?;
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}

/// The events of a row group.
pub(super) fn read(group: &dyn RowGroupReader) -> Result<Vec<StoredEvent>> {
    let rows = group.metadata().num_rows() as usize;
    let (questions, _) = values::<Int32Type>(group, 0, rows)?;
    let (voters, _) = values::<FixedLenByteArrayType>(group, 1, rows)?;
    let (choices, _) = values::<Int64Type>(group, 2, rows)?;
    let (submitted, _) = values::<Int64Type>(group, 3, rows)?;
    let (digests, _) = values::<Int64Type>(group, 4, rows)?;
    let (orders, has_order) = values::<Int64Type>(group, 5, rows)?;
    let (refused, _) = values::<BoolType>(group, 6, rows)?;
    let invalid = |column: &str| ParquetError::General(format!("column {column} holds what it can't"));
    let mut orders = orders.into_iter();
    (0..rows)
        .map(|row| {
            Ok(StoredEvent {
                question: u8::try_from(questions[row]).map_err(|_| invalid(QUESTION))?,
                voter: Uuid::from_slice(voters[row].data()).map_err(|_| invalid(VOTER))?,
                choices: Choices(choices[row] as u64),
                digest: digests[row],
                submitted_at: DateTime::from_timestamp_micros(submitted[row])
                    .ok_or_else(|| invalid(SUBMITTED_AT))?,
                order: if has_order[row] == 1 { orders.next() } else { None },
                refused: refused[row],
            })
        })
        .collect()
}

/// The values of a column that are there, and of an optional one for every row whether it is.
fn values<T: DataType>(
    group: &dyn RowGroupReader,
    column: usize,
    rows: usize,
) -> Result<(Vec<T::T>, Vec<i16>)> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(column)?);
    let (mut values, mut levels) = (Vec::with_capacity(rows), Vec::new());
    let mut read = 0;
    while read < rows {
        let (records, _, _) = reader.read_records(rows - read, Some(&mut levels), None, &mut values)?;
        if records == 0 {
            return Err(ParquetError::EOF(format!("column {column} ends after {read} of {rows} rows")));
        }
        read += records;
    }
    Ok((values, levels))
}
