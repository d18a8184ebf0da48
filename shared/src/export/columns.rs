//! The columns of exports: the same in every form.

use chrono::{DateTime, Utc};

use super::labels::Labels;
use super::record::Record;

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) value: Value,
}

/// What a column holds, and how a row's value is had.
pub(super) enum Value {
    /// A moment.
    Time(fn(&Record) -> DateTime<Utc>),
    /// A text, always there.
    Text(for<'a> fn(&'a Labels, &Record) -> &'a str),
    /// Any number of texts.
    Texts(for<'a> fn(&'a Labels, &Record) -> Vec<&'a str>),
    /// A text that may be missing.
    Optional(fn(&Labels, &Record) -> Option<String>),
}

const fn column(name: &'static str, value: Value) -> Column {
    Column { name, value }
}

/// Of what each voter answered.
const RESPONSES: &[Column] = &[
    column("submitted_at", Value::Time(|row| row.at)),
    column("question_id", Value::Text(|labels, row| labels.question_id(row))),
    column("question", Value::Text(|labels, row| labels.question(row))),
    column("choice_ids", Value::Texts(|labels, row| labels.choice_ids(row, row.new))),
    column("choices", Value::Texts(|labels, row| labels.choices(row, row.new))),
    column("voter", Value::Optional(Labels::voter)),
];

/// Of every event.
const AUDIT: &[Column] = &[
    column("at", Value::Time(|row| row.at)),
    column("kind", Value::Text(|_, row| row.kind.name())),
    column("question_id", Value::Text(|labels, row| labels.question_id(row))),
    column("question", Value::Text(|labels, row| labels.question(row))),
    column("old_choice_ids", Value::Texts(|labels, row| labels.choice_ids(row, row.old))),
    column("old_choices", Value::Texts(|labels, row| labels.choices(row, row.old))),
    column("new_choice_ids", Value::Texts(|labels, row| labels.choice_ids(row, row.new))),
    column("new_choices", Value::Texts(|labels, row| labels.choices(row, row.new))),
    column("voter", Value::Optional(Labels::voter)),
];

/// The columns of an export.
pub(super) fn columns(is_audit: bool) -> &'static [Column] {
    if is_audit { AUDIT } else { RESPONSES }
}
