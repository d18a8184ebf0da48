//! Entries that were never written, or not like that.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::vote::MAX_QUESTIONS;

fn cast() -> impl Strategy<Value = Cast> {
    let answers = btree_map(any::<u8>(), any::<u64>(), 1..=MAX_QUESTIONS);
    let ballot = answers.prop_map(|answers| {
        let answer = |(question, choices)| Answer { question, choices: Choices(choices) };
        Ballot::new(answers.into_iter().map(answer).collect()).unwrap()
    });
    let kind = prop::sample::select(KINDS.to_vec());
    // What is all zeros stands for none.
    let address = prop::option::of(any::<[u8; 8]>().prop_filter("an address", |address| *address != [0; 8]));
    (kind, any::<[u8; 16]>(), any::<[u8; 16]>(), address, any::<[u8; 8]>(), ballot).prop_map(
        |(kind, poll_id, voter, address, digest, ballot)| Cast {
            kind,
            poll_id: Uuid::from_bytes(poll_id),
            voter: Voter(voter),
            address: address.map(AddressHash),
            digest: Digest(digest),
            ballot,
        },
    )
}

/// An entry as it is written today: one of version 1 is a cast without its address.
fn rewritten(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [WITHOUT_ADDRESS, kind, body @ ..] => {
            let (head, answers) = body.split_at(HEADER - 11);
            [&[VERSION, *kind], head, &[0; 8], answers].concat()
        }
        _ => bytes.to_vec(),
    }
}

/// Whether the bytes are refused, or are what the cast that they stand for is written as.
fn is_refused_or_written_so(bytes: &[u8]) -> bool {
    decode(bytes).is_ok_and(|cast| encode(&cast) == rewritten(bytes)) || decode(bytes).is_err()
}

/// Bytes with the head of an entry more often than chance has it.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let headed = (0..4u8, 0..5u8, vec(any::<u8>(), HEADER - 3), 0..4u8, vec(any::<u8>(), 0..4 * ANSWER));
    let headed = headed.prop_map(|(version, kind, body, count, answers)| {
        [&[version, kind], body.as_slice(), &[count], answers.as_slice()].concat()
    });
    prop_oneof![vec(any::<u8>(), 0..4 * HEADER), headed]
}

#[test]
fn answers_out_of_order_are_no_entry_of_ours() {
    let answer = |question| Answer { question, choices: Choices(1) };
    let cast = Cast {
        kind: Kind::Cast,
        poll_id: Uuid::nil(),
        voter: Voter([0; 16]),
        address: None,
        digest: Digest([0; 8]),
        ballot: Ballot::new(vec![answer(1), answer(2)]).unwrap(),
    };
    let mut bytes = encode(&cast);
    bytes[HEADER] = 3;
    assert_eq!(decode(&bytes), Err(DecodeError::Malformed));
}

proptest! {
    #[test]
    fn every_cast_is_read_back(cast in cast()) {
        prop_assert_eq!(decode(&encode(&cast)), Ok(cast));
    }

    #[test]
    fn any_bytes_are_refused_or_are_an_entry(bytes in bytes()) {
        prop_assert!(is_refused_or_written_so(&bytes));
    }

    #[test]
    fn no_beginning_of_an_entry_is_read(cast in cast()) {
        let bytes = encode(&cast);
        for length in 0..bytes.len() {
            prop_assert_eq!(decode(&bytes[..length]), Err(DecodeError::Malformed), "{} bytes", length);
        }
    }
}

proptest! {
    // Hundreds of bits a case.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]

    #[test]
    fn no_flipped_bit_passes_for_the_same_cast(cast in cast()) {
        let mut bytes = encode(&cast);
        for bit in 0..8 * bytes.len() {
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(is_refused_or_written_so(&bytes), "bit {}", bit);
            prop_assert_ne!(decode(&bytes), Ok(cast.clone()), "bit {}", bit);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
