//! The state of a limit for each of its keys, in memory that never grows.

/// Sets of the table, a power of two.
const SETS: usize = 1 << 14;
/// Slots of a set.
const WAYS: usize = 8;

/// What is known of one key.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot {
    pub(super) key: u64,
    /// The theoretical arrival time, as far as it is known here.
    pub(super) tat: u64,
    /// The same of the requests alone that other gateways don't know of yet.
    pub(super) unshared_tat: u64,
    /// How many these are.
    pub(super) unshared: u32,
    /// The minute in which its refusal was logged, counted from 1.
    pub(super) logged_in_minute: u16,
    /// Whether it waits to be shared.
    pub(super) is_queued: bool,
}

/// A set-associative table, as a processor's cache is one: a key may be in any slot of the one set that it
/// belongs to. It takes 4 MiB once and for all, so whoever comes from ever new addresses fills no memory.
/// A newcomer takes the slot of its set that is most refilled: who is at a limit is forgotten last.
///
/// Keys must be spread evenly, and nobody may know them: they are keyed hashes.
pub(super) struct Table {
    sets: Box<[[Slot; WAYS]]>,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { sets: vec![[Slot::default(); WAYS]; SETS].into() }
    }

    /// The slot of `key`, if it has one.
    pub(super) fn get(&self, key: u64) -> Option<&Slot> {
        self.sets[set(key)].iter().find(|slot| slot.key == key)
    }

    /// The slot of `key` for changes, if it has one.
    pub(super) fn get_mut(&mut self, key: u64) -> Option<&mut Slot> {
        self.sets[set(key)].iter_mut().find(|slot| slot.key == key)
    }

    /// The slot of `key`, a fresh one if it had none.
    pub(super) fn claim(&mut self, key: u64) -> &mut Slot {
        let slots = &mut self.sets[set(key)];
        let place = slots.iter().position(|slot| slot.key == key);
        let place = place.unwrap_or_else(|| {
            let most_refilled = (0..WAYS).min_by_key(|&place| slots[place].tat).unwrap_or(0);
            slots[most_refilled] = Slot { key, ..Slot::default() };
            most_refilled
        });
        &mut slots[place]
    }
}

fn set(key: u64) -> usize {
    key as usize & (SETS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key of the first set.
    fn key(number: usize) -> u64 {
        (number * SETS) as u64
    }

    #[test]
    fn a_slot_takes_32_bytes_and_a_table_4_mib() {
        assert_eq!(size_of::<Slot>(), 32);
        assert_eq!(size_of_val(&*Table::new().sets), 4 << 20);
    }

    #[test]
    fn a_newcomer_takes_the_place_of_the_most_refilled_of_its_set() {
        let mut table = Table::new();
        for number in 1..=WAYS {
            table.claim(key(number)).tat = 100 - number as u64;
        }
        table.claim(key(4)).tat = 1;
        table.claim(1).tat = 0;
        assert!((1..=WAYS).all(|number| table.get(key(number)).is_some()));

        let newcomer = table.claim(key(9));
        assert_eq!((newcomer.tat, newcomer.unshared, newcomer.is_queued), (0, 0, false));
        assert!(table.get(key(4)).is_none());
        assert!((1..=9).filter(|&number| number != 4).all(|number| table.get(key(number)).is_some()));
    }

    #[test]
    fn a_key_that_is_there_keeps_what_is_known_of_it() {
        let mut table = Table::new();
        table.claim(key(1)).tat = 5;
        assert_eq!(table.claim(key(1)).tat, 5);
        assert_eq!(table.get(key(1)).map(|slot| slot.tat), Some(5));
        assert!(table.get(key(2)).is_none());
    }
}
