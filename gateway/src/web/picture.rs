//! The first picture of a poll: words that show before the app runs, which then takes their place.

use std::fmt::Write as _;

use pollster_shared::html::escape;
use pollster_shared::poll::{Poll, Question};

/// More choices than these are below the first screen anyway.
const CHOICES: usize = 12;

/// The poll's title and first question, as `gateway/web/src/styles/first-picture.css` lays them out.
pub(super) fn of_poll(poll: &Poll) -> String {
    let mut html = format!("<main class=\"first-poll\"><div><h1>{}</h1>", escape(&poll.title));
    if !poll.description.is_empty() {
        let _ = write!(html, "<p>{}</p>", escape(&poll.description));
    }
    if let Some(question) = poll.questions.first() {
        ask(&mut html, poll, question);
    }
    html + "</div></main>"
}

fn ask(html: &mut String, poll: &Poll, question: &Question) {
    // What the title asks already is not asked again.
    if question.text != poll.title {
        let _ = write!(html, "<h2>{}</h2>", escape(&question.text));
    }
    html.push_str("<ul>");
    for choice in question.choices.iter().take(CHOICES) {
        let _ = write!(html, "<li>{}</li>", escape(&choice.text));
    }
    html.push_str("</ul>");
}
