//! What the web app's build made, ready to be served.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use bytes::Bytes;
use hyper::header::HeaderValue;
use rust_embed::{Embed, EmbeddedFile};

use super::coding::Coding;
use super::template::Template;

/// The files as they were when this program was built; none where the app was not built.
#[derive(Embed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Embedded;

/// The page that the app lives in.
const PAGE: &str = "index.html";
/// The same for the pages of polls: it names the files that these will need.
const POLL_PAGE: &str = "poll.html";
/// How the build names the first page, before and after its language.
const HOME_PAGES: (&str, &str) = ("home.", ".html");
/// Who reads none of the app's languages is shown this one.
const DEFAULT_LANGUAGE: &str = "en";
/// How the build names the compressed variants of a file, in our order of preference.
const COMPRESSED: [(Coding, &str); 2] = [(Coding::Brotli, ".br"), (Coding::Gzip, ".gz")];

static BUNDLE: LazyLock<Option<Bundle>> = LazyLock::new(Bundle::load);

/// The web app; `None` where it is not part of this build.
pub(super) fn bundle() -> Option<&'static Bundle> {
    BUNDLE.as_ref()
}

/// The page and the files of the app.
pub(super) struct Bundle {
    pub(super) page: Template,
    pub(super) poll_page: Template,
    /// The first page, a language each; the default one first.
    pub(super) home_pages: Vec<(String, Template)>,
    files: HashMap<String, File>,
}

/// A file, and the same compressed where that makes it smaller.
pub(super) struct File {
    pub(super) content_type: HeaderValue,
    /// Stands for its content.
    pub(super) hash: String,
    /// Its bytes in every coding that there is, in our order of preference; plain at the end.
    pub(super) variants: Vec<(Coding, Bytes)>,
}

impl Bundle {
    fn load() -> Option<Self> {
        let (page, poll_page, home_pages) = (template(PAGE)?, template(POLL_PAGE)?, home_pages());
        let names = Embedded::iter().filter(|name| !name.ends_with(".html") && !is_variant(name));
        let files = names.filter_map(|name| Some((format!("/{name}"), File::load(&name)?))).collect();
        (!home_pages.is_empty()).then_some(Self { page, poll_page, home_pages, files })
    }

    /// The file on this path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }
}

fn template(name: &str) -> Option<Template> {
    let page = Embedded::get(name)?;
    Template::parse(std::str::from_utf8(&page.data).ok()?)
}

fn home_pages() -> Vec<(String, Template)> {
    let mut pages: Vec<(String, Template)> = Embedded::iter()
        .filter_map(|name| {
            let language = name.strip_prefix(HOME_PAGES.0)?.strip_suffix(HOME_PAGES.1)?;
            Some((language.to_owned(), template(&name)?))
        })
        .collect();
    pages.sort_by_key(|(language, _)| language != DEFAULT_LANGUAGE);
    pages
}

/// Whether a file is another one compressed.
fn is_variant(name: &str) -> bool {
    let original = COMPRESSED.iter().find_map(|(_, ending)| name.strip_suffix(ending));
    original.is_some_and(|original| Embedded::get(original).is_some())
}

impl File {
    fn load(name: &str) -> Option<Self> {
        let plain = Embedded::get(name)?;
        let compressed = COMPRESSED.into_iter().filter_map(|(coding, ending)| {
            let file = Embedded::get(&format!("{name}{ending}"))?;
            Some((coding, bytes(file)))
        });
        let mut variants: Vec<(Coding, Bytes)> = compressed.collect();
        let content_type = HeaderValue::from_str(plain.metadata.mimetype()).ok()?;
        let hash = hex(&plain.metadata.sha256_hash());
        variants.push((Coding::Identity, bytes(plain)));
        Some(Self { content_type, hash, variants })
    }
}

fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

/// The first half of a hash, which is plenty to tell a file's versions apart.
fn hex(hash: &[u8; 32]) -> String {
    hash[..16].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
