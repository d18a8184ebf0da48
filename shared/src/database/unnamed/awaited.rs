//! What the server has yet to say of what it was sent.

use std::collections::VecDeque;
use std::io;

use super::frame::malformed;

/// Who asked for a statement to be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// The client.
    Client,
    /// This stream, and the client is not to hear of it.
    Stream,
}

/// Of all answers those that matter here, in the order in which they come.
#[derive(Debug)]
pub(super) struct Awaited(VecDeque<Answer>);

#[derive(Debug, Clone, Copy)]
enum Answer {
    ParseComplete(Asker),
    ReadyForQuery,
}

impl Default for Awaited {
    /// A server is ready once it has let the client in.
    fn default() -> Self {
        Self([Answer::ReadyForQuery].into())
    }
}

impl Awaited {
    /// A statement is to be prepared.
    pub(super) fn parse(&mut self, asker: Asker) {
        self.0.push_back(Answer::ParseComplete(asker));
    }

    /// A group of messages is complete.
    pub(super) fn group(&mut self) {
        self.0.push_back(Answer::ReadyForQuery);
    }

    /// The server has prepared a statement. Returns for whom.
    ///
    /// # Errors
    /// When it was not asked to.
    pub(super) fn parsed(&mut self) -> io::Result<Asker> {
        match self.0.pop_front() {
            Some(Answer::ParseComplete(asker)) => Ok(asker),
            _ => Err(malformed()),
        }
    }

    /// The server is done with a group. What it has not said of that by now it skipped after an error.
    ///
    /// # Errors
    /// When no group was sent.
    pub(super) fn ready(&mut self) -> io::Result<()> {
        while let Some(answer) = self.0.pop_front() {
            if matches!(answer, Answer::ReadyForQuery) {
                return Ok(());
            }
        }
        Err(malformed())
    }
}
