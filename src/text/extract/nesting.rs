//! How deep a page's elements nest, found in one linear pass before a parser builds on them.
//!
//! A tree builder needs time in the square of the depth, and rebuilds every open formatting element in every new paragraph. Both are
//! counted here as work, and a page that asks for too much is refused. The scan errs on the strict side.

use super::{ExtractError, Limits};

/// Steps that a tree builder may need: the depth summed over all tags.
const WORK_MAX: usize = 100_000_000;
/// Formatting elements that a tree builder may have to rebuild.
const REBUILT_MAX: usize = 4_000_000;

const VOID: &[&str] = &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements whose end is implied, so that rows of them don't nest.
const IMPLIED_END: &[&str] =
    &["p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "rt", "rp", "html", "head", "body"];
const FORMATTING: &[&str] = &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// Elements that an end tag from inside them can't close past.
const BARRIER: &[&str] = &["table", "caption", "object", "template", "applet", "marquee", "svg", "math"];
/// Elements whose content is text up to their own end tag.
const RAW: &[&str] = &["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];

/// Refuses a page that nests too deep or would cost its parser too much.
pub(super) fn check(page: &str, limits: &Limits) -> Result<(), ExtractError> {
    let too_deep = ExtractError::TooDeep { limit: limits.max_depth };
    let mut scan = Scan::default();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let (closing, tag) = rest.strip_prefix('/').map_or((false, rest), |tag| (true, tag));
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let name_length = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).unwrap_or(tag.len());
        let name = tag[..name_length].to_ascii_lowercase();
        let end = tag_end(&tag[name_length..]).map_or(tag.len(), |end| name_length + end);
        rest = &tag[end..];
        if closing {
            scan.close(&name);
        } else {
            let empty = tag[..end].ends_with("/>") && scan.foreign > 0;
            scan.open(&name, empty);
            if scan.foreign == 0 && RAW.contains(&name.as_str()) {
                rest = after_raw(rest, &name);
                scan.close(&name);
            }
        }
        if scan.open.len() > limits.max_depth || scan.work > WORK_MAX || scan.rebuilt > REBUILT_MAX {
            return Err(too_deep);
        }
    }
    Ok(())
}

/// Where a tag ends, just past `>`; quoted attribute values may hold one.
fn tag_end(attributes: &str) -> Option<usize> {
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in attributes.bytes().enumerate() {
        match quote {
            Some(open) if byte == open => quote = None,
            None if byte == b'>' => return Some(at + 1),
            None if after_equals && matches!(byte, b'"' | b'\'') => quote = Some(byte),
            Some(_) | None => {}
        }
        after_equals = quote.is_none() && (byte == b'=' || (after_equals && byte.is_ascii_whitespace()));
    }
    None
}

fn after_raw<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let start = from + at + 2;
        if rest.as_bytes().get(start..start + name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes())) {
            return rest[start..].find('>').map_or("", |end| &rest[start + end + 1..]);
        }
        from = start;
    }
    ""
}

#[derive(Default)]
struct Scan {
    open: Vec<String>,
    foreign: usize,
    formatting: usize,
    work: usize,
    rebuilt: usize,
}

impl Scan {
    fn open(&mut self, name: &str, empty: bool) {
        self.work += self.open.len();
        self.rebuilt += self.formatting;
        if empty || VOID.contains(&name) || (self.foreign == 0 && IMPLIED_END.contains(&name)) {
            return;
        }
        self.foreign += usize::from(matches!(name, "svg" | "math"));
        self.formatting += usize::from(FORMATTING.contains(&name));
        self.open.push(name.to_owned());
    }

    fn close(&mut self, name: &str) {
        let barrier = self.open.iter().rposition(|open| open == name || BARRIER.contains(&open.as_str()));
        self.work += self.open.len() - barrier.unwrap_or(0);
        let Some(at) = barrier.filter(|at| self.open[*at] == name) else { return };
        for closed in self.open.drain(at..) {
            self.foreign -= usize::from(matches!(closed.as_str(), "svg" | "math"));
            // An element closed from outside is opened again by the parser, so only its own end tag takes it off the list.
            self.formatting -= usize::from(closed == name && FORMATTING.contains(&closed.as_str()) && self.formatting > 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deep(page: &str) -> bool {
        check(page, &Limits::default()).is_err()
    }

    #[test]
    fn deep_pages_are_refused_however_they_hide() {
        let n = 100_000;
        assert!(deep(&"<div>".repeat(n)));
        assert!(deep(&"<div></span>".repeat(n)));
        assert!(deep(&"<div><table><tr><td></div>".repeat(n)));
        assert!(deep(&format!("<svg><title>{}", "<g>".repeat(n))));
        assert!(deep(&"<div title='>' a=\"</div>\">".repeat(n)));
        assert!(deep(&"<DIV/>".repeat(n)));
    }

    #[test]
    fn formatting_that_would_be_rebuilt_without_end_is_refused() {
        let opened: String = (0..900).map(|n| format!("<b id={n}>")).collect::<Vec<_>>().concat();
        assert!(deep(&format!("{opened}{}", "<p>x</p>".repeat(100_000))));
        assert!(deep(&format!("<div>{opened}</div>{}", "<p>x</p>".repeat(100_000))));
    }

    #[test]
    fn long_flat_pages_pass() {
        let n = 50_000;
        assert!(!deep(&"<p>a<br><b>x</b>".repeat(n)));
        assert!(!deep(&format!("<table>{}</table>", "<tr><td>a<td>b".repeat(n))));
        assert!(!deep(&format!("<script>{}</script><p>x", "<div>".repeat(n))));
        assert!(!deep(&format!("<!-- {} --><p>x", "<div>".repeat(n))));
        assert!(!deep(&"<".repeat(n)));
    }
}
