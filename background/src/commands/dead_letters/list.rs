//! `dead-letters list`.

use std::fmt;

use pollster_shared::program::ProgramError;
use pollster_shared::stream::dead_letters::Kept;
use serde::Serialize;
use serde_json::{Value, json};

use super::describe::Describer;
use super::{LetterId, List, context, select};
use crate::jobs::JobError;

/// A dead letter as it is shown.
#[derive(Debug, Serialize)]
struct Shown {
    id: String,
    stream: &'static str,
    shard: u16,
    /// The entry's id in its stream.
    entry_id: String,
    error: String,
    deliveries: u32,
    entry: Value,
}

/// Shows dead letters.
pub(super) async fn run(list: &List) -> Result<(), ProgramError> {
    let context = context(&list.service)?;
    let letters = select::all(&context, list.stream).await.map_err(JobError::from)?;
    let mut describer = Describer::new(&context);
    let mut shown = Vec::with_capacity(letters.len());
    for (id, kept) in letters {
        let entry = describer.describe(id.streams, &kept.letter.entry).await?;
        shown.push(Shown::new(id, kept, entry));
    }
    list.output.result(ForPeople(&shown), &json!({"dead_letters": shown}));
    Ok(())
}

impl Shown {
    fn new(id: LetterId, Kept { letter, .. }: Kept, entry: Value) -> Self {
        Self {
            id: id.to_string(),
            stream: id.streams.name(),
            shard: id.shard,
            entry_id: letter.entry.id.to_string(),
            error: letter.error,
            deliveries: letter.deliveries,
            entry,
        }
    }
}

struct ForPeople<'a>(&'a [Shown]);

impl fmt::Display for ForPeople<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Shown { id, error, deliveries, entry, .. } in self.0 {
            writeln!(f, "{id}  failed {deliveries} times: {error}\n    {entry}")?;
        }
        write!(f, "{} dead letters", self.0.len())
    }
}
