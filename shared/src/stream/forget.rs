//! What the shards know of a poll that was deleted, and no vote can be on its way to any more.

use redis::streams::{StreamId, StreamRangeReply};
use redis::{AsyncCommands, RedisResult};

use super::entry;
use crate::keys::{self, ENTRY_FIELD};
use crate::poll::Poll;
use crate::redis::Connection;

/// Dead letters read at once.
const PAGE: usize = 500;

/// Removes the poll's marks, its voters and their addresses, and its dead letters. Done again, it removes what is
/// left.
///
/// # Errors
/// When Redis can't be reached.
pub async fn forget(redis: &mut Connection, poll: &Poll) -> RedisResult<()> {
    for shard in 0..poll.shards {
        discard_dead_letters(redis, poll, shard).await?;
        let voters = poll.questions.iter().map(|question| keys::voters(shard, question.question_id));
        let addresses = poll.questions.iter().map(|question| keys::addresses(shard, question.question_id));
        let mut keys: Vec<String> = voters.chain(addresses).collect();
        keys.push(keys::open_mark(shard, poll.poll_id));
        let _: i64 = redis.unlink(keys).await?;
    }
    Ok(())
}

async fn discard_dead_letters(redis: &mut Connection, poll: &Poll, shard: u16) -> RedisResult<()> {
    let letters = keys::dead_votes(shard);
    let mut after = "-".to_owned();
    loop {
        let page: StreamRangeReply = redis.xrange_count(&letters, &after, "+", PAGE).await?;
        let Some(last) = page.ids.last() else { return Ok(()) };
        after = format!("({}", last.id);
        let of_poll: Vec<&str> =
            page.ids.iter().filter(|letter| is_of(letter, poll)).map(|letter| letter.id.as_str()).collect();
        if !of_poll.is_empty() {
            let _: i64 = redis.xdel(&letters, &of_poll).await?;
        }
    }
}

/// Whether the letter is of a vote on the poll; of one that can't be read nobody knows.
fn is_of(letter: &StreamId, poll: &Poll) -> bool {
    let packed: Option<Vec<u8>> = letter.get(ENTRY_FIELD);
    packed.and_then(|packed| entry::decode(&packed).ok()).is_some_and(|cast| cast.poll_id == poll.poll_id)
}
