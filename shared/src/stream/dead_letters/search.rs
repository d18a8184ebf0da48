//! Looks for the dead letters of a poll.

use redis::RedisResult;
use redis::streams::StreamRangeReply;

use crate::keys::{self, ENTRY_FIELD};
use crate::poll::Poll;
use crate::redis::Connection;
use crate::stream::entry;

/// Entries read at once.
const PAGE: usize = 1000;

/// How many votes of `poll` were set aside.
///
/// # Errors
/// When Redis can't be reached.
pub async fn of_poll(redis: &mut Connection, poll: &Poll) -> RedisResult<usize> {
    let mut found = 0;
    for shard in 0..poll.shards {
        let key = keys::dead_votes(shard);
        let mut start = "-".to_owned();
        loop {
            let mut range = redis::cmd("XRANGE");
            range.arg(&key).arg(&start).arg("+").arg("COUNT").arg(PAGE);
            let page: StreamRangeReply = range.query_async(redis).await?;
            found += page.ids.iter().filter(|letter| is_of(poll, letter.get(ENTRY_FIELD))).count();
            match page.ids.last() {
                Some(last) if page.ids.len() == PAGE => start = format!("({}", last.id),
                _ => break,
            }
        }
    }
    Ok(found)
}

/// What can't be read is of no poll.
fn is_of(poll: &Poll, packed: Option<Vec<u8>>) -> bool {
    packed.and_then(|packed| entry::decode(&packed).ok()).is_some_and(|cast| cast.poll_id == poll.poll_id)
}
