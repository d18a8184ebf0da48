//! Over how many shards polls are spread.

use diesel::{ExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::schema::polls;

/// Polls may appear in another order than they got their ids in. Far more than can be made within the few seconds that a
/// transaction may take, and few enough to be read by the way.
const UNDER_WAY: i64 = 10_000;

/// The number of shards that the widest poll is spread over: all these streams need readers, whatever number new polls
/// get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sharding {
    widest: u16,
    /// The last poll that was looked at.
    last: i64,
}

impl Sharding {
    /// The number; 0 before the first look, and without polls.
    pub fn widest(&self) -> u16 {
        self.widest
    }

    /// Looks at the polls that were made since the last look, at all of them for the first time.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn look(&mut self, connection: &mut AsyncPgConnection) -> QueryResult<()> {
        let (widest, last): (Option<i16>, Option<i64>) = polls::table
            .filter(polls::id.gt(self.last - UNDER_WAY))
            .select((diesel::dsl::max(polls::shards), diesel::dsl::max(polls::id)))
            .first(connection)
            .await?;
        self.widest = self.widest.max(widest.unwrap_or(0) as u16);
        self.last = self.last.max(last.unwrap_or(0));
        Ok(())
    }
}
