//! What the page holds so that the app need not ask for it.

use serde::Serialize;
use serde_json::value::RawValue;

/// The page's data.
#[derive(Serialize)]
pub(super) struct PageData<'a> {
    /// Whether accounts are kept here, rather than by an identity provider.
    pub(super) accounts: bool,
    /// Where captchas are loaded from.
    pub(super) captcha_origins: &'a [String],
    /// The poll that the page is about, as the API gives it to whoever does not say who they are.
    pub(super) poll: Option<Box<RawValue>>,
}

impl PageData<'_> {
    /// The data as JSON for a script element.
    pub(super) fn to_script(&self) -> String {
        match serde_json::to_string(self) {
            Ok(json) => escape(&json),
            Err(error) => unreachable!("it is plain data: {error}"),
        }
    }
}

/// The same JSON, in which nothing ends a script element or begins a comment in it, and nothing ends a line of
/// JavaScript. All of these occur in strings only.
fn escape(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn nothing_ends_the_script_and_nothing_is_lost() {
        let title = "</script><!-- \u{2028}\u{2029} <SCRIPT> & \" \\ \\u003c ä";
        let poll = serde_json::value::to_raw_value(&json!({"title": title})).unwrap();
        let origins = ["https://a.example".to_owned()];
        let data = PageData { accounts: true, captcha_origins: &origins, poll: Some(poll) };
        let script = data.to_script();
        assert!(!script.contains(['<', '\u{2028}', '\u{2029}']), "{script}");
        let expected = json!({"accounts": true, "captcha_origins": origins, "poll": {"title": title}});
        assert_eq!(serde_json::from_str::<Value>(&script).unwrap(), expected);
    }
}
