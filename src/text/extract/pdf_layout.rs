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
    cells: Vec<Cell>,
    page: usize,
    y: f64,
    end: f64,
    size: f64,
    /// Whether it stands in the outer tenth of its page.
    at_edge: bool,
}

#[derive(Debug, Clone)]
struct Cell {
    x: f64,
    text: String,
}

impl Line {
    fn words(&self) -> String {
        self.cells.iter().map(|cell| cell.text.trim()).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn x(&self) -> f64 {
        self.cells.first().map_or(0.0, |cell| cell.x)
    }

    /// Whether a letter at `x`, after a gap, begins a new cell: the gap is wide, or the row above has a cell that begins there.
    fn parts_at(&self, x: f64, size: f64, above: &[f64]) -> bool {
        let gap = x - self.end;
        let begun = self.cells.last().is_some_and(|cell| !cell.text.trim().is_empty() && !is_marker(cell.text.trim()));
        let in_column = gap > 0.25 * size && above.iter().skip(1).any(|column| (column - x).abs() < 1.0);
        begun && (gap > CELL_GAP * size || in_column)
    }
}

/// The text of pages.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) first_heading: Option<String>,
    /// After how many bytes each page begins, in order; what runs over from the page before still counts to that one.
    pub(super) pages: Vec<usize>,
}

/// Writes the text of the pages.
pub(super) fn write(pages: &[Page]) -> Written {
    let mut lines: Vec<Line> = pages.iter().enumerate().flat_map(|(number, page)| lines_of(number, page)).collect();
    drop_running_heads(&mut lines, pages.len());
    let body = body_size(&lines);
    let spacing = body_spacing(&lines, body);
    let levels = heading_sizes(&lines, body);
    let mut writer = Writer::default();
    let mut previous: Option<&Line> = None;
    for line in &lines {
        writer.turned += line.page - previous.map_or(0, |previous| previous.page);
        writer.line(line, previous, &Measures { body, spacing, levels: &levels });
        previous = Some(line);
    }
    writer.flush();
    let mut begun = vec![0];
    begun.append(&mut writer.pages);
    Written { text: writer.blocks.finish(), first_heading: writer.first_heading, pages: begun }
}

fn lines_of(number: usize, page: &Page) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    // Where the cells of the last table row began.
    let mut columns: Vec<f64> = Vec::new();
    let tenth = (page.top - page.bottom) / 10.0;
    for glyph in page.glyphs.iter().filter(|glyph| !glyph.text.is_empty() && glyph.size > 0.0) {
        match lines.last_mut() {
            Some(line) if (glyph.y - line.y).abs() < 0.45 * line.size.max(glyph.size) && glyph.x > line.end - 1.5 * glyph.size => {
                let gap = glyph.x - line.end;
                if line.parts_at(glyph.x, glyph.size, &columns) {
                    line.cells.push(Cell { x: glyph.x, text: String::new() });
                }
                if let Some(Cell { text, .. }) = line.cells.last_mut() {
                    if gap > 0.12 * glyph.size && !text.is_empty() && !text.ends_with(' ') {
                        text.push(' ');
                    }
                    text.push_str(&glyph.text);
                }
                line.end = line.end.max(glyph.x + glyph.advance);
                if !glyph.text.trim().is_empty() {
                    line.size = line.size.max(glyph.size);
                }
            }
            Some(_) | None => {
                if let Some(line) = lines.last().filter(|line| line.cells.len() > 1) {
                    columns = line.cells.iter().map(|cell| cell.x).collect();
                }
                lines.push(Line {
                    cells: vec![Cell { x: glyph.x, text: glyph.text.clone() }],
                    page: number,
                    y: glyph.y,
                    end: glyph.x + glyph.advance,
                    size: glyph.size,
                    at_edge: glyph.y > page.top - tenth || glyph.y < page.bottom + tenth,
                });
            }
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

#[derive(Default)]
struct Writer {
    blocks: Blocks,
    paragraph: String,
    /// The marker of the list item that the paragraph is, and where it stands.
    item: Option<(Marker, f64)>,
    /// The table row that may go on below.
    row: Vec<Cell>,
    first_heading: Option<String>,
    /// Where pages after the first begin.
    pages: Vec<usize>,
    /// How many pages have begun since the last block was written.
    turned: usize,
}

impl Writer {
    fn line(&mut self, line: &Line, previous: Option<&Line>, measures: &Measures<'_>) {
        let words = line.words();
        if let Some(level) = heading_level(line, &words, measures) {
            self.flush();
            self.first_heading.get_or_insert_with(|| words.clone());
            self.blocks.heading(level, &words);
            return;
        }
        let near = previous.is_some_and(|previous| is_next_line(previous, line, measures));
        if line.cells.iter().filter(|cell| !cell.text.trim().is_empty()).count() > 1 {
            self.flush();
            self.row.clone_from(&line.cells);
            return;
        }
        if let Some(cell) = self.row.iter_mut().skip(1).find(|cell| near && (cell.x - line.x()).abs() < 1.0) {
            append(&mut cell.text, &words);
            return;
        }
        if let Some((marker, rest)) = marker(&words) {
            self.flush();
            self.item = Some((marker, line.x()));
            rest.clone_into(&mut self.paragraph);
            return;
        }
        let open = !self.paragraph.ends_with(['.', '!', '?', ':']);
        // A new page or column: only an open sentence goes on.
        let crosses = previous.is_some_and(|previous| previous.page != line.page || previous.y < line.y)
            && open
            && words.starts_with(char::is_lowercase);
        let left_of_item = self.item.as_ref().is_some_and(|(_, x)| line.x() < x - 1.0 || (!open && line.x() < x + 1.0));
        if self.paragraph.is_empty() || !(near || crosses) || (left_of_item && !crosses) {
            self.flush();
        }
        append(&mut self.paragraph, &words);
    }

    fn flush(&mut self) {
        let row: Vec<String> = std::mem::take(&mut self.row).into_iter().map(|cell| cell.text).collect();
        self.blocks.row(&row);
        let words = std::mem::take(&mut self.paragraph);
        match self.item.take() {
            Some((Marker(number), _)) => self.blocks.item(0, number, &words),
            None => self.blocks.paragraph(&words),
        }
        let turned = std::mem::take(&mut self.turned);
        self.pages.extend(std::iter::repeat_n(self.blocks.len(), turned));
    }
}

fn heading_level(line: &Line, words: &str, measures: &Measures<'_>) -> Option<usize> {
    let larger = line.size > measures.body * HEADING_RATIO;
    let fits = words.split_whitespace().count() <= HEADING_WORDS_MAX && words.chars().any(char::is_alphabetic);
    let rank = measures.levels.iter().position(|size| size - rounded(line.size) <= 1)?;
    (larger && fits && !words.ends_with([',', ';'])).then_some(rank + 1)
}

/// Whether a line stands right below another one of its size.
fn is_next_line(previous: &Line, line: &Line, measures: &Measures<'_>) -> bool {
    let gap = previous.y - line.y;
    (rounded(previous.size) - rounded(line.size)).abs() <= 1 && previous.page == line.page && gap >= 0.0 && gap <= measures.spacing * 1.3
}

/// Words that keep the hyphen after which a line was broken, before it and behind it: `Au-delà`, `pouvez-vous`.
const HYPHEN_AFTER: &[&str] =
    &["au", "ci", "là", "peut", "rendez", "quelques", "vis", "non", "demi", "avant", "après", "self", "half", "well", "co"];
/// See [`HYPHEN_AFTER`].
const HYPHEN_BEFORE: &[&str] = &[
    "vous", "nous", "moi", "toi", "il", "elle", "ils", "elles", "on", "je", "tu", "ce", "le", "la", "les", "lui", "leur", "en", "y",
    "même", "là", "ci",
];

/// Adds a line to a paragraph; a word that was parted at the end of the line is whole again.
fn append(paragraph: &mut String, words: &str) {
    let broken = paragraph
        .strip_suffix(['-', '\u{AD}', '\u{2010}'])
        .filter(|stem| stem.ends_with(char::is_lowercase) && words.starts_with(char::is_lowercase));
    if let Some(stem) = broken {
        let before = stem.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
        let after = words.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        if !HYPHEN_AFTER.contains(&before.as_str()) && !HYPHEN_BEFORE.contains(&after) {
            paragraph.pop();
        }
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
            (40.0, 564.0, 10.0, "At the left again, au-"),
            (40.0, 552.0, 10.0, "delà."),
            (50.0, 530.0, 10.0, "Model"),
            (200.0, 530.0, 10.0, "Price"),
            (50.0, 518.0, 10.0, "A long name that ends close t"),
            (200.0, 518.0, 10.0, "Much and"),
            (200.0, 506.0, 10.0, "more"),
        ]);
        let Written { text, first_heading: first, .. } = write(&[only]);
        assert_eq!(first.as_deref(), Some("Set up"));
        assert_eq!(
            text,
            "# Set up\n\nPlug the router in and wait for the first light to become white. Then go on with the next step.\n\nA second paragraph.\n\n## Lights\n\n- amber: no internet\n- red: too hot, move it away from the heater\n\nAt the left again, au-delà.\n\nModel | Price\nA long name that ends close t | Much and more"
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
        assert_eq!(write(&pages).text, "words that go on words that go on words that go on");
    }

    #[test]
    fn pages_without_letters_give_nothing() {
        for empty in [&[page(&[])][..], &[]] {
            assert_eq!(write(empty), Written { pages: vec![0], ..Written::default() });
        }
    }
}
