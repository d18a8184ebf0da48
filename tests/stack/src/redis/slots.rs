//! Slots of a Redis Cluster on their way from one node to another, with their keys, as `redis-cli --cluster reshard`
//! moves them.

use std::io;
use std::ops::Range;
use std::time::Duration;

use super::inline::ask_within;
use crate::StackError;

/// A long stream is one key, which goes at once.
const PATIENCE: Duration = Duration::from_secs(20);
/// Slots that are on their way at once.
const AT_ONCE: usize = 64;
/// Keys that are asked for and moved at once.
const KEYS: usize = 32;

/// A node: its port, and its name in the cluster.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) port: u16,
    pub(super) id: &'a str,
}

/// Moves these slots, all of which `from` must have. The other primaries hear of it from the two.
///
/// # Errors
/// Those of the nodes.
pub(super) fn migrate(slots: Range<u16>, from: Node<'_>, to: Node<'_>) -> Result<(), StackError> {
    let slots: Vec<u16> = slots.collect();
    for batch in slots.chunks(AT_ONCE) {
        // In this order: whom the giver sends on is expected.
        set_all(batch, to, &format!("IMPORTING {}", from.id))?;
        set_all(batch, from, &format!("MIGRATING {}", to.id))?;
        for slot in batch {
            move_keys(*slot, from, to)?;
        }
        // The taker first: there is no moment at which nobody has them.
        set_all(batch, to, &format!("NODE {}", to.id))?;
        set_all(batch, from, &format!("NODE {}", to.id))?;
    }
    Ok(())
}

fn set_all(slots: &[u16], node: Node<'_>, what: &str) -> Result<(), StackError> {
    let commands: Vec<String> = slots.iter().map(|slot| format!("CLUSTER SETSLOT {slot} {what}")).collect();
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    let answers = ask_within(PATIENCE, node.port, &commands).map_err(failed("SETSLOT"))?;
    match answers.lines().take(slots.len()).find(|answer| *answer != "+OK") {
        Some(refused) => Err(failed("SETSLOT")(io::Error::other(refused.to_owned()))),
        None => Ok(()),
    }
}

fn move_keys(slot: u16, from: Node<'_>, to: Node<'_>) -> Result<(), StackError> {
    loop {
        let question = format!("CLUSTER GETKEYSINSLOT {slot} {KEYS}");
        let answer = ask_within(PATIENCE, from.port, &[&question]).map_err(failed("GETKEYSINSLOT"))?;
        let keys = bulks(&answer);
        if keys.is_empty() {
            return Ok(());
        }
        let timeout = PATIENCE.as_millis();
        let command = format!("MIGRATE 127.0.0.1 {} \"\" 0 {timeout} KEYS {}", to.port, keys.join(" "));
        let answer = ask_within(PATIENCE, from.port, &[&command]).map_err(failed("MIGRATE"))?;
        // A key may have expired meanwhile.
        if !answer.starts_with("+OK") && !answer.starts_with("+NOKEY") {
            return Err(failed("MIGRATE")(io::Error::other(answer.trim().to_owned())));
        }
    }
}

/// The texts of an array of bulk strings, the first reply in `answer`.
fn bulks(answer: &str) -> Vec<&str> {
    let mut lines = answer.lines();
    let count = lines.next().and_then(|line| line.strip_prefix('*')?.parse().ok()).unwrap_or_default();
    // Each is a line with its length and one with its text.
    lines.skip(1).step_by(2).take(count).collect()
}

fn failed(what: &str) -> impl FnOnce(io::Error) -> StackError {
    StackError::io(format!("{what} on a node of a Redis Cluster"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_the_answer() {
        assert_eq!(bulks("*2\r\n$3\r\nabc\r\n$2\r\nde\r\n+OK\r\n"), ["abc", "de"]);
        assert!(bulks("*0\r\n+OK\r\n").is_empty());
        assert!(bulks("-ERR unknown slot\r\n+OK\r\n").is_empty());
    }
}
