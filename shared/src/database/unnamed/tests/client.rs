//! What a client sends.

use std::collections::VecDeque;

use proptest::prelude::*;

/// A step of a client. Statements are told apart by their number, modulo those that are there.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Prepares a new statement and asks what it takes.
    Prepare,
    /// Prepares one without a name and runs it.
    Once { parameters: Vec<u8> },
    /// Asks of one what it takes.
    Describe { which: usize },
    /// Runs one.
    Run { which: usize, parameters: Vec<u8> },
    /// Gives one up.
    Close { which: usize },
    /// Prepares one that the server refuses: it skips what comes up to the end of the group.
    Refused,
    /// Sends a query without preparation.
    Query { text: Vec<u8> },
    /// Ends the group.
    End,
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let parameters = || prop_oneof![9 => prop::collection::vec(any::<u8>(), 0..60), 1 => any::<[u8; 500]>().prop_map(Vec::from)];
    prop_oneof![
        3 => Just(Step::Prepare),
        1 => parameters().prop_map(|parameters| Step::Once { parameters }),
        2 => (0..9_usize).prop_map(|which| Step::Describe { which }),
        6 => (0..9_usize, parameters()).prop_map(|(which, parameters)| Step::Run { which, parameters }),
        1 => (0..9_usize).prop_map(|which| Step::Close { which }),
        1 => Just(Step::Refused),
        1 => "[a-z]{0,20}".prop_map(|text| Step::Query { text: text.into_bytes() }),
        6 => Just(Step::End),
    ]
}

/// The bytes of some steps, from the start of the connection to a last end of a group.
pub(super) fn script(steps: &[Step]) -> Vec<u8> {
    let mut client = Client::default();
    let mut sent = started();
    for step in steps.iter().chain([&Step::End]) {
        sent.extend(client.step(step));
    }
    sent
}

/// The first message: the protocol's version, and no parameters.
pub(super) fn started() -> Vec<u8> {
    [9_u32.to_be_bytes().as_slice(), &[0, 3, 0, 0], b"\0"].concat()
}

/// A message of this kind.
pub(super) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind], length.to_be_bytes().as_slice(), body].concat()
}

#[derive(Default)]
struct Client {
    prepared: u32,
    usable: VecDeque<String>,
    /// Those that this group prepared, for it may yet fail.
    new: VecDeque<String>,
    fails: bool,
}

impl Client {
    fn step(&mut self, step: &Step) -> Vec<u8> {
        match step {
            Step::Prepare => {
                self.prepared += 1;
                let name = format!("s{}", self.prepared);
                let sent = [self.parse(&name, &format!("text {name}")), describe(&name)].concat();
                if !self.fails {
                    self.new.push_back(name);
                }
                sent
            }
            Step::Once { parameters } => [self.parse("", "once"), run("", parameters)].concat(),
            Step::Describe { which } => self.name(*which).map_or_else(Vec::new, |name| describe(&name)),
            Step::Run { which, parameters } => {
                self.name(*which).map_or_else(Vec::new, |name| run(&name, parameters))
            }
            Step::Close { which } => {
                // One that is skipped would stay, here and there.
                let Some(name) = self.name(*which).filter(|_| !self.fails) else { return Vec::new() };
                self.usable.retain(|usable| *usable != name);
                self.new.retain(|new| *new != name);
                message(b'C', format!("S{name}\0").as_bytes())
            }
            Step::Refused => {
                self.fails = true;
                self.parse("refused", "refused")
            }
            // Not in a group that has begun: the server might skip it, and its answer would end the group.
            Step::Query { text } => [self.end(), message(b'Q', &[text, b"\0".as_slice()].concat())].concat(),
            Step::End => self.end(),
        }
    }

    fn end(&mut self) -> Vec<u8> {
        self.usable.append(&mut self.new);
        self.fails = false;
        message(b'S', b"")
    }

    fn name(&self, which: usize) -> Option<String> {
        let all: Vec<&String> = self.usable.iter().chain(&self.new).collect();
        all.get(which % all.len().max(1)).map(|name| (*name).clone())
    }

    fn parse(&self, name: &str, text: &str) -> Vec<u8> {
        message(b'P', format!("{name}\0{text}\0\0\0").as_bytes())
    }
}

fn describe(name: &str) -> Vec<u8> {
    message(b'D', format!("S{name}\0").as_bytes())
}

fn run(name: &str, parameters: &[u8]) -> Vec<u8> {
    let bind = [b"\0", name.as_bytes(), b"\0", parameters].concat();
    [message(b'B', &bind), message(b'E', b"\0\0\0\0\0")].concat()
}
