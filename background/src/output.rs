//! What one-off commands say: progress on a terminal, and a result for people or, with `--json`, for scripts.

use std::fmt::Display;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

/// How a command says what it did.
#[derive(Debug, Clone, Copy, Args)]
pub struct Output {
    /// Print the result as JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

impl Output {
    /// Shows how far along `total` units of work are, on standard error if that is a terminal.
    ///
    /// # Panics
    /// Never: the template is fixed.
    pub(crate) fn progress(self, what: &'static str, total: u64) -> ProgressBar {
        let target = if self.json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(total), target).with_message(what);
        let style =
            ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} ({per_sec}, {eta})");
        bar.set_style(style.unwrap_or_else(|error| unreachable!("the template is fixed: {error}")));
        bar
    }

    /// Prints the result on standard output.
    pub(crate) fn result(self, for_people: impl Display, for_scripts: &impl Serialize) {
        if self.json {
            let json = serde_json::to_string(for_scripts);
            println!("{}", json.unwrap_or_else(|error| unreachable!("results are plain data: {error}")));
        } else {
            println!("{for_people}");
        }
    }
}
