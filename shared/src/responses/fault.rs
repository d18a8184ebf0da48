//! What a failed commit says: whether its data are to blame, and what can be mended.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{ExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::polls::ensure_partition;
use crate::schema::polls;
use crate::vote::AcceptedCast;

/// Whether `error` is about the data themselves, so that trying the same again can't help. Outages,
/// deadlocks, time-outs, a missing partition are not.
pub fn is_own_fault(error: &Error) -> bool {
    use DatabaseErrorKind::{
        CheckViolation, ExclusionViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation,
    };
    match error {
        // A row without a partition is reported as a check violation that names no constraint.
        Error::DatabaseError(CheckViolation, _) => !is_missing_partition(error),
        Error::DatabaseError(kind, _) => {
            matches!(kind, ExclusionViolation | ForeignKeyViolation | NotNullViolation | UniqueViolation)
        }
        Error::SerializationError(_) => true,
        _ => false,
    }
}

/// Whether `error` says that the month of a poll has no partition: it was not made ahead, or dropped since all its
/// polls are archived.
pub fn is_missing_partition(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(DatabaseErrorKind::CheckViolation, information)
            if information.constraint_name().is_none()
    )
}

/// Makes the partitions that these casts need, so that a commit of them can say what becomes of each.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn ensure_partitions(
    connection: &mut AsyncPgConnection,
    casts: impl Iterator<Item = &AcceptedCast>,
) -> QueryResult<()> {
    let poll_ids: BTreeSet<Uuid> = casts.map(|accepted| accepted.cast.poll_id).collect();
    let months: Vec<NaiveDate> = polls::table
        .filter(polls::poll_id.eq_any(poll_ids))
        .select(polls::month)
        .distinct()
        .load(connection)
        .await?;
    for month in months {
        ensure_partition(connection, month).await?;
    }
    Ok(())
}
