//! Progress bars: on a terminal only, on the error output.

use std::fmt::Write;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// A bar for `length` votes.
pub(crate) fn bar(what: &'static str, length: u64) -> ProgressBar {
    let template = "{msg} {wide_bar} {pos}/{len}  {rate}  {eta}";
    // The default style stands in where the template is wrong.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_message(what).with_style(style.with_key("rate", write_rate))
}

fn write_rate(state: &ProgressState, out: &mut dyn Write) {
    let _ = write!(out, "{:.0} votes/s", state.per_sec());
}
