//! Which node of a Redis Cluster has a key or a channel: its slot is a hash of its name, and every node knows who
//! has which slots.

use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;

use redis::{ConnectionAddr, Value};

/// Slots of a cluster.
const SLOTS: u16 = 16_384;

/// Where a node is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// Which node has which slots, as one of them said, and as was found to have changed since.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots {
    ranges: Vec<(RangeInclusive<u16>, Address)>,
    moved: HashMap<u16, Address>,
}

impl Address {
    pub(crate) fn of(address: &ConnectionAddr) -> Self {
        match address {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                Self { host: host.clone(), port: *port }
            }
            other => Self { host: other.to_string(), port: 0 },
        }
    }

    /// Reads `host:port`; without a host it is that of `asked`, who said so.
    pub(crate) fn parse(text: &str, asked: &Self) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let host = if host.is_empty() { asked.host.clone() } else { host.to_owned() };
        Some(Self { host, port: port.parse().ok()? })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Slots {
    /// All slots on one server.
    pub(crate) fn all_on(server: Address) -> Self {
        Self { ranges: vec![(0..=SLOTS - 1, server)], moved: HashMap::new() }
    }

    /// Reads what the node `asked` answered to CLUSTER SLOTS; `None` where it knows of no slot.
    pub(crate) fn read(reply: &Value, asked: &Address) -> Option<Self> {
        let Value::Array(ranges) = reply else { return None };
        let ranges: Vec<_> = ranges.iter().filter_map(|range| read_range(range, asked)).collect();
        (!ranges.is_empty()).then(|| Self { ranges, moved: HashMap::new() })
    }

    /// The node that has this slot.
    pub(crate) fn owner(&self, slot: u16) -> Option<&Address> {
        let told = || self.ranges.iter().find_map(|(slots, owner)| slots.contains(&slot).then_some(owner));
        self.moved.get(&slot).or_else(told)
    }

    /// Notes who has this slot now.
    pub(crate) fn note_moved(&mut self, slot: u16, owner: Address) {
        self.moved.insert(slot, owner);
    }

    /// All nodes that have slots.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Address> {
        self.ranges.iter().map(|(_, owner)| owner).chain(self.moved.values())
    }

    /// Whether every slot is with some node.
    pub(crate) fn are_covered(&self) -> bool {
        self.ranges.iter().map(|(slots, _)| slots.len()).sum::<usize>() == usize::from(SLOTS)
    }
}

/// A range of slots and the primary that has them, which comes before its replicas.
fn read_range(range: &Value, asked: &Address) -> Option<(RangeInclusive<u16>, Address)> {
    let Value::Array(range) = range else { return None };
    let [Value::Int(first), Value::Int(last), Value::Array(primary), ..] = range.as_slice() else {
        return None;
    };
    let [host, Value::Int(port), ..] = primary.as_slice() else { return None };
    let host = match host {
        Value::BulkString(host) if host == b"?" => return None,
        Value::BulkString(host) if !host.is_empty() => String::from_utf8_lossy(host).into_owned(),
        _ => asked.host.clone(),
    };
    let owner = Address { host, port: u16::try_from(*port).ok()? };
    Some((u16::try_from(*first).ok()?..=u16::try_from(*last).ok()?, owner))
}

/// The slot of a key or channel: a hash of what stands between its first braces, if anything does, else of
/// all of it (Redis Cluster specification, "Key distribution model" and "Hash tags").
pub(crate) fn slot_of(name: &[u8]) -> u16 {
    let open = name.iter().position(|&byte| byte == b'{').map(|open| &name[open + 1..]);
    let tag = open.and_then(|rest| Some(&rest[..rest.iter().position(|&byte| byte == b'}')?]));
    crc16(tag.filter(|tag| !tag.is_empty()).unwrap_or(name)) % SLOTS
}

/// CRC-16/XMODEM, bit by bit: tags are short, a shard's number or an id.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc: u16, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> Address {
        Address { host: "127.0.0.1".to_owned(), port }
    }

    /// One range of a reply to CLUSTER SLOTS, with a primary and a replica.
    fn range(first: i64, last: i64, host: Value, port: i64) -> Value {
        let node = |host, port| Value::Array(vec![host, Value::Int(port), Value::BulkString(b"id".to_vec())]);
        let replica = node(Value::BulkString(b"replica".to_vec()), 1);
        Value::Array(vec![Value::Int(first), Value::Int(last), node(host, port), replica])
    }

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(slot_of(b"123456789"), 0x31C3);
        assert_eq!(slot_of(b"foo"), 12_182);
        assert_eq!(slot_of(b"poll:{foo}:updates"), 12_182);
        assert_eq!(slot_of(b"foo{}{bar}"), crc16(b"foo{}{bar}") % SLOTS);
        assert_eq!(slot_of(b"foo{{bar}}zap"), crc16(b"{bar") % SLOTS);
    }

    #[test]
    fn each_slot_is_with_its_primary_and_a_missing_host_is_that_of_who_answered() {
        let reply = Value::Array(vec![
            range(0, 8000, Value::BulkString(b"10.0.0.1".to_vec()), 7001),
            range(8001, 16_000, Value::Nil, 7002),
            range(16_001, 16_383, Value::BulkString(b"?".to_vec()), 7003),
        ]);
        let slots = Slots::read(&reply, &address(7009)).unwrap();
        assert_eq!(slots.owner(0).unwrap().to_string(), "10.0.0.1:7001");
        assert_eq!(slots.owner(8001), Some(&address(7002)));
        assert_eq!(slots.owner(16_383), None);
        assert!(!slots.are_covered() && Slots::all_on(address(7001)).are_covered());
        assert!(Slots::read(&Value::Array(Vec::new()), &address(7009)).is_none());
    }

    #[test]
    fn what_has_moved_since_is_with_its_new_owner() {
        let mut slots = Slots::all_on(address(7001));
        slots.note_moved(42, Address::parse(":7002", &address(7001)).unwrap());
        assert_eq!((slots.owner(42), slots.owner(43)), (Some(&address(7002)), Some(&address(7001))));
        assert_eq!(slots.nodes().count(), 2);
    }
}
