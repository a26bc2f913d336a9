//! The HTML part of a mail, of what people write: emphasis, lists, links, quotes and code, and nothing else.
//!
//! Tags come from here alone; all that was written is escaped. Nothing is loaded from anywhere: an image becomes its words.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// A page with the text as HTML.
pub(super) fn page(text: &str) -> String {
    format!("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n{}</body></html>\n", fragment(text))
}

fn fragment(text: &str) -> String {
    let mut writer = Writer::default();
    for event in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH) {
        writer.write(event);
    }
    writer.html
}

#[derive(Default)]
struct Writer {
    html: String,
    /// Whether each link that is open leads somewhere it may.
    links: Vec<bool>,
    /// How many places are open in which an address is no link by itself.
    plain: usize,
}

impl Writer {
    fn write(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.plain == 0 => self.linked(&text),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::FootnoteReference(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => self.escaped(&text),
            Event::Code(text) => {
                self.html.push_str("<code>");
                self.escaped(&text);
                self.html.push_str("</code>");
            }
            // Who writes a mail means the line breaks.
            Event::SoftBreak | Event::HardBreak => self.html.push_str("<br>\n"),
            Event::Rule => self.html.push_str("<hr>\n"),
            Event::TaskListMarker(done) => self.html.push_str(if done { "[x] " } else { "[ ] " }),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are elements or nothing, by one table")]
    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Link { dest_url, .. } => {
                let leads = SCHEMES.iter().any(|scheme| dest_url.starts_with(scheme));
                if leads {
                    self.html.push_str("<a href=\"");
                    self.escaped(dest_url);
                    self.html.push_str("\">");
                }
                self.links.push(leads);
                self.plain += 1;
            }
            Tag::CodeBlock(_) => {
                self.html.push_str("<pre>");
                self.plain += 1;
            }
            Tag::List(Some(first)) if *first != 1 => self.html.extend(["<ol start=\"", &first.to_string(), "\">\n"]),
            other => self.tag("<", element(other.to_end()), ">"),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are elements or nothing, by one table")]
    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Link => {
                self.plain = self.plain.saturating_sub(1);
                if self.links.pop() == Some(true) {
                    self.html.push_str("</a>");
                }
            }
            TagEnd::CodeBlock => {
                self.plain = self.plain.saturating_sub(1);
                self.html.push_str("</pre>\n");
            }
            other => {
                let is_block = !matches!(other, TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough);
                self.tag("</", element(other), if is_block { ">\n" } else { ">" });
            }
        }
    }

    fn tag(&mut self, before: &str, element: &str, after: &str) {
        if !element.is_empty() {
            self.html.extend([before, element, after]);
        }
    }

    /// Text in which addresses of pages become links.
    fn linked(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
            let (before, found) = rest.split_at(at);
            let end = found.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(found.len());
            let address = found[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
            self.escaped(before);
            self.html.push_str("<a href=\"");
            self.escaped(address);
            self.html.push_str("\">");
            self.escaped(address);
            self.html.push_str("</a>");
            rest = &found[address.len()..];
        }
        self.escaped(rest);
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.html.push_str("&amp;"),
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                '"' => self.html.push_str("&quot;"),
                c => self.html.push(c),
            }
        }
    }
}

/// The element of a tag; nothing for those that are left out.
const fn element(tag: TagEnd) -> &'static str {
    match tag {
        TagEnd::Paragraph => "p",
        TagEnd::Heading(_) => "h3",
        TagEnd::BlockQuote(_) => "blockquote",
        TagEnd::List(true) => "ol",
        TagEnd::List(false) => "ul",
        TagEnd::Item => "li",
        TagEnd::Emphasis => "em",
        TagEnd::Strong => "strong",
        TagEnd::Strikethrough => "s",
        TagEnd::CodeBlock
        | TagEnd::Link
        | TagEnd::Image
        | TagEnd::HtmlBlock
        | TagEnd::FootnoteDefinition
        | TagEnd::DefinitionList
        | TagEnd::DefinitionListTitle
        | TagEnd::DefinitionListDefinition
        | TagEnd::Table
        | TagEnd::TableHead
        | TagEnd::TableRow
        | TagEnd::TableCell
        | TagEnd::Superscript
        | TagEnd::Subscript
        | TagEnd::MetadataBlock(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emphasis_lists_and_links_survive() {
        let html = fragment(
            "Hello **Ana**,\nplease *look*:\n\n1. one\n2. two\n\n- [the form](https://desk.example/?a=1&b=2)\n\nSee https://desk.example/x_y.",
        );
        assert_eq!(
            html,
            "<p>Hello <strong>Ana</strong>,<br>\nplease <em>look</em>:</p>\n<ol><li>one</li>\n<li>two</li>\n</ol>\n<ul><li>\
             <a href=\"https://desk.example/?a=1&amp;b=2\">the form</a></li>\n</ul>\n<p>See <a href=\"https://desk.example/x_y\">\
             https://desk.example/x_y</a>.</p>\n"
        );
    }

    #[test]
    fn nothing_that_was_written_becomes_a_tag_or_leads_astray() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](data:text/html,<script>)",
            "![x](https://spy.example/pixel.gif)",
            "<a href=\"https://spy.example\" onclick=\"x()\">y</a>",
            "[x](https://desk.example/\"onmouseover=\"x)",
            "https://desk.example/\"><script>",
            "`<b>` and\n\n```\n<script>\n```",
        ] {
            let html = fragment(hostile);
            for tag in html.split('<').skip(1) {
                let (tag, _) = tag.split_once('>').unwrap();
                let name = tag.split(' ').next().unwrap();
                assert!(["p", "/p", "a", "/a", "code", "/code", "pre", "/pre", "br"].contains(&name), "{hostile}: {html}");
                let mut attributes = tag.split(' ').skip(1);
                assert!(
                    attributes.all(|one| SCHEMES.iter().any(|scheme| one.starts_with(&format!("href=\"{scheme}")))),
                    "{hostile}: {html}"
                );
            }
        }
    }
}
