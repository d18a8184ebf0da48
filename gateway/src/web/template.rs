//! The page as the app's build leaves it, with three places to fill.

use bytes::Bytes;

/// Gives way to what the page is about.
const TITLE: &str = "<title>Pollster</title>";
/// What is around the page's data, which the build leaves empty.
const DATA: (&str, &str) = ("<script type=\"application/json\" id=\"page\">", "</script>");
/// Begins what the app takes the place of.
const ROOT: &str = "<div id=\"root\">";

/// The page in pieces, split once so that filling it is copying.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template {
    before_title: String,
    before_data: String,
    before_root: String,
    after_root: String,
}

impl Template {
    /// `None` where a page has not all places.
    pub(super) fn parse(html: &str) -> Option<Self> {
        let (before_title, rest) = html.split_once(TITLE)?;
        let (before_data, rest) = rest.split_once(&format!("{}{{}}{}", DATA.0, DATA.1))?;
        let (before_root, after_root) = rest.split_once(ROOT)?;
        Some(Self {
            before_title: before_title.to_owned(),
            before_data: format!("{before_data}{}", DATA.0),
            before_root: format!("{}{before_root}{ROOT}", DATA.1),
            after_root: after_root.to_owned(),
        })
    }

    /// The page with `head`, a title and whatever else is HTML for its head, with `data`, JSON that can't end a
    /// script, and with `picture`, the HTML that is there until the app is.
    pub(super) fn fill(&self, head: &str, data: &str, picture: &str) -> Bytes {
        let Self { before_title, before_data, before_root, after_root } = self;
        [before_title, head, before_data, data, before_root, picture, after_root].concat().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [&str; 3] = [
        "<title>Pollster</title>",
        "<script type=\"application/json\" id=\"page\">{}</script>",
        "<div id=\"root\">",
    ];

    #[test]
    fn all_places_are_filled_and_the_rest_stays() {
        let [title, data, root] = PLACES;
        let html = format!("<head>{title}<i>{data}</head><body>{root}</div></body>");
        let template = Template::parse(&html).unwrap();
        assert_eq!(template.fill("<title>Pollster</title>", "{}", ""), html);
        let filled = "<head><title>A</title><i><script type=\"application/json\" id=\"page\">[1]</script></head>\
                      <body><div id=\"root\"><h1>A</h1></div></body>";
        assert_eq!(template.fill("<title>A</title>", "[1]", "<h1>A</h1>"), filled);
    }

    #[test]
    fn a_page_without_a_place_is_no_template() {
        for missing in PLACES {
            assert_eq!(Template::parse(&PLACES.concat().replace(missing, "")), None, "{missing}");
        }
        assert!(Template::parse(&PLACES.concat()).is_some());
    }
}
