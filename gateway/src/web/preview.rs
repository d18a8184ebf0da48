//! What other programs show of a link to a page, and browsers on its tab: title, description, Open Graph
//! (<https://ogp.me>) and Twitter's own.

use std::fmt::Write as _;

use pollster_shared::html::escape;
use pollster_shared::poll::Poll;

/// The name of the whole.
const SITE: &str = "Pollster";
/// What a page is about that is not about a poll.
const PURPOSE: &str = "Live polls: ask a question, share the link, and watch the votes come in.";
/// The most characters of a description that are shown anywhere.
const MAX_DESCRIPTION: usize = 200;

/// What a page is about.
#[derive(Debug)]
pub(super) struct Preview<'a> {
    title: &'a str,
    description: String,
    url: &'a str,
}

impl<'a> Preview<'a> {
    /// That of a page that is about no poll, at the address that links begin with.
    pub(super) fn of_site(url: &'a str) -> Self {
        Self { title: SITE, description: PURPOSE.to_owned(), url }
    }

    /// That of a poll, whose page is at `url`.
    pub(super) fn of_poll(poll: &'a Poll, url: &'a str) -> Self {
        Self { title: &poll.title, description: shortened(&description(poll)), url }
    }

    /// The elements of the page's head that say it.
    pub(super) fn to_html(&self) -> String {
        let (title, description) = (escape(self.title), escape(&self.description));
        let mut html = format!("<title>{title}</title>");
        for (key, name, content) in [
            ("name", "description", description.as_str()),
            ("property", "og:type", "website"),
            ("property", "og:site_name", SITE),
            ("property", "og:title", &title),
            ("property", "og:description", &description),
            ("property", "og:url", &escape(self.url)),
            ("name", "twitter:card", "summary"),
        ] {
            let _ = write!(html, "\n    <meta {key}=\"{name}\" content=\"{content}\" />");
        }
        html
    }
}

/// The poll's own description; else what it asks first, and what can be answered.
fn description(poll: &Poll) -> String {
    let Some(question) = poll.questions.first().filter(|_| poll.description.trim().is_empty()) else {
        return poll.description.clone();
    };
    let choices: Vec<&str> = question.choices.iter().map(|choice| choice.text.as_str()).collect();
    format!("{} {}", question.text, choices.join(" · "))
}

/// The text on one line, cut where it is too long.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_DESCRIPTION) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let preview = Preview { title: "<b>", description: "\" onload=\"x".to_owned(), url: "/?a&b" };
        let html = preview.to_html();
        assert!(html.starts_with("<title>&lt;b&gt;</title>"), "{html}");
        assert!(html.contains("property=\"og:title\" content=\"&lt;b&gt;\""), "{html}");
        assert!(html.contains("content=\"&quot; onload=&quot;x\""), "{html}");
        assert!(html.contains("property=\"og:url\" content=\"/?a&amp;b\""), "{html}");
    }

    #[test]
    fn a_description_is_one_short_line() {
        assert_eq!(shortened(" a\n\n b\tc "), "a b c");
        let (fits, long) = ("ä".repeat(MAX_DESCRIPTION), "ä".repeat(MAX_DESCRIPTION + 1));
        assert_eq!(shortened(&fits), fits);
        assert_eq!(shortened(&long), format!("{fits}…"));
    }
}
