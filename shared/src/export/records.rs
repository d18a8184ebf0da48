//! The rows of an export, a page at a time: by question, then by voter.

use std::iter;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};

use super::Sources;
use super::audit::Audit;
use super::error::ExportError;
use super::events::{Events, PAGE, Source};
use super::place::Place;
use super::record::{Kind, Record};
use crate::archive;
use crate::poll::Poll;
use crate::responses::Relation;
use crate::vote::Choices;

/// The rows.
#[derive(Debug)]
pub(super) enum Records {
    /// What each voter answered in the end; a revoked answer is none.
    Responses(Events),
    /// Every event of every vote; those of a voter on a question stand together, in their order.
    Audit(Box<Audit>),
}

impl Records {
    /// The rows of a poll whose responses are in `place`.
    pub(super) async fn new(
        sources: &Sources,
        poll: &Arc<Poll>,
        place: Place,
        is_audit: bool,
    ) -> Result<Self, ExportError> {
        let (responses, changes) = match place {
            Place::Database => {
                let pool = &sources.pool;
                let events = |relation| Source::Database { pool: pool.clone(), poll: poll.clone(), relation };
                (events(Relation::Responses), events(Relation::Changes))
            }
            Place::Archive(recorded) => {
                let manifest = archive::open(&sources.archive, poll.poll_id, &recorded).await?;
                let events = |relation| {
                    let pages = archive::events(&sources.archive, &manifest, relation);
                    Source::Pages(pages.map_err(ExportError::from).boxed())
                };
                (events(Relation::Responses), events(Relation::Changes))
            }
            Place::Nowhere => return Err(ExportError::Deleted),
        };
        let (responses, changes) = (Events::new(responses), Events::new(changes));
        Ok(match is_audit {
            true => Self::Audit(Box::new(Audit::new(responses, changes))),
            false => Self::Responses(responses),
        })
    }

    /// Some rows, none at the end.
    pub(super) async fn page(&mut self) -> Result<Vec<Record>, ExportError> {
        match self {
            Self::Responses(events) => responses(events).await,
            Self::Audit(audit) => audit.page().await,
        }
    }
}

async fn responses(events: &mut Events) -> Result<Vec<Record>, ExportError> {
    loop {
        events.fill().await?;
        let page = iter::from_fn(|| events.take()).take(PAGE);
        let standing = page.filter(|event| !event.choices.is_empty());
        let records: Vec<Record> =
            standing.map(|event| Record::of(&event, Kind::Cast, Choices::default())).collect();
        if !records.is_empty() || events.has_ended() {
            return Ok(records);
        }
    }
}
