//! Cells that a spreadsheet would take for a formula (OWASP, "CSV injection").

use std::borrow::Cow;

/// What a formula begins with, in plain and in full-width form, which some spreadsheets read alike.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// What may stand before it unseen, besides white space and control characters.
const UNSEEN: [char; 6] = ['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}'];

/// The text with an apostrophe before it, where a spreadsheet could take it for a formula.
pub(super) fn disarmed(text: &str) -> Cow<'_, str> {
    if is_formula(text) { format!("'{text}").into() } else { text.into() }
}

/// Whether a spreadsheet could take the text for a formula.
pub(super) fn is_formula(text: &str) -> bool {
    let is_unseen = |c: char| c.is_whitespace() || c.is_control() || UNSEEN.contains(&c);
    text.starts_with(char::is_control) || text.trim_start_matches(is_unseen).starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        let formulas = [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\tx",
            "\rx",
            "  =1",
            "\u{a0}=1",
            "＝1",
            "＋1",
            "－1",
            " ＠x",
            "\u{feff}=1",
            "\u{200b} -1",
            "-",
            "=cmd|' /C calc'!A0",
        ];
        for text in formulas {
            assert_eq!(disarmed(text), format!("'{text}"), "{text:?}");
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in ["", " ", "1+1", "a=b", "Thai", "'=1", "–1", "日本", "a\n=1", "\"=1\"", "0", "#1"] {
            assert_eq!(disarmed(text), text, "{text:?}");
        }
    }
}
