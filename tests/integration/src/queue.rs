//! What the vote streams hold.

use pollster_shared::keys::vote_stream;
use pollster_shared::stream::Streams;
use redis::AsyncCommands;
use redis::streams::{StreamInfoConsumersReply, StreamInfoGroupsReply};

use crate::stack::Stack;
use crate::{DEADLINE, wait_until};

impl Stack {
    /// The vote streams that there are.
    pub async fn vote_streams(&self) -> Vec<String> {
        let streams: Vec<String> = Streams::Votes.shards().map(vote_stream).collect();
        let mut ask = redis::pipe();
        for stream in &streams {
            ask.exists(stream);
        }
        let exist: Vec<bool> = ask.query_async(&mut self.streams()).await.expect("streams");
        streams.into_iter().zip(exist).filter(|(_, exists)| *exists).map(|(stream, _)| stream).collect()
    }

    /// Entries that wait in all vote streams, read or not.
    pub async fn waiting(&self) -> usize {
        let mut redis = self.streams();
        let mut waiting = 0;
        for stream in self.vote_streams().await {
            let length: usize = redis.xlen(stream).await.expect("a stream");
            waiting += length;
        }
        waiting
    }

    /// Entries that were read and not acknowledged.
    pub async fn pending(&self) -> usize {
        let mut redis = self.streams();
        let mut pending = 0;
        for stream in self.vote_streams().await {
            let groups: StreamInfoGroupsReply = redis.xinfo_groups(stream).await.expect("groups");
            pending += groups.groups.iter().map(|group| group.pending).sum::<usize>();
        }
        pending
    }

    /// The consumers of the aggregators' group over all vote streams: the name and what each has pending.
    pub async fn consumers(&self) -> Vec<(String, usize)> {
        let mut redis = self.streams();
        let mut consumers = Vec::new();
        for stream in self.vote_streams().await {
            let reply: StreamInfoConsumersReply =
                redis.xinfo_consumers(stream, "aggregators").await.expect("consumers");
            consumers.extend(reply.consumers.into_iter().map(|consumer| (consumer.name, consumer.pending)));
        }
        consumers
    }

    /// Waits until no vote waits any more.
    pub async fn drained(&self) {
        wait_until("every accepted vote is processed", DEADLINE, async || {
            (self.waiting().await == 0).then_some(())
        })
        .await;
    }
}
