//! Tables for spreadsheets: rows of cells that stand for the same JSON objects as the lines of `ingest`.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula. It is written with an apostrophe before it, which is
//! taken away again when it is read (OWASP, "CSV Injection"). So is what would begin one in a program that parts cells at semicolons or
//! tabs, as spreadsheets of some countries do: to it our quotes are letters, so a cell may begin anywhere behind a `;`, a tab or a line end.

use serde_json::{Map, Value};

use crate::domain::vocabulary::Register;
use crate::wire::read::{FieldError, breaks_off, unknown};
use crate::wire::register::ReadLine;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// A text; an empty cell is none.
    Text,
    /// Words with `;` between them; `\;` is a semicolon.
    Words,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// JSON.
    Json,
}

/// A column: the key in the object, with a dot before a key inside another, and what its cells hold.
type Column = (&'static str, Cell);

const PEOPLE: &[Column] = &[
    ("email", Cell::Text),
    ("name", Cell::Text),
    ("team", Cell::Text),
    ("role", Cell::Text),
    ("languages", Cell::Words),
    ("skills", Cell::Words),
    ("availability.hours", Cell::Text),
    ("availability.away_until", Cell::Text),
    ("availability.away_note", Cell::Text),
];
const TEAMS: &[Column] = &[("name", Cell::Text), ("title", Cell::Text), ("external", Cell::Flag)];
const CHANNELS: &[Column] = &[
    ("name", Cell::Text),
    ("kind", Cell::Text),
    ("address", Cell::Text),
    ("teams", Cell::Words),
    ("expected_reply_minutes", Cell::Number),
    ("use_for", Cell::Text),
];
const CUSTOMERS: &[Column] = &[
    ("external_id", Cell::Text),
    ("email", Cell::Text),
    ("name", Cell::Text),
    ("organisation", Cell::Text),
    ("tier", Cell::Text),
    ("account_owner", Cell::Text),
    ("language", Cell::Text),
    ("notes", Cell::Text),
    ("orders", Cell::Json),
    ("created_at", Cell::Text),
];

/// What a spreadsheet takes for the beginning of a formula; the wide ones are what some keyboards make of them.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// What parts cells or rows for a program that takes the table for another kind.
const PARTS: [char; 4] = [';', '\t', '\n', '\r'];

const fn columns(register: Register) -> &'static [Column] {
    match register {
        Register::People => PEOPLE,
        Register::Teams => TEAMS,
        Register::Channels => CHANNELS,
        Register::Customers => CUSTOMERS,
    }
}

/// The names of a list's columns, in their order.
#[must_use]
pub fn header(register: Register) -> Vec<&'static str> {
    columns(register).iter().map(|(name, _)| *name).collect()
}

/// A table with a row for each object.
pub(super) fn write(register: Register, objects: &[Map<String, Value>]) -> String {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut rows = vec![header(register).into_iter().map(str::to_owned).collect::<Vec<_>>()];
    rows.extend(objects.iter().map(|object| columns(register).iter().map(|column| harmless(&cell(object, *column))).collect()));
    for row in rows {
        table.write_record(row).expect("memory takes every row, and all are of one length: this is a bug");
    }
    String::from_utf8(table.into_inner().expect("memory takes every row: this is a bug")).expect("texts are UTF-8: this is a bug")
}

/// The objects of a table's rows, each with the line on which it begins, or why a row cannot be read; at most one more than `most`.
///
/// # Errors
/// [`FieldError`] when the first row does not name the columns.
pub(super) fn read(register: Register, text: &str, most: usize) -> Result<Vec<ReadLine>, FieldError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut table = csv::ReaderBuilder::new().delimiter(delimiter(text)).flexible(true).from_reader(text.as_bytes());
    let header = table.headers().map_err(|error| FieldError::new("", error))?.clone();
    let mut known = Vec::new();
    for name in &header {
        let name = name.trim();
        let column = columns(register).iter().find(|(column, _)| *column == name);
        known.push(*column.ok_or_else(|| FieldError::new("", unknown("column", name, &self::header(register))))?);
    }
    let mut objects = Vec::new();
    let mut lines = Lines { text, byte: 0, line: 1 };
    for row in table.records() {
        if objects.len() > most {
            break;
        }
        match row {
            Ok(row) => {
                let line = lines.of(row.position());
                if row.iter().all(|cell| cell.trim().is_empty()) {
                    continue;
                }
                let read = if row.len() == known.len() {
                    object(&known, &row)
                } else {
                    Err(FieldError::new("", format!("{} cells under {} columns: put cells with a comma in quotes", row.len(), known.len())))
                };
                objects.push((line, read));
            }
            Err(error) => {
                let line = lines.of(error.position());
                objects.push((line, Err(FieldError::new("", format!("the row cannot be read: {error}")))));
            }
        }
    }
    Ok(objects)
}

/// Counts lines as editors do: the reader's own count is one behind after line ends of two characters.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first character of a row; rows come in their order.
    fn of(&mut self, at: Option<&csv::Position>) -> u64 {
        let Some(at) = at.and_then(|at| usize::try_from(at.byte()).ok()) else { return self.line };
        let bytes = self.text.as_bytes();
        let ends = bytes.iter().skip(at).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = (at + ends).min(bytes.len()).max(self.byte);
        let passed = self.text[self.byte..start].matches('\n').count();
        self.line += u64::try_from(passed).unwrap_or(0);
        self.byte = start;
        self.line
    }
}

/// Spreadsheets of countries that write 1,5 put semicolons between cells.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |sign: char| first.matches(sign).count();
    [(b',', count(',')), (b';', count(';')), (b'\t', count('\t'))]
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(sign, _)| sign)
}

fn object(columns: &[Column], row: &csv::StringRecord) -> Result<Map<String, Value>, FieldError> {
    let mut object = Map::new();
    for ((name, kind), cell) in columns.iter().zip(row) {
        let value = value(name, *kind, &meant(cell))?;
        match name.split_once('.') {
            // An object whose columns are all empty is there nevertheless: the row says that nothing is in it.
            Some((outer, inner)) => {
                let within = object.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                if let (Value::Object(within), Some(value)) = (within, value) {
                    within.insert(inner.to_owned(), value);
                }
            }
            None => object.extend(value.map(|value| ((*name).to_owned(), value))),
        }
    }
    Ok(object)
}

/// What a cell says; `None` where it is empty.
fn value(name: &str, kind: Cell, cell: &str) -> Result<Option<Value>, FieldError> {
    if cell.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(match kind {
        Cell::Text => Value::from(cell),
        Cell::Words => Value::from(words(cell)),
        Cell::Number => cell.trim().parse::<i64>().map_or_else(|_| Value::from(cell), Value::from),
        Cell::Flag => match cell.trim().to_lowercase().as_str() {
            "true" | "yes" | "1" | "vrai" | "oui" => Value::Bool(true),
            "false" | "no" | "0" | "faux" | "non" => Value::Bool(false),
            _ => return Err(FieldError::new(format!("/{name}"), "expected `true` or `false`")),
        },
        Cell::Json => serde_json::from_str(cell).map_err(|error| FieldError::new(format!("/{name}"), breaks_off(&error)))?,
    }))
}

fn cell(object: &Map<String, Value>, (name, kind): Column) -> String {
    let found = match name.split_once('.') {
        Some((outer, inner)) => object.get(outer).and_then(|within| within.get(inner)),
        None => object.get(name),
    };
    match (kind, found) {
        (_, None | Some(Value::Null)) => String::new(),
        (Cell::Json, Some(Value::Array(items))) if items.is_empty() => String::new(),
        (Cell::Json, Some(value)) => value.to_string(),
        (Cell::Words, Some(Value::Array(words))) => {
            let escaped = words.iter().filter_map(Value::as_str).map(|word| word.replace('\\', "\\\\").replace(';', "\\;"));
            escaped.collect::<Vec<_>>().join("; ")
        }
        (_, Some(Value::String(text))) => text.clone(),
        (_, Some(value)) => value.to_string(),
    }
}

/// The words between the semicolons that have no backslash before them.
fn words(cell: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = cell.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ';' => words.push(String::new()),
            '\\' => words.last_mut().into_iter().for_each(|word| word.extend(letters.next())),
            letter => words.last_mut().into_iter().for_each(|word| word.push(letter)),
        }
    }
    words.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

/// Whether a spreadsheet would run it, or take an apostrophe of its own for ours; quotes and blanks before a formula may get lost.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches(['\'', '"', ' ']).starts_with(FORMULA)
}

/// The cell with an apostrophe wherever a formula could begin.
fn harmless(text: &str) -> String {
    by_beginnings(text, |rest, cell| {
        if is_formula(rest) {
            cell.push('\'');
        }
        rest
    })
}

/// The cell without the apostrophes of [`harmless`].
fn meant(cell: &str) -> String {
    by_beginnings(cell, |rest, _| rest.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(rest))
}

/// Walks from one place to the next where a cell could begin. Neither way of walking adds or takes what parts cells, so both stop at the
/// same places, and the one undoes the other.
fn by_beginnings(text: &str, begin: impl for<'t> Fn(&'t str, &mut String) -> &'t str) -> String {
    let (mut walked, mut rest) = (String::with_capacity(text.len()), text);
    while !rest.is_empty() {
        rest = begin(rest, &mut walked);
        let end = rest.find(PARTS).map_or(rest.len(), |at| at + 1);
        let (cell, behind) = rest.split_at(end);
        walked.push_str(cell);
        rest = behind;
    }
    walked
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_that_would_be_a_formula_is_made_harmless_and_comes_back_as_it_was() {
        for text in ["=1+1", "+44 20", "-1", "@sum", "\t=1", "'=1", "''@x", "＝1", "plain", "it's", "'quoted'", ""] {
            let written = harmless(text);
            assert!(!written.starts_with(FORMULA), "{text}");
            assert_eq!(meant(&written), text);
        }
        assert_eq!(harmless("a;b - c\nd; 'e'"), "a;b - c\nd; 'e'", "nothing is added where nothing could run");
    }

    /// Every text of up to five of the letters that matter.
    fn hard_texts() -> impl Iterator<Item = String> {
        let letters = ['=', '-', ';', '\t', '\r', '\n', '\'', '"', ' ', 'a', '\\'];
        (0..=5).flat_map(move |length| {
            (0..letters.len().pow(length))
                .map(move |number| (0..length).map(|place| letters[number / letters.len().pow(place) % letters.len()]).collect())
        })
    }

    #[test]
    fn whatever_stands_in_a_cell_comes_back_as_it_was() {
        for text in hard_texts() {
            assert_eq!(meant(&harmless(&text)), text, "{text:?}");
        }
    }

    #[test]
    fn no_program_that_parts_cells_elsewhere_finds_a_formula() {
        for text in hard_texts() {
            let object: Map<String, Value> = [("name".to_owned(), json!("x")), ("title".to_owned(), json!(text))].into_iter().collect();
            let table = write(Register::Teams, &[object]);
            for between in PARTS {
                for cell in table.split(between) {
                    let begins = cell.trim_start_matches(['"', ' ']);
                    assert!(!begins.starts_with(['=', '-']), "{text:?} parted at {between:?}: {table:?}");
                }
            }
        }
    }

    #[test]
    fn words_come_back_whatever_is_in_them() {
        let given = vec!["a;b".to_owned(), "c\\d".to_owned(), "e, f".to_owned()];
        let object: Map<String, Value> = [("skills".to_owned(), json!(given))].into_iter().collect();
        let cell = cell(&object, ("skills", Cell::Words));
        assert_eq!(cell, "a\\;b; c\\\\d; e, f");
        assert_eq!(words(&cell), given);
    }

    #[test]
    fn an_unknown_column_is_named_with_the_nearest_known_one() {
        let error = read(Register::People, "email,nam\r\na@b.example,A\r\n", 9).unwrap_err();
        assert_eq!(error.detail, "unknown column `nam`: did you mean `name`?");
    }

    #[test]
    fn tables_with_semicolons_tabs_and_a_byte_order_mark_are_read() {
        for text in
            ["\u{feff}name;title\r\nnight;Night, shift\r\n", "name\ttitle\nnight\tNight, shift\n", "name,title\nnight,\"Night, shift\"\n"]
        {
            let rows = read(Register::Teams, text, 9).unwrap();
            let (line, object) = &rows[0];
            assert_eq!((*line, object.as_ref().unwrap()["title"].as_str()), (2, Some("Night, shift")), "{text}");
        }
    }

    #[test]
    fn a_row_of_another_length_is_told_with_its_line() {
        let table = "name,title\n\n\"two\nlines\",x\nnight,a,b\n";
        for table in [table.to_owned(), table.replace('\n', "\r\n")] {
            let rows = read(Register::Teams, &table, 9).unwrap();
            let lines: Vec<_> = rows.iter().map(|(line, read)| (*line, read.is_ok())).collect();
            assert_eq!(lines, [(3, true), (5, false)], "{table:?}");
        }
    }
}
