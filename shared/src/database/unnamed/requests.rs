//! What the client sends, with its statements' names replaced by their texts.

use std::collections::HashMap;
use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::awaited::{Asker, Awaited};
use super::frame::{self, HEAD, LENGTH, TYPE};

/// A statement's name. The unnamed statement's is empty.
type Name = Bytes;
/// A statement's text, and the types of its parameters, as they stand in `Parse`.
type Text = Bytes;

/// The messages of a client on their way to the server.
#[derive(Default)]
pub(super) struct Requests {
    /// Whether the first message is through, which has no type.
    started: bool,
    /// The beginning of a message.
    partial: BytesMut,
    /// What is to be sent.
    ready: BytesMut,
    statements: HashMap<Name, Text>,
    /// Which of them is the server's unnamed one, as far as this group of messages has made it so.
    prepared: Option<Name>,
}

impl Requests {
    /// Takes more of what the client sends.
    ///
    /// # Errors
    /// When a message is not as the protocol has it.
    pub(super) fn take(&mut self, bytes: &[u8], awaited: &mut Awaited) -> io::Result<()> {
        self.partial.extend_from_slice(bytes);
        loop {
            let before_length = if self.started { TYPE } else { 0 };
            let Some(length) = frame::length(&self.partial, before_length)? else { return Ok(()) };
            if self.partial.len() < length {
                return Ok(());
            }
            let message = self.partial.split_to(length);
            if self.started {
                self.send(&message, awaited)?;
            } else {
                self.started = true;
                self.pass(&message);
            }
        }
    }

    /// What is to be sent, to be taken away as it is.
    pub(super) fn ready(&mut self) -> &mut impl Buf {
        &mut self.ready
    }

    fn send(&mut self, message: &[u8], awaited: &mut Awaited) -> io::Result<()> {
        let body = &message[HEAD..];
        match message[0] {
            b'P' => self.parse(message, awaited)?,
            b'B' => self.bind(message, awaited)?,
            b'D' => self.describe(message, awaited)?,
            b'C' => self.close(message)?,
            // Of `Sync`, a query without preparation, and a function call the server says when it is done.
            kind @ (b'S' | b'Q' | b'F') => {
                // Each may leave another unnamed statement, or hand the connection on.
                self.prepared = None;
                awaited.group();
                self.put(kind, &[body]);
            }
            _ => self.pass(message),
        }
        Ok(())
    }

    /// `Parse`: name, text, types.
    fn parse(&mut self, message: &[u8], awaited: &mut Awaited) -> io::Result<()> {
        let (name, text) = frame::split_text(&message[HEAD..])?;
        self.put(b'P', &[b"\0", text]);
        awaited.parse(Asker::Client);
        // Copies, for the message is a part of a larger buffer.
        let name = Bytes::copy_from_slice(name);
        if !name.is_empty() {
            self.statements.insert(name.clone(), Bytes::copy_from_slice(text));
        }
        self.prepared = Some(name);
        Ok(())
    }

    /// `Bind`: portal, statement, parameters.
    fn bind(&mut self, message: &[u8], awaited: &mut Awaited) -> io::Result<()> {
        let (portal, rest) = frame::split_text(&message[HEAD..])?;
        let (name, parameters) = frame::split_text(rest)?;
        self.prepare(name, awaited)?;
        self.put(b'B', &[portal, b"\0\0", parameters]);
        Ok(())
    }

    /// `Describe`: of a statement (`S`) or a portal, and its name.
    fn describe(&mut self, message: &[u8], awaited: &mut Awaited) -> io::Result<()> {
        let Some(name) = statement(message)? else {
            self.pass(message);
            return Ok(());
        };
        self.prepare(name, awaited)?;
        self.put(b'D', &[b"S\0"]);
        Ok(())
    }

    /// `Close`: of a statement (`S`) or a portal, and its name.
    fn close(&mut self, message: &[u8]) -> io::Result<()> {
        let Some(name) = statement(message)? else {
            self.pass(message);
            return Ok(());
        };
        self.statements.remove(name);
        self.prepared = None;
        // That there is none is no error, so the client gets its answer.
        self.put(b'C', &[b"S\0"]);
        Ok(())
    }

    /// Makes a statement the server's unnamed one, unless it is.
    ///
    /// # Errors
    /// When it was not prepared, or is the client's own unnamed one and is gone: it lives no longer than its group.
    fn prepare(&mut self, name: &[u8], awaited: &mut Awaited) -> io::Result<()> {
        if self.prepared.as_deref() == Some(name) {
            return Ok(());
        }
        let (name, text) = self.statements.get_key_value(name).ok_or_else(frame::malformed)?;
        let (name, text) = (name.clone(), text.clone());
        self.put(b'P', &[b"\0", &text]);
        awaited.parse(Asker::Stream);
        self.prepared = Some(name);
        Ok(())
    }

    fn put(&mut self, kind: u8, body: &[&[u8]]) {
        let length = LENGTH + body.iter().map(|part| part.len()).sum::<usize>();
        self.ready.put_u8(kind);
        // No longer than what came, but for a text that came once in a message of its own.
        self.ready.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
        body.iter().for_each(|part| self.ready.put_slice(part));
    }

    fn pass(&mut self, message: &[u8]) {
        self.ready.put_slice(message);
    }
}

/// The name of the statement that a `Describe` or `Close` is of; `None` where it is of a portal.
fn statement(message: &[u8]) -> io::Result<Option<&[u8]>> {
    let (what, rest) = message[HEAD..].split_first().ok_or_else(frame::malformed)?;
    let (name, _) = frame::split_text(rest)?;
    Ok((*what == b'S').then_some(name))
}
