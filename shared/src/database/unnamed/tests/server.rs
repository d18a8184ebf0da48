//! A server that answers as PostgreSQL would, with texts for rows.

use std::collections::HashMap;

use super::client::message;

/// What a server keeps beyond a group of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    /// What its client prepares.
    Statements,
    /// Nothing, for the next group is another client's; so that nobody gives a name.
    Nothing,
}

/// A server.
pub(super) struct Server {
    keeps: Keeps,
    partial: Vec<u8>,
    started: bool,
    statements: HashMap<String, String>,
    /// What was bound last: the text, and the parameters.
    portal: Vec<u8>,
    skips: bool,
}

impl Server {
    pub(super) fn new(keeps: Keeps) -> Self {
        Self {
            keeps,
            partial: Vec::new(),
            started: false,
            statements: HashMap::new(),
            portal: Vec::new(),
            skips: false,
        }
    }

    /// Takes more of what the client sends. Returns its answers.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.partial.extend_from_slice(bytes);
        let mut answers = Vec::new();
        loop {
            let at = usize::from(self.started);
            let Some(length) = self.partial.get(at..at + 4) else { return answers };
            let length = at + u32::from_be_bytes(length.try_into().unwrap()) as usize;
            if self.partial.len() < length {
                return answers;
            }
            let rest = self.partial.split_off(length);
            let whole = std::mem::replace(&mut self.partial, rest);
            answers.extend(if self.started { self.answer(whole[0], &whole[5..]) } else { self.start() });
        }
    }

    fn start(&mut self) -> Vec<u8> {
        self.started = true;
        [message(b'R', &[0; 4]), message(b'S', b"name\0value\0"), message(b'Z', b"I")].concat()
    }

    fn answer(&mut self, kind: u8, body: &[u8]) -> Vec<u8> {
        if self.skips && kind != b'S' {
            return Vec::new();
        }
        match kind {
            b'P' => self.parse(body),
            b'B' => self.bind(body),
            b'D' => {
                let (name, _) = text(&body[1..]);
                [message(b't', self.statement(&name).as_bytes()), message(b'n', b"")].concat()
            }
            // What comes at any time comes here.
            b'E' => {
                let rows = [message(b'N', b"notice"), message(b'D', &self.portal), message(b'D', b"2")];
                [rows.concat(), message(b'S', b"name\0value\0"), message(b'C', b"done\0")].concat()
            }
            b'C' => {
                self.statements.remove(&text(&body[1..]).0);
                message(b'3', b"")
            }
            b'Q' => {
                self.end_of_group();
                [message(b'D', body), message(b'C', b"done\0"), message(b'Z', b"I")].concat()
            }
            b'S' => {
                self.end_of_group();
                message(b'Z', b"I")
            }
            _ => panic!("a message of kind {kind}"),
        }
    }

    fn parse(&mut self, body: &[u8]) -> Vec<u8> {
        let (name, rest) = text(body);
        let (query, _) = text(rest);
        assert!(self.keeps == Keeps::Statements || name.is_empty(), "the server is given the name {name}");
        if query == "refused" {
            self.skips = true;
            return message(b'E', b"refused");
        }
        self.statements.insert(name, query);
        message(b'1', b"")
    }

    fn bind(&mut self, body: &[u8]) -> Vec<u8> {
        let (_, rest) = text(body);
        let (name, parameters) = text(rest);
        self.portal = [self.statement(&name).as_bytes(), parameters].concat();
        message(b'2', b"")
    }

    fn statement(&self, name: &str) -> &str {
        self.statements.get(name).unwrap_or_else(|| panic!("no statement {name}"))
    }

    fn end_of_group(&mut self) {
        self.skips = false;
        match self.keeps {
            Keeps::Statements => drop(self.statements.remove("")),
            Keeps::Nothing => self.statements.clear(),
        }
    }
}

/// The text up to the first zero, and what comes after that.
fn text(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap();
    (String::from_utf8(bytes[..end].to_vec()).unwrap(), &bytes[end + 1..])
}
