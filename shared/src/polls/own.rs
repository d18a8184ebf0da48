//! The polls of an account, a page at a time.

use diesel::dsl::now;
use diesel::pg::Pg;
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, QueryResult, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::State;
use super::find::{PollRow, with_questions};
use crate::poll::{Poll, Status};
use crate::schema::polls;

/// Some of an account's polls.
#[derive(Debug)]
pub struct Page {
    /// The polls, newest first, each with where it stands.
    pub polls: Vec<(Poll, State)>,
    /// The row after which the next page goes on, `None` on the last page.
    pub next: Option<i64>,
}

/// The newest `limit` polls of the account whose row `creator` is: only those made before the row `before`, and
/// those with this status, where these are given.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn own(
    connection: &mut AsyncPgConnection,
    creator: i64,
    status: Option<Status>,
    before: Option<i64>,
    limit: usize,
) -> QueryResult<Page> {
    let mut query =
        polls::table.filter(polls::creator.eq(creator)).filter(polls::deleted_at.is_null()).into_boxed();
    if let Some(before) = before {
        query = query.filter(polls::id.lt(before));
    }
    if let Some(status) = status {
        query = of_status(query, status);
    }
    // One more than asked for tells whether there is a next page.
    let mut rows: Vec<(PollRow, State)> = query
        .order(polls::id.desc())
        .limit(limit as i64 + 1)
        .select((PollRow::as_select(), State::as_select()))
        .load(connection)
        .await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(|(last, _)| last.id);
    let (rows, states): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let polls = with_questions(connection, rows).await?;
    Ok(Page { polls: polls.into_iter().zip(states).collect(), next })
}

/// The polls that [`Poll::status`], which says what each status means, gives this one by PostgreSQL's clock.
fn of_status(query: polls::BoxedQuery<'_, Pg>, status: Status) -> polls::BoxedQuery<'_, Pg> {
    let closed = polls::closed_at.is_not_null().or(polls::ends_at.is_not_null().and(polls::ends_at.le(now)));
    let open = polls::closed_at.is_null().and(polls::ends_at.is_null().or(polls::ends_at.gt(now)));
    let started = polls::starts_at.is_null().or(polls::starts_at.le(now));
    match status {
        Status::Scheduled => query.filter(open.and(polls::starts_at.gt(now))),
        Status::Active => query.filter(open.and(started)),
        Status::Closed => query.filter(closed.and(polls::archived_at.is_null())),
        Status::Archived => query.filter(polls::archived_at.is_not_null()),
    }
}
