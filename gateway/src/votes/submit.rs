//! What every vote passes, whichever way it comes: [`admit`], then [`submit`].

use pollster_shared::poll::{Poll, VoterIdentity};
use pollster_shared::vote::{Ballot, Cast, Kind};

use super::accept::{accept, already_accepted};
use super::ballot::VoteBody;
use super::device;
use super::receipt::Taken;
use super::sender::Sender;
use crate::app::App;
use crate::error::ApiError;
use crate::limits::Budget;

/// Lets the sender vote, if not too often and not from too many devices. Comes before what is sent is read:
/// a flood should be cheap to refuse.
pub(crate) async fn admit(sender: &Sender<'_>, poll: &Poll) -> Result<Budget, ApiError> {
    let budget = sender.app.limits.vote(sender.voter, sender.client.address)?;
    if poll.settings.voter_identity == VoterIdentity::Account {
        // Boxed, like all that is rare here: a vote's future stays small enough to be allocated fast.
        Box::pin(device::check(sender)).await?;
    }
    Ok(budget)
}

/// Takes what an admitted sender sent as a vote, be it a cast or a change.
pub(crate) async fn submit(
    sender: &Sender<'_>,
    poll: &Poll,
    kind: Kind,
    mut body: VoteBody,
) -> Result<Taken, ApiError> {
    let captcha_token = body.captcha_token.take();
    let cast = sender.cast(poll, kind, body.into_ballot(poll)?);
    if poll.settings.captcha {
        Box::pin(check_captcha(sender, poll, &cast, captcha_token.as_deref())).await?;
    }
    take(sender, poll, &cast).await
}

/// Takes the revocation of all that an admitted sender voted.
pub(super) async fn revoke(sender: &Sender<'_>, poll: &Poll) -> Result<Taken, ApiError> {
    let cast = sender.cast(poll, Kind::Revoke, Ballot::empty(poll.questions.len()));
    take(sender, poll, &cast).await
}

/// What became of a vote on `poll`; of a vote that was refused only that the poll is not there, if it was deleted
/// since its definition was read. A flood is refused without asking.
pub(crate) async fn refused<T>(app: &App, poll: &Poll, voted: Result<T, ApiError>) -> Result<T, ApiError> {
    match &voted {
        Ok(_) | Err(ApiError::RateLimited(_) | ApiError::Overloaded | ApiError::Unavailable) => {}
        // Boxed, like all that is rare here.
        Err(_) => Box::pin(app.definitions.require(poll)).await?,
    }
    voted
}

async fn check_captcha(
    sender: &Sender<'_>,
    poll: &Poll,
    cast: &Cast,
    token: Option<&str>,
) -> Result<(), ApiError> {
    // A retry has spent its token already.
    if sender.key.is_some() && already_accepted(sender.app, poll, cast).await? {
        return Ok(());
    }
    sender.app.captcha.verify(token, sender.client.address).await
}

/// Has the ballot accepted, whatever it is to earlier ones.
async fn take(sender: &Sender<'_>, poll: &Poll, cast: &Cast) -> Result<Taken, ApiError> {
    let accepted = accept(sender, poll, cast).await?;
    let taken = Taken::new(sender.app, poll, cast, accepted);
    let vote_id = taken.receipt.vote_id;
    if let Some(trace) = sender.trace {
        trace.note("pollster.vote_id", vote_id.to_string());
    }
    tracing::debug!(%vote_id, poll_id = %poll.poll_id, "vote taken");
    Ok(taken)
}
