//! What people write, in the marks of a chat: emphasis, lists, links, quotes and code, and nothing else.
//!
//! Marks come from here alone. In Slack `&`, `<` and `>` are escaped, so that nobody calls a whole channel with what stands in a ticket; in Teams
//! what could be a tag is. Cut into pieces that fit, where a line or a word ends; nothing is left out.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];
/// The longest of what stands for one character, such as `&quot;`.
const LONGEST_ENTITY: usize = 6;

/// Whose marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connectors) enum Dialect {
    Slack,
    Teams,
}

impl Dialect {
    /// What stands before and after something emphasised.
    const fn mark(self, tag: TagEnd) -> &'static str {
        match (self, tag) {
            (Self::Slack, TagEnd::Strong) => "*",
            (Self::Teams, TagEnd::Strong) => "**",
            (_, TagEnd::Emphasis) => "_",
            (Self::Slack, TagEnd::Strikethrough) => "~",
            (Self::Teams, TagEnd::Strikethrough) => "~~",
            _ => "",
        }
    }

    const fn bullet(self) -> &'static str {
        match self {
            Self::Slack => "• ",
            Self::Teams => "- ",
        }
    }

    /// What a character counts against the limits: Slack counts characters, Teams the bytes of its JSON.
    fn cost(self, c: char) -> usize {
        match (self, c) {
            (Self::Slack, _) => 1,
            (Self::Teams, '"' | '\\' | '\n' | '\r' | '\t') => 2,
            (Self::Teams, c) if c.is_control() => 6,
            (Self::Teams, c) => c.len_utf8(),
        }
    }

    /// What a text counts against the limits.
    pub(in crate::connectors) fn size(self, text: &str) -> usize {
        text.chars().map(|c| self.cost(c)).sum()
    }

    /// Text as nothing but text.
    pub(in crate::connectors) fn escaped(self, text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            match (self, c) {
                (_, '<') => escaped.push_str("&lt;"),
                (_, '>') => escaped.push_str("&gt;"),
                (_, '&') => escaped.push_str("&amp;"),
                (_, c) => escaped.push(c),
            }
        }
        escaped
    }

    fn link(self, url: &str, words: &str) -> String {
        let url = url.replace('<', "%3C").replace('>', "%3E").replace('|', "%7C").replace(char::is_whitespace, "%20");
        match self {
            Self::Slack => format!("<{}|{}>", url.replace('&', "&amp;"), words.replace('|', "/").replace('\n', " ")),
            Self::Teams => format!("[{words}]({})", url.replace('(', "%28").replace(')', "%29")),
        }
    }
}

/// A text in pieces of at most so much, in the marks of a chat; each is as long as it can be.
pub(in crate::connectors) fn pieces(text: &str, dialect: Dialect, most: usize) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for block in blocks(text, dialect) {
        for part in cut(&block, dialect, most) {
            match pieces.last_mut() {
                Some(last) if dialect.size(last) + dialect.size("\n\n") + dialect.size(&part) <= most => {
                    last.push_str("\n\n");
                    last.push_str(&part);
                }
                _ => pieces.push(part),
            }
        }
    }
    pieces
}

/// The paragraphs, lists and quotes of a text.
fn blocks(text: &str, dialect: Dialect) -> Vec<String> {
    let mut writer =
        Writer { dialect, blocks: Vec::new(), now: String::new(), lists: Vec::new(), links: Vec::new(), quotes: 0, is_code: false };
    for event in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH) {
        writer.write(event);
    }
    writer.end_block();
    writer.blocks
}

struct Writer {
    dialect: Dialect,
    blocks: Vec<String>,
    now: String,
    /// The next number of each list that is open, if it has numbers.
    lists: Vec<Option<u64>>,
    /// Of each link that is open, where it leads, if it may, and where its words begin.
    links: Vec<(Option<String>, usize)>,
    quotes: usize,
    is_code: bool,
}

impl Writer {
    fn write(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.links.is_empty() && !self.is_code => self.linked(&text),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::FootnoteReference(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => {
                let escaped = self.dialect.escaped(&text);
                self.now.push_str(&escaped);
            }
            Event::Code(text) => {
                let escaped = self.dialect.escaped(&text);
                self.now.extend(["`", &escaped, "`"]);
            }
            Event::SoftBreak | Event::HardBreak => self.line(),
            Event::Rule => self.now.push_str("———"),
            Event::TaskListMarker(done) => self.now.push_str(if done { "[x] " } else { "[ ] " }),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are marks or nothing, by one table")]
    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Link { dest_url, .. } => {
                let leads = SCHEMES.iter().any(|scheme| dest_url.starts_with(scheme));
                self.links.push((leads.then(|| dest_url.to_string()), self.now.len()));
            }
            Tag::List(first) => self.lists.push(*first),
            Tag::Item => {
                self.line();
                let depth = self.lists.len().saturating_sub(1);
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => self.dialect.bullet().to_owned(),
                };
                self.now.push_str(&"    ".repeat(depth));
                self.now.push_str(&mark);
            }
            Tag::BlockQuote(_) => {
                self.line();
                self.quotes += 1;
                if self.now.is_empty() || self.now.ends_with('\n') {
                    self.now.push_str("> ");
                }
            }
            Tag::CodeBlock(_) => {
                self.is_code = true;
                self.line();
                self.now.push_str("```\n");
            }
            // Not where a mark for an item or a quote waits for it.
            Tag::Paragraph if !self.now.ends_with(' ') => self.line(),
            Tag::Heading { .. } => self.now.push_str(self.dialect.mark(TagEnd::Strong)),
            other => self.now.push_str(self.dialect.mark(other.to_end())),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are marks or nothing, by one table")]
    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Link => {
                if let Some((Some(url), at)) = self.links.pop() {
                    let words = self.now.split_off(at.min(self.now.len()));
                    self.now.push_str(&self.dialect.link(&url, &words));
                }
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::CodeBlock => {
                self.is_code = false;
                if !self.now.ends_with('\n') {
                    self.now.push('\n');
                }
                self.now.push_str("```");
            }
            TagEnd::Heading(_) => self.now.push_str(self.dialect.mark(TagEnd::Strong)),
            other => self.now.push_str(self.dialect.mark(other)),
        }
        let is_block = matches!(
            tag,
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock
        );
        if is_block && self.lists.is_empty() && self.quotes == 0 {
            self.end_block();
        }
    }

    /// Text in which addresses of pages become links.
    fn linked(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
            let (before, found) = rest.split_at(at);
            let end = found.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(found.len());
            let url = found[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
            let (before, words) = (self.dialect.escaped(before), self.dialect.escaped(url));
            self.now.extend([before, self.dialect.link(url, &words)]);
            rest = &found[url.len()..];
        }
        let escaped = self.dialect.escaped(rest);
        self.now.push_str(&escaped);
    }

    /// Ends a line, unless it has not begun; in a quote the next one begins as one of it.
    fn line(&mut self) {
        if self.now.is_empty() || self.now.ends_with('\n') {
            return;
        }
        self.now.push('\n');
        if self.quotes > 0 {
            self.now.push_str("> ");
        }
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.now);
        if !block.trim().is_empty() {
            self.blocks.push(block.trim_end().to_owned());
        }
    }
}

/// A block in parts of at most so much: cut where a line ends, else a word, else anywhere but within what belongs together.
fn cut(block: &str, dialect: Dialect, most: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = block;
    while dialect.size(rest) > most {
        let mut spent = 0;
        let over = rest.char_indices().find(|(_, c)| {
            spent += dialect.cost(*c);
            spent > most
        });
        let longest = over.map_or(rest.len(), |(at, _)| at);
        let window = &rest[..longest];
        let whole = |at: &usize| *at > 0 && !is_within_link(&rest[..*at], dialect);
        let at_line = window.rmatch_indices('\n').map(|(at, _)| at).find(whole).filter(|at| *at > longest / 2);
        let at_word = || window.rmatch_indices(char::is_whitespace).map(|(at, _)| at).find(whole);
        let at = at_line.or_else(at_word).unwrap_or_else(|| within_word(window));
        let (part, left) = rest.split_at(at.max(rest.chars().next().map_or(1, char::len_utf8)));
        parts.push(part.trim_end().to_owned());
        rest = left.trim_start_matches(['\n', ' ']);
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    parts
}

/// Whether a text ends in the middle of a link.
fn is_within_link(text: &str, dialect: Dialect) -> bool {
    let (open, close) = match dialect {
        Dialect::Slack => ('<', '>'),
        Dialect::Teams => ('[', ')'),
    };
    text.rfind(open) > text.rfind(close)
}

/// The end of a word that is too long, or before what stands for one character there.
fn within_word(window: &str) -> usize {
    let begun = window.rfind('&').filter(|at| window.len() - at < LONGEST_ENTITY && !window[*at..].contains(';'));
    begun.unwrap_or(window.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Lot 26-08\n\nMay it be **posted** & _today_?\n\n- one <!channel>\n- two\n  - deep\n\n1. first\n2. second\n\n\
        See [the rule](https://desk.example/?a=1&b=2), https://desk.example/x and [nothing](javascript:x).\n\n> quoted\n> twice\n\n`a < b`\n\n\
        ```\ncode *here*\n```\n\nline one\nline two ~~gone~~";

    #[test]
    fn emphasis_lists_and_links_survive_in_slack_and_nobody_is_called() {
        let written = pieces(TEXT, Dialect::Slack, 3000);
        assert_eq!(
            written,
            ["*Lot 26-08*\n\nMay it be *posted* &amp; _today_?\n\n• one &lt;!channel&gt;\n• two\n    • deep\n\n1. first\n2. second\n\n\
              See <https://desk.example/?a=1&amp;b=2|the rule>, <https://desk.example/x|https://desk.example/x> and nothing.\n\n> quoted\n> twice\n\n\
              `a &lt; b`\n\n```\ncode *here*\n```\n\nline one\nline two ~gone~"]
        );
    }

    #[test]
    fn emphasis_lists_and_links_survive_in_teams() {
        let written = pieces(TEXT, Dialect::Teams, 3000).join("");
        for kept in
            ["**Lot 26-08**", "**posted**", "_today_", "- one &lt;!channel&gt;", "2. second", "[the rule](https://desk.example/?a=1&b=2)"]
        {
            assert!(written.contains(kept), "{kept}: {written}");
        }
    }

    #[test]
    fn a_long_text_is_cut_where_words_end_and_nothing_is_lost() {
        let words: Vec<String> = (0..3000).map(|number| format!("word{number}")).collect();
        let text = format!("{}\n\n[a link to it](https://desk.example/)\n\n{}", words.join(" "), "&".repeat(500));
        for dialect in [Dialect::Slack, Dialect::Teams] {
            let cut = pieces(&text, dialect, 1000);
            assert!(cut.iter().all(|piece| dialect.size(piece) <= 1000), "{dialect:?}");
            let joined = cut.join(" ");
            let kept: Vec<&str> = joined.split_whitespace().filter(|word| word.starts_with("word")).collect();
            assert_eq!(kept, words, "{dialect:?}");
            assert_eq!(cut.concat().matches("&amp;").count(), 500, "{dialect:?}: nothing that stands for one character is torn");
        }
    }

    #[test]
    fn a_link_is_not_torn() {
        let text = format!("{} [{}](https://desk.example/)", "x".repeat(80), "many words of it");
        assert_eq!(pieces(&text, Dialect::Slack, 100), ["x".repeat(80), "<https://desk.example/|many words of it>".to_owned()]);
    }
}
