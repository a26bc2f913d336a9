//! From placed letters to text: lines, headings by size, paragraphs by distance, list items, table rows; running heads dropped.
//!
//! The order is the one in which the file draws, which follows the columns in nearly every file that a program made.

use std::collections::HashMap;

use super::blocks::Blocks;

/// Lines this much larger than the body are headings.
const HEADING_RATIO: f64 = 1.12;
/// A heading is no longer than this, in words.
const HEADING_WORDS_MAX: usize = 16;
/// A gap this wide, in letter sizes, parts the cells of a table.
const CELL_GAP: f64 = 1.6;

/// A letter, or a few, as drawn.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) x: f64,
    /// From the bottom of the page.
    pub(super) y: f64,
    pub(super) size: f64,
    pub(super) advance: f64,
    pub(super) text: String,
}

/// What a page draws, in order.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) glyphs: Vec<Glyph>,
}

#[derive(Debug, Clone)]
struct Line {
    cells: Vec<String>,
    page: usize,
    y: f64,
    end: f64,
    size: f64,
    /// Whether it stands in the outer tenth of its page.
    at_edge: bool,
}

impl Line {
    fn words(&self) -> String {
        self.cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Writes the text of the pages, and says the first heading.
pub(super) fn write(pages: &[Page]) -> (String, Option<String>) {
    let mut lines: Vec<Line> = pages.iter().enumerate().flat_map(|(number, page)| lines_of(number, page)).collect();
    drop_running_heads(&mut lines, pages.len());
    let body = body_size(&lines);
    let spacing = body_spacing(&lines, body);
    let levels = heading_sizes(&lines, body);
    let mut writer = Writer { blocks: Blocks::default(), paragraph: String::new(), item: None, first_heading: None };
    let mut previous: Option<&Line> = None;
    for line in &lines {
        writer.line(line, previous, &Measures { body, spacing, levels: &levels });
        previous = Some(line);
    }
    writer.flush();
    (writer.blocks.finish(), writer.first_heading)
}

fn lines_of(number: usize, page: &Page) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let tenth = (page.top - page.bottom) / 10.0;
    for glyph in &page.glyphs {
        if glyph.text.is_empty() || glyph.size <= 0.0 {
            continue;
        }
        let at_edge = glyph.y > page.top - tenth || glyph.y < page.bottom + tenth;
        match lines.last_mut() {
            Some(line) if (glyph.y - line.y).abs() < 0.45 * line.size.max(glyph.size) && glyph.x > line.end - 1.5 * glyph.size => {
                let gap = glyph.x - line.end;
                let begun = line.cells.last().is_some_and(|cell| !cell.trim().is_empty() && !is_marker(cell.trim()));
                if gap > CELL_GAP * glyph.size && begun {
                    line.cells.push(String::new());
                }
                if let Some(cell) = line.cells.last_mut() {
                    if gap > 0.12 * glyph.size && !cell.is_empty() && !cell.ends_with(' ') {
                        cell.push(' ');
                    }
                    cell.push_str(&glyph.text);
                }
                line.end = line.end.max(glyph.x + glyph.advance);
                if !glyph.text.trim().is_empty() {
                    line.size = line.size.max(glyph.size);
                }
            }
            Some(_) | None => lines.push(Line {
                cells: vec![glyph.text.clone()],
                page: number,
                y: glyph.y,
                end: glyph.x + glyph.advance,
                size: glyph.size,
                at_edge,
            }),
        }
    }
    lines.retain(|line| !line.words().is_empty());
    lines
}

/// Lines that stand at the edge of several pages with the same words, numbers apart, and bare page numbers.
fn drop_running_heads(lines: &mut Vec<Line>, pages: usize) {
    let key = |line: &Line| line.words().chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>().replace("00", "0");
    let mut seen: HashMap<String, usize> = HashMap::new();
    for line in lines.iter().filter(|line| line.at_edge) {
        *seen.entry(key(line)).or_default() += 1;
    }
    let often = if pages <= 3 { 2 } else { pages.div_ceil(2).max(3) };
    let is_number = |line: &Line| line.words().chars().all(|c| c.is_ascii_digit() || " -–—/|".contains(c)) && line.words().len() < 10;
    lines.retain(|line| !line.at_edge || !((pages > 1 && seen.get(&key(line)).is_some_and(|count| *count >= often)) || is_number(line)));
}

/// A size in half points, so that sizes can be counted.
fn rounded(size: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a small range first")]
    let halves = (size * 2.0).round().clamp(0.0, 10_000.0) as i64;
    halves
}

fn as_size(halves: i64) -> f64 {
    f64::from(i32::try_from(halves).unwrap_or(0)) / 2.0
}

/// The size in which most letters are set.
fn body_size(lines: &[Line]) -> f64 {
    let mut letters: HashMap<i64, usize> = HashMap::new();
    for line in lines {
        *letters.entry(rounded(line.size)).or_default() += line.words().len();
    }
    letters.into_iter().max_by_key(|(size, count)| (*count, *size)).map_or(10.0, |(size, _)| as_size(size))
}

/// The usual distance between two lines of the body.
fn body_spacing(lines: &[Line], body: f64) -> f64 {
    let mut gaps: Vec<f64> = lines
        .windows(2)
        .filter(|pair| pair[0].page == pair[1].page && rounded(pair[0].size) == rounded(body) && rounded(pair[1].size) == rounded(body))
        .map(|pair| pair[0].y - pair[1].y)
        .filter(|gap| *gap > 0.5 * body && *gap < 2.0 * body)
        .collect();
    gaps.sort_by(f64::total_cmp);
    // The lower third: within paragraphs, not between them.
    gaps.get(gaps.len() / 3).copied().unwrap_or(1.2 * body)
}

/// The sizes of headings, largest first.
fn heading_sizes(lines: &[Line], body: f64) -> Vec<i64> {
    let mut sizes: Vec<i64> = lines
        .iter()
        .filter(|line| line.size > body * HEADING_RATIO && line.words().split_whitespace().count() <= HEADING_WORDS_MAX)
        .map(|line| rounded(line.size))
        .collect();
    sizes.sort_unstable_by_key(|size| std::cmp::Reverse(*size));
    // Sizes half a point apart are one size.
    sizes.dedup_by(|smaller, larger| *larger - *smaller <= 1);
    sizes.truncate(5);
    sizes
}

struct Measures<'a> {
    body: f64,
    spacing: f64,
    levels: &'a [i64],
}

struct Writer {
    blocks: Blocks,
    paragraph: String,
    /// The marker of the list item that the paragraph is.
    item: Option<Marker>,
    first_heading: Option<String>,
}

impl Writer {
    fn line(&mut self, line: &Line, previous: Option<&Line>, measures: &Measures<'_>) {
        let words = line.words();
        let filled = line.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        if let Some(level) = heading_level(line, &words, measures) {
            self.heading(level, &words);
            return;
        }
        if filled > 1 {
            self.flush();
            self.blocks.row(&line.cells);
            return;
        }
        if let Some((marker, rest)) = marker(&words) {
            self.flush();
            self.item = Some(marker);
            rest.clone_into(&mut self.paragraph);
            return;
        }
        let follows = previous.is_some_and(|previous| continues(previous, line, &self.paragraph, measures));
        if !follows {
            self.flush();
        }
        append(&mut self.paragraph, &words);
    }

    fn heading(&mut self, level: usize, words: &str) {
        self.flush();
        if self.first_heading.is_none() {
            self.first_heading = Some(words.to_owned());
        }
        self.blocks.heading(level, words);
    }

    fn flush(&mut self) {
        let words = std::mem::take(&mut self.paragraph);
        match self.item.take() {
            Some(Marker(number)) => self.blocks.item(0, number, &words),
            None => self.blocks.paragraph(&words),
        }
    }
}

fn heading_level(line: &Line, words: &str, measures: &Measures<'_>) -> Option<usize> {
    let larger = line.size > measures.body * HEADING_RATIO;
    let fits = words.split_whitespace().count() <= HEADING_WORDS_MAX && words.chars().any(char::is_alphabetic);
    let rank = measures.levels.iter().position(|size| size - rounded(line.size) <= 1)?;
    (larger && fits && !words.ends_with([',', ';'])).then_some(rank + 1)
}

/// Whether a line goes on with the paragraph of the line before it.
fn continues(previous: &Line, line: &Line, paragraph: &str, measures: &Measures<'_>) -> bool {
    if paragraph.is_empty() || rounded(previous.size) - rounded(line.size) > 1 || rounded(line.size) - rounded(previous.size) > 1 {
        return false;
    }
    let open = !paragraph.ends_with(['.', '!', '?', ':']);
    let gap = previous.y - line.y;
    if previous.page != line.page || gap < 0.0 {
        // A new page or column: only an open sentence goes on.
        return open && line.cells.first().is_some_and(|cell| cell.trim().starts_with(char::is_lowercase));
    }
    gap <= measures.spacing * 1.3
}

/// Adds a line to a paragraph; a word that was parted at the end of the line is whole again.
fn append(paragraph: &mut String, words: &str) {
    let parted = paragraph.strip_suffix(['-', '\u{AD}', '\u{2010}']).is_some_and(|stem| stem.ends_with(char::is_lowercase))
        && words.starts_with(char::is_lowercase);
    if parted {
        paragraph.pop();
    } else if !paragraph.is_empty() {
        paragraph.push(' ');
    }
    paragraph.push_str(words);
}

fn is_marker(word: &str) -> bool {
    matches!(word, "•" | "–" | "-" | "·" | "▪" | "◦" | "●" | "○" | "■" | "*" | "‣" | "\u{F0B7}" | "\u{F0A7}") || numbered(word).is_some()
}

fn numbered(word: &str) -> Option<usize> {
    word.strip_suffix(['.', ')']).filter(|digits| digits.len() <= 2).and_then(|digits| digits.parse().ok())
}

/// A list item's number, or `None` for a bullet.
struct Marker(Option<usize>);

/// The marker of a list item and the words after it.
fn marker(words: &str) -> Option<(Marker, &str)> {
    let (first, rest) = words.split_once(' ')?;
    (is_marker(first) && !rest.trim().is_empty()).then(|| (Marker(numbered(first)), rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(lines: &[(f64, f64, f64, &str)]) -> Page {
        let glyphs = lines
            .iter()
            .flat_map(|(x, y, size, words)| {
                words.chars().enumerate().map(move |(at, c)| {
                    let at = f64::from(u32::try_from(at).unwrap());
                    Glyph { x: x + at * size * 0.5, y: *y, size: *size, advance: size * 0.5, text: c.to_string() }
                })
            })
            .collect();
        Page { top: 800.0, bottom: 0.0, glyphs }
    }

    #[test]
    fn headings_paragraphs_items_and_rows_are_told_apart() {
        let only = page(&[
            (50.0, 700.0, 20.0, "Set up"),
            (50.0, 670.0, 10.0, "Plug the router in and wait for the first light to be-"),
            (50.0, 658.0, 10.0, "come white. Then go on with the next step."),
            (50.0, 640.0, 10.0, "A second paragraph."),
            (50.0, 620.0, 14.0, "Lights"),
            (50.0, 600.0, 10.0, "• amber: no internet"),
            (50.0, 588.0, 10.0, "• red: too hot, move it away from the"),
            (62.0, 576.0, 10.0, "heater"),
            (50.0, 560.0, 10.0, "Model"),
            (200.0, 560.0, 10.0, "Price"),
        ]);
        let (text, first) = write(&[only]);
        assert_eq!(first.as_deref(), Some("Set up"));
        assert_eq!(
            text,
            "# Set up\n\nPlug the router in and wait for the first light to become white. Then go on with the next step.\n\nA second paragraph.\n\n## Lights\n\n- amber: no internet\n- red: too hot, move it away from the heater\n\nModel | Price"
        );
    }

    #[test]
    fn running_heads_and_page_numbers_are_dropped_and_sentences_cross_pages() {
        let pages: Vec<Page> = (1..=3)
            .map(|number| {
                page(&[
                    (50.0, 780.0, 8.0, &format!("Alderwick guide, page {number}")),
                    (50.0, 400.0, 10.0, "words that go on"),
                    (300.0, 20.0, 8.0, &number.to_string()),
                ])
            })
            .collect();
        assert_eq!(write(&pages).0, "words that go on words that go on words that go on");
    }

    #[test]
    fn pages_without_letters_give_nothing() {
        assert_eq!(write(&[page(&[])]), (String::new(), None));
        assert_eq!(write(&[]), (String::new(), None));
    }
}
