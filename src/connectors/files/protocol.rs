//! What parent and child tell each other: one line of JSON before the file's bytes, one JSON document after its text is out.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::Options;
use crate::text::extract::{Enclosed, ExtractError, Extracted, Format, Limits};

/// The first line that the child reads; the file's bytes follow.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Ask {
    pub(super) options: Options,
    limits: LimitsLine,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of `Limits`")]
struct LimitsLine {
    max_input_bytes: usize,
    max_text_bytes: usize,
    max_pages: usize,
    max_entries: usize,
    max_inflated_bytes: usize,
    max_ratio: usize,
    max_depth: usize,
    max_enclosed_bytes: usize,
}

impl Ask {
    pub(super) fn new(options: &Options, limits: &Limits) -> Self {
        let Limits {
            max_input_bytes,
            max_text_bytes,
            max_pages,
            max_entries,
            max_inflated_bytes,
            max_ratio,
            max_depth,
            max_enclosed_bytes,
        } = *limits;
        let limits = LimitsLine {
            max_input_bytes,
            max_text_bytes,
            max_pages,
            max_entries,
            max_inflated_bytes,
            max_ratio,
            max_depth,
            max_enclosed_bytes,
        };
        Self { options: *options, limits }
    }

    pub(super) fn limits(&self) -> Limits {
        let LimitsLine {
            max_input_bytes,
            max_text_bytes,
            max_pages,
            max_entries,
            max_inflated_bytes,
            max_ratio,
            max_depth,
            max_enclosed_bytes,
        } = self.limits;
        Limits { max_input_bytes, max_text_bytes, max_pages, max_entries, max_inflated_bytes, max_ratio, max_depth, max_enclosed_bytes }
    }
}

/// What the child answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Text {
        title: Option<String>,
        text: String,
        language: Option<String>,
        attachments: Vec<String>,
        /// Names and bytes, the bytes in base 64.
        enclosed: Vec<(String, String)>,
        pages: Vec<usize>,
        own_words: Option<(usize, usize)>,
    },
    Refused(Refusal),
}

/// An [`ExtractError`] on its way.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Refusal {
    Empty,
    NoText(String),
    TooLarge { what: String, limit: usize },
    TooDeep { limit: usize },
    Bomb,
    Encrypted,
    Unreadable { format: String, detail: String },
}

impl From<Result<Extracted, ExtractError>> for Answer {
    fn from(result: Result<Extracted, ExtractError>) -> Self {
        match result {
            Ok(Extracted { title, text, language, attachments, enclosed, pages, own_words }) => Self::Text {
                title,
                text,
                language: language.map(|language| language.to_string()),
                attachments,
                enclosed: enclosed.into_iter().map(|Enclosed { name, bytes }| (name, BASE64_STANDARD.encode(bytes))).collect(),
                pages,
                own_words: own_words.map(|words| (words.start, words.end)),
            },
            Err(error) => Self::Refused(match error {
                ExtractError::Empty => Refusal::Empty,
                ExtractError::NoText(format) => Refusal::NoText(format.to_string()),
                ExtractError::TooLarge { what, limit } => Refusal::TooLarge { what: what.to_owned(), limit },
                ExtractError::TooDeep { limit } => Refusal::TooDeep { limit },
                ExtractError::Bomb => Refusal::Bomb,
                ExtractError::Encrypted => Refusal::Encrypted,
                ExtractError::Unreadable { format, detail } => Refusal::Unreadable { format: format.to_string(), detail },
            }),
        }
    }
}

/// What there can be too much of; a word that the child didn't have from here reads as `parts`.
const WHATS: &[&str] = &["bytes", "bytes of text", "pages", "entries"];

impl Answer {
    /// The result as it was in the child, which is not trusted: a hostile file may have taken it over.
    pub(super) fn into_result(self, asked: Format, limits: &Limits) -> Result<Extracted, ExtractError> {
        let format = |word: &str| word.parse().unwrap_or(asked);
        let refusal = match self {
            Self::Text { title, text, language, attachments, enclosed, pages, own_words } => {
                if text.len() > limits.max_text_bytes {
                    return Err(ExtractError::TooLarge { what: "bytes of text", limit: limits.max_text_bytes });
                }
                let language = language.and_then(|code| code.parse().ok());
                let enclosed = within(enclosed, limits.max_enclosed_bytes);
                let own_words = own_words.map(|(start, end)| start..end).filter(|words| text.get(words.clone()).is_some());
                return Ok(Extracted { title, text, language, attachments, enclosed, pages, own_words });
            }
            Self::Refused(refusal) => refusal,
        };
        Err(match refusal {
            Refusal::Empty => ExtractError::Empty,
            Refusal::NoText(word) => ExtractError::NoText(format(&word)),
            Refusal::TooLarge { what, limit } => {
                let what = WHATS.iter().copied().find(|known| *known == what).unwrap_or("parts");
                ExtractError::TooLarge { what, limit }
            }
            Refusal::TooDeep { limit } => ExtractError::TooDeep { limit },
            Refusal::Bomb => ExtractError::Bomb,
            Refusal::Encrypted => ExtractError::Encrypted,
            Refusal::Unreadable { format: word, detail } => {
                ExtractError::Unreadable { format: format(&word), detail: detail.chars().take(200).collect() }
            }
        })
    }
}

/// The enclosed files as long as they fit, whatever the child says.
fn within(enclosed: Vec<(String, String)>, limit_bytes: usize) -> Vec<Enclosed> {
    let mut left = limit_bytes;
    enclosed
        .into_iter()
        .filter_map(|(name, encoded)| {
            let bytes = BASE64_STANDARD.decode(encoded).ok()?;
            left = left.checked_sub(bytes.len())?;
            Some(Enclosed { name, bytes })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_arrives_as_it_left() {
        let results = [
            Ok(Extracted {
                title: Some("t".to_owned()),
                text: "é\n".to_owned(),
                language: "fr".parse().ok(),
                attachments: vec!["a".to_owned()],
                enclosed: vec![Enclosed { name: "a".to_owned(), bytes: vec![0, 255] }],
                pages: vec![0, 2],
                own_words: Some(0..2),
            }),
            Err(ExtractError::Empty),
            Err(ExtractError::NoText(Format::Pdf)),
            Err(ExtractError::TooLarge { what: "pages", limit: 3 }),
            Err(ExtractError::TooDeep { limit: 3 }),
            Err(ExtractError::Bomb),
            Err(ExtractError::Encrypted),
            Err(ExtractError::Unreadable { format: Format::Docx, detail: "d".to_owned() }),
        ];
        for result in results {
            let line = serde_json::to_string(&Answer::from(result.clone())).unwrap();
            let back: Answer = serde_json::from_str(&line).unwrap();
            let limits = Limits { max_enclosed_bytes: 2, ..Limits::default() };
            assert_eq!(back.into_result(Format::Pdf, &limits), result);
        }
    }

    #[test]
    fn limits_and_options_arrive_as_they_left() {
        let limits = Limits { max_pages: 7, ..Limits::default() };
        let line = serde_json::to_string(&Ask::new(&Options::default(), &limits)).unwrap();
        let back: Ask = serde_json::from_str(&line).unwrap();
        assert_eq!((back.limits(), back.options), (limits, Options::default()));
    }
}
