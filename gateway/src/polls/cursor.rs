//! Where a list goes on: the last row that was shown, with a keyed check, so that only what we gave comes back.

use pollster_shared::vote::HashSecret;

/// The cursor after `row`.
pub(super) fn encode(secret: &HashSecret, row: i64) -> String {
    let mut check = [0; 8];
    check.copy_from_slice(&secret.hash("cursor", &row.to_be_bytes())[..8]);
    format!("{row:016x}{:016x}", u64::from_be_bytes(check))
}

/// The row that a cursor goes on after, `None` where it is not one of ours.
pub(super) fn decode(secret: &HashSecret, cursor: &str) -> Option<i64> {
    let row = i64::from_str_radix(cursor.get(..16)?, 16).ok()?;
    (encode(secret, row) == cursor).then_some(row)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_comes_back_and_no_other_text_does() {
        let secret = HashSecret::new("a");
        let cursor = encode(&secret, 77);
        assert_eq!(decode(&secret, &cursor), Some(77));
        assert_eq!(decode(&HashSecret::new("b"), &cursor), None);
        let other = cursor.replacen("4d", "4e", 1);
        for made_up in ["", "77", &other, &cursor.to_uppercase(), &cursor[..16], &"é".repeat(16)] {
            assert_eq!(decode(&secret, made_up), None, "{made_up}");
        }
    }

    proptest! {
        #[test]
        fn only_what_was_given_comes_back(row in 0..=i64::MAX, text in "[0-9a-f]{0,40}|\\PC{0,40}") {
            let secret = HashSecret::new("a");
            prop_assert_eq!(decode(&secret, &encode(&secret, row)), Some(row));
            prop_assert_eq!(decode(&secret, &text), None);
        }
    }
}
