//! The second stage: the poll's rows, as Parquet in the storage.

use pollster_shared::archive::{self, Key, PART_ROWS, Part, PartWriter, ROW_GROUP_ROWS, WrittenPart};
use pollster_shared::poll::Poll;
use pollster_shared::responses::{self, Position, Relation, StoredEvent};
use pollster_shared::shutdown::Shutdown;

use super::{Archiver, Failure, Step, Watch};

/// Rows read from PostgreSQL at once: some tens of milliseconds.
const PAGE: usize = 20_000;

/// Writes the parts that are missing. Returns all of them.
pub(super) async fn write(
    archiver: &Archiver,
    poll: &Poll,
    shutdown: &Shutdown,
    watch: Watch<'_>,
) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    for relation in Relation::ALL {
        let rows = Rows { archiver, poll, relation, shutdown, watch };
        parts.extend(rows.write().await?.into_iter().map(|written| written.part));
    }
    Ok(parts)
}

/// The rows of one relation, on their way.
struct Rows<'a> {
    archiver: &'a Archiver,
    poll: &'a Poll,
    relation: Relation,
    shutdown: &'a Shutdown,
    watch: Watch<'a>,
}

impl Rows<'_> {
    /// Goes on after the parts that are there.
    async fn write(&self) -> Result<Vec<WrittenPart>, Failure> {
        let mut connection = self.archiver.connection().await?;
        let mut parts = archive::written_parts(&mut connection, self.poll, self.relation).await?;
        drop(connection);
        (self.watch)(Step::Written(parts.iter().map(|written| written.part.rows).sum()));
        while let Some(written) =
            self.write_part(parts.len() as u32, parts.last().map(|part| part.last)).await?
        {
            let mut connection = self.archiver.connection().await?;
            archive::add_part(&mut connection, self.poll.id, parts.len() as u32, &written).await?;
            parts.push(written);
        }
        Ok(parts)
    }

    /// Writes the part of this number, with the rows that come after `after`; `None` where there are none.
    async fn write_part(&self, number: u32, after: Option<Position>) -> Result<Option<WrittenPart>, Failure> {
        let first = self.row_group(after, ROW_GROUP_ROWS).await?;
        let Some(mut last) = first.last().map(StoredEvent::position) else { return Ok(None) };
        let key = Key::Part { poll_id: self.poll.poll_id, relation: self.relation, number };
        let (mut rows, mut group) = (0, first);
        let mut part = PartWriter::begin(&self.archiver.store, key).await?;
        while let Some(event) = group.last() {
            last = event.position();
            let written = group.len() as u64;
            part = part.write(group).await?;
            rows += written;
            (self.watch)(Step::Written(written));
            let room = ROW_GROUP_ROWS.min((PART_ROWS - rows) as usize);
            group = match self.row_group(Some(last), room).await {
                Ok(group) => group,
                Err(failure) => {
                    part.abort().await;
                    return Err(failure);
                }
            };
        }
        let written = part.finish().await?;
        let part = Part { relation: self.relation, key, rows, bytes: written.bytes, sha256: written.sha256 };
        Ok(Some(WrittenPart { part, last }))
    }

    /// Up to `room` rows that come after `after`; none at the end.
    async fn row_group(&self, after: Option<Position>, room: usize) -> Result<Vec<StoredEvent>, Failure> {
        let mut events: Vec<StoredEvent> = Vec::with_capacity(room);
        while events.len() < room {
            if self.shutdown.is_cancelled() {
                return Err(Failure::Interrupted);
            }
            let after = events.last().map(StoredEvent::position).or(after);
            let limit = PAGE.min(room - events.len());
            let mut connection = self.archiver.connection().await?;
            let page = responses::stored(&mut connection, self.poll, self.relation, after, limit).await?;
            if page.is_empty() {
                break;
            }
            events.extend(page);
        }
        Ok(events)
    }
}
