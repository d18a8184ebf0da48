//! The web app: one page and its files, built by `make web` and embedded in this program.
//!
//! The page is the same for every path that the app knows. What it will ask for first is in it already, see
//! [`data`], and so is what other programs show of a link to it, see [`preview`], and what visitors see until the app
//! runs, see [`picture`].

mod accept;
mod bundle;
mod coding;
mod data;
mod files;
mod language;
mod page;
mod paths;
mod picture;
mod preview;
mod template;

use bundle::bundle;

pub(crate) use files::handle as file;
pub(crate) use page::handle as page;
pub(crate) use paths::owns;

/// Says so where the web app was missing when this program was built.
pub(crate) fn check() {
    if bundle().is_none() {
        tracing::warn!("the web app is not part of this build: only the API is served; see `make web`");
    }
}

/// Whether a path is that of a file, be it there or not, rather than of a page.
pub(crate) fn is_file(path: &str) -> bool {
    path.starts_with(files::ASSETS) || bundle().is_some_and(|bundle| bundle.file(path).is_some())
}
