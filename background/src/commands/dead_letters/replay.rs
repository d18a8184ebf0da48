//! `dead-letters replay`.

use pollster_shared::counts::projection;
use pollster_shared::database::DatabaseError;
use pollster_shared::milestones::Thresholds;
use pollster_shared::responses::{self, Fate};
use pollster_shared::stream::dead_letters::{self, Kept};
use pollster_shared::stream::group::Entry;
use pollster_shared::stream::{Streams, entry};
use pollster_shared::tallies;
use pollster_shared::vote::AcceptedCast;
use uuid::Uuid;

use super::{LetterId, Replay, Report};
use crate::jobs::{Context, JobError};

/// Replays what is chosen, in the order in which it was accepted.
pub(super) async fn run(context: &Context, settings: &Replay) -> Result<Report, JobError> {
    let mut report = Report::default();
    let mut letters = Vec::new();
    for id in settings.change.selection.ids(context).await? {
        let mut redis = context.streams.clone();
        match dead_letters::find(&mut redis, id.streams, id.shard, id.id).await? {
            Some(kept) => letters.push((id, kept)),
            None => report.stay(id, "there is no such dead letter"),
        }
    }
    letters.sort_by_key(|(_, kept)| kept.letter.entry.id);
    for (id, kept) in letters {
        match replay(context, id, &kept, &settings.milestones.milestones).await? {
            Ok(()) => report.done.push(id),
            Err(reason) => report.stay(id, reason),
        }
    }
    Ok(report)
}

/// Replays one. The inner error says why it stays.
async fn replay(
    context: &Context,
    id: LetterId,
    kept: &Kept,
    milestones: &Thresholds,
) -> Result<Result<(), String>, JobError> {
    let entry = &kept.letter.entry;
    let mut redis = context.streams.clone();
    match id.streams {
        Streams::Votes => {
            let poll_id = match commit(context, entry, milestones).await? {
                Ok(poll_id) => poll_id,
                Err(reason) => return Ok(Err(reason)),
            };
            publish(context, poll_id).await?;
            dead_letters::discard(&mut redis, id.streams, id.shard, id.id).await?;
        }
        Streams::Jobs(_) => {
            dead_letters::requeue(&mut redis, id.streams, id.shard, id.id).await?;
        }
    }
    Ok(Ok(()))
}

/// Commits a vote in the place that it was accepted in, also behind later ones. Returns its poll, or why it can't count.
/// A milestone that it crosses is told by the sweep.
async fn commit(
    context: &Context,
    entry: &Entry,
    milestones: &Thresholds,
) -> Result<Result<Uuid, String>, JobError> {
    let cast = match entry::decode(&entry.packed) {
        Ok(cast) => cast,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let poll_id = cast.poll_id;
    let cast = AcceptedCast { cast, accepted_at: entry.id.added_at(), order: entry.id.order() };
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    let progress = [(entry.shard, entry.id)];
    let committed = match responses::commit(&mut connection, &[cast], &progress, milestones).await {
        Err(error) if responses::is_own_fault(&error) => return Ok(Err(error.to_string())),
        committed => committed?,
    };
    let refused = match committed.fates[0] {
        Fate::Inserted | Fate::Repeated => return Ok(Ok(poll_id)),
        Fate::Refused => "its voter, or the only voter of its address, has another vote",
        Fate::Unplaceable => "no such poll, question or choice",
        Fate::TooLate => "the results of its poll are final",
    };
    Ok(Err(refused.to_owned()))
}

async fn publish(context: &Context, poll_id: Uuid) -> Result<(), JobError> {
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    for counts in tallies::read(&mut connection, &[poll_id]).await? {
        projection::publish(&mut context.aggregates.clone(), &context.channels, &counts).await?;
    }
    Ok(())
}
