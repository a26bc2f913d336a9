//! The writer of markdown-like text that all formats share.

/// What stands between two blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Item,
    Row,
}

/// Writes headings, paragraphs, list items and table rows; white space inside them becomes one space.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    text: String,
    last: Option<Kind>,
}

impl Blocks {
    pub(super) fn heading(&mut self, level: usize, words: &str) {
        let words = one_line(words);
        if !words.is_empty() {
            self.begin(Kind::Text);
            self.text.push_str(&"######"[..level.clamp(1, 6)]);
            self.text.push(' ');
            self.text.push_str(&words);
        }
    }

    pub(super) fn paragraph(&mut self, words: &str) {
        let words = one_line(words);
        if !words.is_empty() {
            self.begin(Kind::Text);
            self.text.push_str(&words);
        }
    }

    /// Text whose line breaks matter.
    pub(super) fn lines(&mut self, lines: &str) {
        let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
        let text = lines.join("\n");
        if !text.trim().is_empty() {
            self.begin(Kind::Text);
            self.text.push_str(text.trim_matches('\n'));
        }
    }

    /// A list item, `depth` lists deep from 0, with its number where the list is ordered.
    pub(super) fn item(&mut self, depth: usize, number: Option<usize>, words: &str) {
        let words = one_line(words);
        if words.is_empty() {
            return;
        }
        self.begin(Kind::Item);
        self.text.push_str(&"          "[..(2 * depth).min(10)]);
        match number {
            Some(number) => {
                self.text.push_str(&number.to_string());
                self.text.push_str(". ");
            }
            None => self.text.push_str("- "),
        }
        self.text.push_str(&words);
    }

    /// A table row; a row with one filled cell alone is a paragraph.
    pub(super) fn row(&mut self, cells: &[String]) {
        let cells: Vec<String> = cells.iter().map(|cell| one_line(&cell.replace('|', "/"))).collect();
        match cells.iter().filter(|cell| !cell.is_empty()).count() {
            0 => {}
            1 if cells.len() == 1 => self.paragraph(&cells[0]),
            _ => {
                self.begin(Kind::Row);
                self.text.push_str(cells.join(" | ").trim_end());
            }
        }
    }

    /// Ends a list or a table, so that the next one stands apart.
    pub(super) fn end_group(&mut self) {
        self.last = self.last.map(|_| Kind::Text);
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn begin(&mut self, kind: Kind) {
        match self.last {
            None => {}
            Some(last) if last == kind && kind != Kind::Text => self.text.push('\n'),
            Some(_) => self.text.push_str("\n\n"),
        }
        self.last = Some(kind);
    }
}

pub(super) fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stand_apart_and_items_and_rows_together() {
        let mut blocks = Blocks::default();
        blocks.heading(2, " A \n title ");
        blocks.paragraph("words");
        blocks.item(0, None, "one");
        blocks.item(1, Some(2), "two");
        blocks.row(&["a".to_owned(), String::new(), "b|c".to_owned()]);
        blocks.row(&["d".to_owned(), "e".to_owned()]);
        blocks.end_group();
        blocks.row(&["f".to_owned(), "g".to_owned()]);
        blocks.row(&["alone".to_owned()]);
        blocks.paragraph("  ");
        assert_eq!(blocks.finish(), "## A title\n\nwords\n\n- one\n  2. two\n\na |  | b/c\nd | e\n\nf | g\n\nalone");
    }
}
