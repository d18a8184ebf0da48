//! Which dead letters are meant.

use clap::{Args, ValueEnum};
use pollster_shared::queues::Queue;
use pollster_shared::redis::RedisResult;
use pollster_shared::stream::dead_letters::{self, Kept};
use pollster_shared::stream::{StreamId, Streams};

use super::LetterId;
use crate::jobs::{Context, JobError};

/// Letters read at once.
const PAGE: usize = 500;

/// Streams that have dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StreamName {
    /// Accepted votes
    Votes,
    /// Milestones that were crossed
    Milestone,
    /// Notifications to deliver
    Notify,
    /// Polls whose results are final
    Archival,
}

/// The dead letters that are chosen.
#[derive(Debug, Args)]
#[group(required = true)]
pub struct Selection {
    /// This one, as `dead-letters list` names it; may be given several times
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    pub id: Vec<LetterId>,
    /// All of them
    #[arg(long)]
    pub all: bool,
    /// With --all: only those of this stream
    #[arg(long, value_enum, conflicts_with = "id")]
    pub stream: Option<StreamName>,
}

impl Selection {
    /// The dead letters chosen by name, whether they are there or not, or all that there are.
    pub(super) async fn ids(&self, context: &Context) -> Result<Vec<LetterId>, JobError> {
        if !self.all {
            return Ok(self.id.clone());
        }
        Ok(all(context, self.stream).await?.into_iter().map(|(id, _)| id).collect())
    }
}

/// All dead letters, or those of one stream.
pub(super) async fn all(context: &Context, stream: Option<StreamName>) -> RedisResult<Vec<(LetterId, Kept)>> {
    let chosen = stream.map_or(Streams::ALL.to_vec(), |name| vec![name.streams()]);
    let mut redis = context.streams.clone();
    let mut letters = Vec::new();
    for streams in chosen {
        for (shard, _) in dead_letters::counts(&mut redis, streams).await? {
            let mut last = StreamId::default();
            loop {
                let page = dead_letters::list(&mut redis, streams, shard, last, PAGE).await?;
                let Some(kept) = page.last() else { break };
                last = kept.id;
                letters.extend(page.into_iter().map(|kept| (LetterId { streams, shard, id: kept.id }, kept)));
            }
        }
    }
    Ok(letters)
}

impl StreamName {
    fn streams(self) -> Streams {
        match self {
            Self::Votes => Streams::Votes,
            Self::Milestone => Streams::Jobs(Queue::Milestones),
            Self::Notify => Streams::Jobs(Queue::Notifications),
            Self::Archival => Streams::Jobs(Queue::Archival),
        }
    }
}
