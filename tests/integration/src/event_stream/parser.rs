//! Event streams, read as the standard has it (HTML, section 9.2.6).

#[cfg(test)]
mod tests;

use std::mem::take;

use serde_json::Value;

/// A message, as a page gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentEvent {
    /// Its type.
    pub kind: String,
    /// The last id that was sent by then, empty without one.
    pub last_event_id: String,
    /// Its data, which is JSON in all of ours.
    pub data: Value,
}

/// Reads a stream piece by piece.
#[derive(Debug, Default)]
pub struct EventParser {
    /// What came of the line under way.
    line: Vec<u8>,
    /// Whether the last line ended with a carriage return, to which a line feed may belong.
    ended_with_return: bool,
    has_begun: bool,
    kind: String,
    data: String,
    last_event_id: String,
    events: Vec<SentEvent>,
    comments: usize,
    retry: Option<u64>,
}

impl EventParser {
    /// Takes what came next.
    ///
    /// # Panics
    /// When a line is not UTF-8, or data not JSON.
    pub fn feed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let is_rest_of_end = take(&mut self.ended_with_return) && byte == b'\n';
            match byte {
                b'\n' if is_rest_of_end => {}
                b'\n' | b'\r' => {
                    self.ended_with_return = byte == b'\r';
                    self.end_line();
                }
                _ => self.line.push(byte),
            }
        }
    }

    /// All messages so far.
    pub fn events(&self) -> &[SentEvent] {
        &self.events
    }

    /// The number of comments so far.
    pub fn comments(&self) -> usize {
        self.comments
    }

    /// The reconnection time that was sent last, in milliseconds.
    pub fn retry(&self) -> Option<u64> {
        self.retry
    }

    fn end_line(&mut self) {
        let line = String::from_utf8(take(&mut self.line)).expect("a stream is UTF-8");
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        let line = line.strip_prefix('\u{feff}').filter(|_| is_first).unwrap_or(&line);
        match line.split_once(':') {
            _ if line.is_empty() => self.dispatch(),
            Some(("", _)) => self.comments += 1,
            Some((field, value)) => self.take_field(field, value.strip_prefix(' ').unwrap_or(value)),
            None => self.take_field(line, ""),
        }
    }

    fn take_field(&mut self, field: &str, value: &str) {
        match field {
            "event" => value.clone_into(&mut self.kind),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.last_event_id),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => self.retry = value.parse().ok(),
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let (kind, data) = (take(&mut self.kind), take(&mut self.data));
        let Some(data) = data.strip_suffix('\n') else { return };
        self.events.push(SentEvent {
            kind: if kind.is_empty() { "message".to_owned() } else { kind },
            last_event_id: self.last_event_id.clone(),
            data: serde_json::from_str(data).expect("data is JSON"),
        });
    }
}
