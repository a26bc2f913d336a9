//! Markdown, written anew in the room's own plain way: links keep their words, raw HTML is left out.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::blocks::Blocks;
use super::{ExtractError, Extracted, Limits, plain, title_of};

pub(super) fn extract(bytes: &[u8], limits: &Limits) -> Result<Extracted, ExtractError> {
    let source = plain::decode(bytes, false);
    check_depth(&source, limits.max_depth)?;
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut writer = Writer::default();
    for event in Parser::new_ext(&source, options) {
        writer.event(event);
        if writer.blocks.len() > limits.max_text_bytes {
            return Err(ExtractError::TooLarge { what: "bytes of text", limit: limits.max_text_bytes });
        }
    }
    writer.flush();
    Ok(Extracted { title: writer.title, text: writer.blocks.finish(), ..Extracted::default() })
}

/// Quotes and lists nest by the marks at a line's start, which are counted before the parser builds on them.
fn check_depth(source: &str, limit: usize) -> Result<(), ExtractError> {
    let deepest = source
        .lines()
        .map(|line| {
            line.bytes()
                .take_while(|byte| matches!(byte, b' ' | b'\t' | b'>' | b'-' | b'*' | b'+'))
                .filter(|byte| !byte.is_ascii_whitespace())
                .count()
        })
        .max()
        .unwrap_or(0);
    if deepest > limit.max(200) { Err(ExtractError::TooDeep { limit }) } else { Ok(()) }
}

#[derive(Default)]
struct Writer {
    blocks: Blocks,
    title: Option<String>,
    words: String,
    /// The next number of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    cells: Vec<String>,
    /// Whether the words so far begin a list item.
    in_item: bool,
    metadata: bool,
    code: bool,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.metadata => self.metadata(&text),
            Event::Text(text) | Event::Code(text) => self.words.push_str(&text),
            Event::SoftBreak | Event::HardBreak => self.words.push(if self.code { '\n' } else { ' ' }),
            Event::Rule => {
                self.flush();
                self.blocks.end_group();
            }
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::List(first) => {
                self.flush();
                self.lists.push(*first);
            }
            Tag::Item => {
                self.flush();
                self.in_item = true;
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.code = true;
            }
            Tag::Table(_) => {
                self.flush();
                self.blocks.end_group();
            }
            Tag::MetadataBlock(_) => self.metadata = true,
            Tag::Heading { .. }
            | Tag::Paragraph
            | Tag::BlockQuote(_)
            | Tag::HtmlBlock
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition => self.flush(),
            Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. } => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                let words = std::mem::take(&mut self.words);
                if level == HeadingLevel::H1 && self.title.is_none() {
                    self.title = title_of(&words);
                }
                self.blocks.heading(level as usize, &words);
            }
            TagEnd::Item => {
                self.flush();
                self.in_item = false;
                if let Some(Some(number)) = self.lists.last_mut() {
                    *number += 1;
                }
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
                if self.lists.is_empty() {
                    self.blocks.end_group();
                }
            }
            TagEnd::TableCell => self.cells.push(std::mem::take(&mut self.words)),
            TagEnd::TableHead | TagEnd::TableRow => self.blocks.row(&std::mem::take(&mut self.cells)),
            TagEnd::Table => self.blocks.end_group(),
            TagEnd::CodeBlock => {
                self.blocks.lines(&std::mem::take(&mut self.words));
                self.code = false;
            }
            TagEnd::MetadataBlock(_) => self.metadata = false,
            TagEnd::Paragraph
            | TagEnd::BlockQuote(_)
            | TagEnd::HtmlBlock
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition => self.flush(),
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image => {}
        }
    }

    fn metadata(&mut self, block: &str) {
        let stated = block.lines().find_map(|line| line.strip_prefix("title:"));
        self.title = stated.and_then(|title| title_of(title.trim().trim_matches(['"', '\''])));
    }

    fn flush(&mut self) {
        let words = std::mem::take(&mut self.words);
        if words.trim().is_empty() {
            return;
        }
        if self.in_item {
            let number = self.lists.last().copied().flatten().and_then(|number| usize::try_from(number).ok());
            self.blocks.item(self.lists.len().saturating_sub(1), number, &words);
            self.in_item = false;
        } else {
            self.blocks.paragraph(&words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> String {
        extract(source.as_bytes(), &Limits::default()).unwrap().text
    }

    #[test]
    fn markdown_is_written_anew_without_marks() {
        let source = "---\ntitle: \"The title\"\n---\n# Head\n\nSome *very*\n[nice](https://x.example) `code`.\n\n1. one\n2. two\n   - inner\n\n| A | B |\n|---|---|\n| 1 | **2** |\n\n```\na\n  b\n```\n<script>x()</script>\n";
        let found = extract(source.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(found.title.as_deref(), Some("The title"));
        assert_eq!(found.text, "# Head\n\nSome very nice code.\n\n1. one\n2. two\n  - inner\n\nA | B\n1 | 2\n\na\n  b");
    }

    #[test]
    fn the_first_heading_is_the_title_and_items_with_paragraphs_stay_items() {
        assert_eq!(extract(b"# Refunds\n\ntext", &Limits::default()).unwrap().title.as_deref(), Some("Refunds"));
        assert_eq!(text("- one\n\n  more\n\n- two\n"), "- one\n\nmore\n\n- two");
    }

    #[test]
    fn quotes_a_hundred_thousand_deep_are_refused() {
        let deep = format!("{}x", ">".repeat(100_000));
        assert_eq!(extract(deep.as_bytes(), &Limits::default()), Err(ExtractError::TooDeep { limit: 1_000 }));
    }
}
