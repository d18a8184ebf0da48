//! A mail's texts with their places filled in.

use crate::html::escape;

/// A kind of mail: a subject, and a text for every way of reading it.
pub trait Template {
    /// The plain text, with a `{{name}}` for each value.
    const TEXT: &'static str;
    /// The same as HTML.
    const HTML: &'static str;
    /// Of a mail with a list the plain text of each row; the rows stand where the text has `{{rows}}`.
    const ROW_TEXT: &'static str = "";
    /// The same as HTML.
    const ROW_HTML: &'static str = "";

    /// The subject.
    fn subject(&self) -> String;

    /// What belongs in each place, by its name.
    fn values(&self) -> Vec<(&'static str, &str)>;

    /// What belongs in each place of each row, in their order.
    fn rows(&self) -> Vec<Vec<(&'static str, &str)>> {
        Vec::new()
    }

    /// The plain text.
    fn text(&self) -> String {
        fill_rows(Self::TEXT, Self::ROW_TEXT, self, str::to_owned)
    }

    /// The HTML, its values escaped.
    fn html(&self) -> String {
        fill_rows(Self::HTML, Self::ROW_HTML, self, escape)
    }
}

/// Where the rows stand.
const ROWS: &str = "{{rows}}";

/// Fills a mail's text, and the text of each row in the place of the rows.
fn fill_rows(
    text: &str,
    row: &str,
    mail: &(impl Template + ?Sized),
    escape: impl Fn(&str) -> String,
) -> String {
    let values = mail.values();
    let Some((before, after)) = text.split_once(ROWS) else { return fill(text, &values, escape) };
    let rows: String = mail.rows().iter().map(|values| fill(row, values, &escape)).collect();
    [fill(before, &values, &escape), rows, fill(after, &values, &escape)].concat()
}

/// Fills each place once; a value that looks like a place stays as it is.
fn fill(template: &str, values: &[(&str, &str)], escape: impl Fn(&str) -> String) -> String {
    let mut parts = template.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or_else(|| unreachable!("a place ends: {part}"));
        let value = values.iter().find(|(known, _)| *known == name);
        let (_, value) = value.unwrap_or_else(|| unreachable!("every place has its value: {name}"));
        filled.push_str(&escape(value));
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_text_and_never_markup_or_a_place() {
        let values = [("name", "<b title=\"'\">&{{link}}"), ("link", "x")];
        let template = "Hello {{name}}, {{link}}.";
        assert_eq!(fill(template, &values, str::to_owned), "Hello <b title=\"'\">&{{link}}, x.");
        let escaped = "Hello &lt;b title=&quot;&#39;&quot;&gt;&amp;{{link}}, x.";
        assert_eq!(fill(template, &values, escape), escaped);
    }
}
