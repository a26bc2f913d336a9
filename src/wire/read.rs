//! Reading JSON so that every error says where and what to do.

use std::fmt;
use std::str::FromStr;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

/// At most so many characters of what was sent are repeated in an error.
const ECHO_CHARS: usize = 200;

/// What is wrong with one field, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{detail}", at(pointer))]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the field; empty for the whole body.
    pub pointer: String,
    /// What is wrong, and what to do.
    pub detail: String,
}

/// Why a body could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON at all: cut off, empty, not UTF-8.
    #[error("{0}")]
    Syntax(FieldError),
    /// It is JSON of another shape.
    #[error("{0}")]
    Shape(#[from] FieldError),
}

impl ReadError {
    /// The place and the detail.
    #[must_use]
    pub fn into_field(self) -> FieldError {
        match self {
            Self::Syntax(field) | Self::Shape(field) => field,
        }
    }
}

impl FieldError {
    /// An error at a pointer.
    pub fn new(pointer: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self { pointer: pointer.into(), detail: detail.to_string() }
    }

    /// The same error, in a value that stands at `prefix` of a larger one.
    #[must_use]
    pub fn under(self, prefix: &str) -> Self {
        Self { pointer: format!("{prefix}{}", self.pointer), detail: self.detail }
    }
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!("`{pointer}`: ") }
}

/// Reads one JSON object.
///
/// NUL characters are dropped from every text, because `PostgreSQL` keeps none.
///
/// # Errors
/// [`ReadError`] with the pointer of the place; for an unknown key also the nearest known one.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| syntax(format!("the text is not UTF-8 after byte {}: send UTF-8", error.valid_up_to())))?;
    if text.trim().is_empty() {
        return Err(syntax("the body is empty: send a JSON object"));
    }
    // A list would be read as an object's fields in their order: nobody means that.
    if text.trim_start().starts_with('[') {
        read_text::<IgnoredAny>(text)?;
        return Err(FieldError::new("", "a list: expected an object").into());
    }
    if text.contains("\\u0000") {
        return read_value(read_text(text)?).map_err(ReadError::Shape);
    }
    read_text(text)
}

/// Reads a value that is already JSON.
///
/// # Errors
/// [`FieldError`] where the shape is another one.
pub fn read_value<T: DeserializeOwned>(mut value: Value) -> Result<T, FieldError> {
    drop_nul(&mut value);
    serde_path_to_error::deserialize(value).map_err(|error| shape(error.path(), &error.inner().to_string(), "key"))
}

fn read_text<T: DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let inner = error.inner();
        match inner.classify() {
            Category::Data => ReadError::Shape(shape(error.path(), &inner.to_string(), "key")),
            Category::Syntax | Category::Eof | Category::Io => not_json::<T>(text, error.path(), inner),
        }
    })?;
    json.end().map_err(|error| syntax(breaks_off(&error)))?;
    Ok(value)
}

/// The reader calls a number in the place of a word a syntax error too; only text that cannot be read at all is one.
fn not_json<T: DeserializeOwned>(text: &str, path: &Path, error: &serde_json::Error) -> ReadError {
    let shape = serde_json::from_str(text).ok().and_then(|value| read_value::<T>(value).err());
    shape.map_or_else(|| ReadError::Syntax(FieldError::new(pointer(path), breaks_off(error))), ReadError::Shape)
}

/// Where a text stops being JSON.
pub(super) fn breaks_off(error: &serde_json::Error) -> String {
    let place = match (error.line(), error.column()) {
        (0 | 1, column) => format!("column {column}"),
        (line, column) => format!("line {line}, column {column}"),
    };
    match error.classify() {
        Category::Eof => "not JSON: it ends before its last bracket or quote is closed".to_owned(),
        Category::Syntax | Category::Data | Category::Io => {
            format!("not JSON from {place} on: look for a comma, a quote or a bracket that is missing or too much")
        }
    }
}

fn syntax(detail: impl Into<String>) -> ReadError {
    ReadError::Syntax(FieldError { pointer: String::new(), detail: detail.into() })
}

fn drop_nul(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|c| c != '\0'),
        Value::Array(items) => items.iter_mut().for_each(drop_nul),
        Value::Object(fields) => fields.values_mut().for_each(drop_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", escape(key)),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

/// Writes a key as a token of a JSON pointer (RFC 6901, section 3).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What is wrong at a place; `named` is what its last part is called.
pub(super) fn shape(path: &Path, message: &str, named: &str) -> FieldError {
    let message = message.rsplit_once(" at line ").map_or(message, |(head, _)| head);
    let place = pointer(path);
    if let Some(key) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return FieldError::new(format!("{place}/{}", escape(key)), format!("this {named} is required"));
    }
    for (prefix, what) in [("unknown field `", named), ("unknown variant `", "value")] {
        if let Some((given, known)) = message.strip_prefix(prefix).and_then(|rest| rest.split_once("`, ")) {
            let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
            return FieldError::new(place, unknown(what, given, &known));
        }
    }
    match message.split_once("expected struct ") {
        // The name of a type of ours says nothing to a caller.
        Some((given, _)) => FieldError::new(place, format!("{}expected an object", cut(given))),
        None => FieldError::new(place, cut(message)),
    }
}

/// Says that a word is not known, and names the nearest known one, or all of them.
pub(crate) fn unknown(what: &str, given: &str, known: &[&str]) -> String {
    let given = cut(given);
    match nearest(&given, known) {
        Some(near) => format!("unknown {what} `{given}`: did you mean `{near}`?"),
        None if known.is_empty() => format!("unknown {what} `{given}`: none is allowed here"),
        None => format!("unknown {what} `{given}`: expected one of `{}`", known.join("`, `")),
    }
}

fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(given, word), *word))
        .filter(|(distance, word)| *distance <= (word.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(ECHO_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Parses a word of the domain that stands at `pointer`.
pub(crate) fn parse<T>(pointer: &str, given: &str) -> Result<T, FieldError>
where
    T: FromStr<Err: fmt::Display>,
{
    given.parse().map_err(|error: T::Err| FieldError::new(pointer, error))
}

/// Parses an optional word of the domain that stands at `pointer`.
pub(crate) fn parse_opt<T>(pointer: &str, given: Option<&str>) -> Result<Option<T>, FieldError>
where
    T: FromStr<Err: fmt::Display>,
{
    given.map(|given| parse(pointer, given)).transpose()
}

/// Parses each word of a list that stands at `pointer`.
pub(crate) fn parse_all<T, C>(pointer: &str, given: &[String]) -> Result<C, FieldError>
where
    T: FromStr<Err: fmt::Display>,
    C: FromIterator<T>,
{
    given.iter().enumerate().map(|(index, word)| parse(&format!("{pointer}/{index}"), word)).collect()
}

/// Converts each item of a list that stands at `pointer`.
pub(crate) fn each<I, T>(pointer: &str, items: Vec<I>, convert: impl Fn(I) -> Result<T, FieldError>) -> Result<Vec<T>, FieldError> {
    items.into_iter().enumerate().map(|(index, item)| convert(item).map_err(|error| error.under(&format!("{pointer}/{index}")))).collect()
}

/// Refuses a text without a visible word in it; invisible characters apart from white space pass.
pub(crate) fn filled(pointer: &str, given: String) -> Result<String, FieldError> {
    if given.trim().is_empty() { Err(FieldError::new(pointer, "empty: write something here")) } else { Ok(given) }
}

/// The longest name, title or other text of one line, in characters.
pub(crate) const LONGEST_LINE_CHARS: usize = 200;

/// A name, title or other text of one line: trimmed, not empty, without control characters, at most 200 characters.
pub(crate) fn line(pointer: &str, given: String) -> Result<String, FieldError> {
    let given = filled(pointer, given)?;
    let text = given.trim();
    if text.chars().any(char::is_control) {
        return Err(FieldError::new(pointer, "it holds a line break or another control character: write one line"));
    }
    match text.chars().count() {
        0..=LONGEST_LINE_CHARS => Ok(text.to_owned()),
        chars => Err(FieldError::new(pointer, format!("{chars} characters: at most {LONGEST_LINE_CHARS} fit"))),
    }
}

/// An optional text of one line; a blank one is none.
pub(crate) fn line_opt(pointer: &str, given: Option<String>) -> Result<Option<String>, FieldError> {
    given.filter(|text| !text.trim().is_empty()).map(|text| line(pointer, text)).transpose()
}

/// A text of some lines, at most so many characters.
pub(crate) fn text(pointer: &str, given: String, most_chars: usize) -> Result<String, FieldError> {
    match given.chars().count() {
        chars if chars > most_chars => Err(FieldError::new(pointer, format!("{chars} characters: at most {most_chars} fit"))),
        _ => Ok(given),
    }
}

/// Texts of one line each.
pub(crate) fn lines(pointer: &str, given: Vec<String>) -> Result<Vec<String>, FieldError> {
    given.into_iter().enumerate().map(|(index, text)| line(&format!("{pointer}/{index}"), text)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its shape matters")]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its shape matters")]
        subject: String,
    }

    fn check(body: &str, expected: &str) {
        assert_eq!(read::<Outer>(body.as_bytes()).unwrap_err().to_string(), expected, "{body}");
    }

    #[test]
    fn every_error_names_the_place_and_what_to_do() {
        check(r#"{"inner":[{"subject":1}]}"#, "`/inner/0/subject`: invalid type: integer `1`, expected a string");
        check(r#"{"inner":[{"subjct":"a"}]}"#, "`/inner/0/subjct`: unknown key `subjct`: did you mean `subject`?");
        check(r#"{"inner":[{"colour":"a"}]}"#, "`/inner/0/colour`: unknown key `colour`: expected one of `subject`");
        check(r#"{"inner":[{}]}"#, "`/inner/0/subject`: this key is required");
        check(r#"{"inner":["x"]}"#, "`/inner/0`: invalid type: string \"x\", expected an object");
        check("[]", "a list: expected an object");
        check(r#"{"inner":[],"a/b":1}"#, "`/a~1b`: unknown key `a/b`: expected one of `inner`");
    }

    #[test]
    fn what_is_not_json_is_told_apart_from_a_wrong_shape() {
        for body in ["", "  ", r#"{"inner":[{"subject":"a"#, r#"{"inner":[]} x"#] {
            assert!(matches!(read::<Outer>(body.as_bytes()), Err(ReadError::Syntax(_))), "{body}");
        }
        assert!(matches!(read::<Outer>(b"{\"inner\":\"\xff\"}"), Err(ReadError::Syntax(_))));
        assert!(matches!(read::<Outer>(b"[]"), Err(ReadError::Shape(_))));
    }

    #[test]
    fn a_name_is_one_line_of_visible_text_in_any_script() {
        let check = |given: &str, detail: Option<&str>| {
            let error = line("/name", given.to_owned()).err();
            assert_eq!(error.as_ref().map(|error| error.detail.as_str()), detail, "{given}");
        };
        check(" Ana ", None);
        check("عائشة بنت سعيد", None);
        check("Zoë 🦦 O'Brien <b>", None);
        check("  ", Some("empty: write something here"));
        check("Ana\nRoy", Some("it holds a line break or another control character: write one line"));
        check(&"x".repeat(10_000), Some("10000 characters: at most 200 fit"));
    }

    #[test]
    fn nul_characters_are_dropped_from_texts() {
        let read: BTreeMap<String, String> = read(br#"{"a":"x\u0000y"}"#).unwrap();
        assert_eq!(read["a"], "xy");
    }

    #[test]
    fn a_long_value_is_not_repeated_whole() {
        let body = format!(r#"{{"inner":[{{"subject":{{"{}":1}}}}]}}"#, "x".repeat(5000));
        assert!(read::<Outer>(body.as_bytes()).unwrap_err().to_string().len() < 400);
    }
}
