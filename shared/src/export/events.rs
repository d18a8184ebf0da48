//! The events of one relation, in the order of their keys, read a page at a time.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;

use super::error::ExportError;
use crate::database::{DatabaseError, Pool};
use crate::poll::Poll;
use crate::responses::{Position, Relation, StoredEvent, stored};

/// Events read by one query, and rows made at a time.
pub(super) const PAGE: usize = 1000;

/// Where events come from.
pub(super) enum Source {
    /// PostgreSQL, a query a page.
    Database { pool: Pool, poll: Arc<Poll>, relation: Relation },
    /// Pages that come in their order and change no more.
    Pages(BoxStream<'static, Result<Vec<StoredEvent>, ExportError>>),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source(…)")
    }
}

/// Events, each given once.
#[derive(Debug)]
pub(super) struct Events {
    source: Source,
    /// After which event the page goes on.
    after: Option<Position>,
    page: VecDeque<StoredEvent>,
    has_ended: bool,
}

impl Source {
    /// Some events that come after `after`, none at the end.
    async fn read(&mut self, after: Option<Position>) -> Result<Vec<StoredEvent>, ExportError> {
        match self {
            Self::Database { pool, poll, relation } => {
                let mut connection = pool.get().await.map_err(DatabaseError::from)?;
                let events = stored(&mut connection, poll, *relation, after, PAGE).await;
                Ok(events.map_err(DatabaseError::from)?)
            }
            Self::Pages(pages) => {
                // An empty one is not the end.
                while let Some(page) = pages.try_next().await? {
                    if !page.is_empty() {
                        return Ok(page);
                    }
                }
                Ok(Vec::new())
            }
        }
    }
}

impl Events {
    pub(super) fn new(source: Source) -> Self {
        Self { source, after: None, page: VecDeque::new(), has_ended: false }
    }

    /// Sees to it that there is an event unless all were given; whether it had to read.
    pub(super) async fn fill(&mut self) -> Result<bool, ExportError> {
        if self.has_ended || !self.page.is_empty() {
            return Ok(false);
        }
        self.page = self.source.read(self.after).await?.into();
        self.has_ended = self.page.is_empty();
        Ok(true)
    }

    /// Whether all were given.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// The next event of the page.
    pub(super) fn peek(&self) -> Option<&StoredEvent> {
        self.page.front()
    }

    /// Gives the next event of the page.
    pub(super) fn take(&mut self) -> Option<StoredEvent> {
        let event = self.page.pop_front()?;
        self.after = Some(event.position());
        Some(event)
    }

    /// Goes on after this position with what is there by now, where more may have come.
    pub(super) fn read_again(&mut self, after: Option<Position>) {
        if matches!(self.source, Source::Database { .. }) {
            self.after = after;
            self.page.clear();
            self.has_ended = false;
        }
    }
}
