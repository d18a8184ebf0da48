//! Sends commands over the router's links, and follows a cluster's redirections.

use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::time::sleep;

use super::command;
use super::link::Link;
use super::outage::is_outage;
use super::router::Router;
use super::slots::{Address, slot_of};

/// Redirections followed for one command: a slot may move while it is looked for.
const REDIRECTIONS: usize = 5;
/// How often, and after how long, a command is tried again whose keys are on their way from one node to another.
const MOVING_TRIES: usize = 25;
const MOVING_PAUSE: Duration = Duration::from_millis(20);

/// Where a cluster says that a command should go.
enum Redirection {
    /// There, and all others of this slot as well.
    Moved(u16, Address),
    /// There, this once: the slot is on its way.
    Ask(Address),
    /// Nowhere yet: some of its keys are here, others there.
    Later,
}

impl Router {
    /// Sends a command to the server that has its key; one without a key to all of them. Returns the answer with the
    /// link it came over: of several, the first.
    ///
    /// # Errors
    /// When the server can't be reached or refuses; what became of the command is then unknown.
    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<(Value, Link)> {
        if !self.server().is_cluster() {
            let link = self.owner(0).await?;
            let answer = self.over(&link, command, false).await?;
            return Ok((answer, link));
        }
        match command::key(command) {
            Some(key) => self.follow(command, slot_of(key)).await,
            None => self.send_to_all(command).await,
        }
    }

    async fn send_to_all(&self, command: &Cmd) -> RedisResult<(Value, Link)> {
        let links = self.owners().await?;
        let mut answers = try_join_all(links.iter().map(|link| self.over(link, command, false))).await?;
        Ok((answers.swap_remove(0), links[0].clone()))
    }

    async fn follow(&self, command: &Cmd, slot: u16) -> RedisResult<(Value, Link)> {
        let (mut asked, mut redirections, mut tries) = (None, 0, 0);
        loop {
            let (link, is_asking) = match asked.take() {
                Some(address) => (self.link(address), true),
                None => (self.owner(slot).await?, false),
            };
            let error = match self.over(&link, command, is_asking).await {
                Ok(answer) => return Ok((answer, link)),
                Err(error) => error,
            };
            match redirection(&error, link.address()) {
                Some(Redirection::Later) if tries < MOVING_TRIES => {
                    tries += 1;
                    sleep(MOVING_PAUSE).await;
                }
                Some(Redirection::Moved(slot, owner)) if redirections < REDIRECTIONS => {
                    redirections += 1;
                    self.note_moved(slot, owner);
                }
                Some(Redirection::Ask(address)) if redirections < REDIRECTIONS => {
                    redirections += 1;
                    asked = Some(address);
                }
                _ => return Err(error),
            }
        }
    }

    /// Sends a pipeline. On a cluster one that is a transaction goes to the server of its first key, of any other each
    /// command goes its own way. Returns the answers with the links they came over.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(super) async fn send_all(
        &self,
        pipeline: &Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisResult<(Vec<Value>, Vec<Link>)> {
        if self.server().is_cluster() && !pipeline.is_transaction() {
            let sent = join_all(pipeline.cmd_iter().map(|command| self.send(command))).await;
            return sent.into_iter().collect::<RedisResult<Vec<_>>>().map(|sent| sent.into_iter().unzip());
        }
        let key = pipeline.cmd_iter().find_map(command::key);
        let link = self.owner(key.map_or(0, slot_of)).await?;
        let answers = self.all_over(&link, pipeline, offset, count).await;
        if answers.as_ref().is_err_and(|error| error.kind() == ErrorKind::Server(ServerErrorKind::ExecAbort))
        {
            // Nothing was done. The slot may have moved: who tries again should know to where.
            self.doubt();
        }
        Ok((answers?, vec![link]))
    }

    async fn over(&self, link: &Link, command: &Cmd, is_asking: bool) -> RedisResult<Value> {
        let answer = answer(link, command, is_asking).await;
        self.heard(link, answer.as_ref().err());
        answer
    }

    async fn all_over(
        &self,
        link: &Link,
        pipeline: &Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisResult<Vec<Value>> {
        let answers =
            async { link.connection().await?.send_packed_commands(pipeline, offset, count).await }.await;
        let refused = answers.as_ref().ok().and_then(|answers| answers.iter().find_map(server_error));
        self.heard(link, refused.as_ref().or(answers.as_ref().err()));
        answers
    }

    fn heard(&self, link: &Link, error: Option<&RedisError>) {
        if error.is_some_and(is_outage) {
            self.give_up(link);
        }
    }
}

async fn answer(link: &Link, command: &Cmd, is_asking: bool) -> RedisResult<Value> {
    let mut connection = link.connection().await?;
    let answer = if is_asking {
        let mut pipeline = redis::pipe();
        pipeline.cmd("ASKING").add_command(command.clone());
        connection.send_packed_commands(&pipeline, 1, 1).await?.pop().unwrap_or(Value::Nil)
    } else {
        connection.send_packed_command(command).await?
    };
    answer.extract_error()
}

fn server_error(answer: &Value) -> Option<RedisError> {
    match answer {
        Value::ServerError(error) => Some(error.clone().into()),
        _ => None,
    }
}

fn redirection(error: &RedisError, asked: &Address) -> Option<Redirection> {
    let ErrorKind::Server(kind) = error.kind() else { return None };
    let node = || {
        let (address, slot) = error.redirect_node()?;
        Some((slot, Address::parse(address, asked)?))
    };
    match kind {
        ServerErrorKind::Moved => node().map(|(slot, owner)| Redirection::Moved(slot, owner)),
        ServerErrorKind::Ask => node().map(|(_, address)| Redirection::Ask(address)),
        ServerErrorKind::TryAgain => Some(Redirection::Later),
        _ => None,
    }
}
