//! Records of evaluation data: JSON lines, plain or packed with gzip.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use crate::domain::time::Timestamp;
use crate::eval::error::EvalError;

/// The label of what belongs to no intent.
pub(super) const OUT_OF_SCOPE: &str = "oos";

/// A text with its intent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct IntentRecord {
    /// The text.
    pub(super) text: String,
    /// Its intent; [`OUT_OF_SCOPE`] when it has none.
    pub(super) label: String,
}

/// A text with its intents.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct MultiIntentRecord {
    /// The text.
    pub(super) text: String,
    /// Its intents; none is an answer too.
    pub(super) labels: Vec<String>,
}

/// A text with its language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct LanguageRecord {
    /// The text.
    pub(super) text: String,
    /// Its language, such as `en`.
    pub(super) lang: String,
}

/// A text with how its writer feels, or how pressing it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct MoodRecord {
    /// The text.
    pub(super) text: String,
    /// Its label.
    pub(super) label: String,
    /// Its language, such as `en`, where that is known.
    pub(super) lang: Option<String>,
    /// The part it belongs to, where a file holds several.
    pub(super) split: Option<String>,
}

/// A text with everything that is to be found in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct EntitiesRecord {
    /// The text.
    pub(super) text: String,
    /// Its language, such as `en`.
    pub(super) lang: String,
    /// When it was written.
    pub(super) at: String,
    /// What is to be found.
    pub(super) entities: Vec<EntityRecord>,
}

/// Something in a text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct EntityRecord {
    /// What it is.
    pub(super) kind: String,
    /// What it says, normalised.
    pub(super) value: String,
    /// Where it starts, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

/// A document that can be found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct DocumentRecord {
    /// What it is called in judgements.
    pub(super) id: String,
    /// Its title.
    #[serde(default)]
    pub(super) title: String,
    /// Its text.
    pub(super) text: String,
}

/// A question that documents answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct QueryRecord {
    /// What it is called in judgements.
    pub(super) id: String,
    /// The question.
    pub(super) text: String,
}

/// A report that may say again what another one said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct ReportRecord {
    /// What it is called.
    pub(super) id: String,
    /// Its subject.
    pub(super) title: String,
    /// Its text.
    pub(super) text: String,
    /// The reports that it was found to be the same as.
    #[serde(default)]
    pub(super) duplicate_of: Vec<String>,
    /// When it was made.
    #[serde(deserialize_with = "moment")]
    pub(super) at: Timestamp,
}

/// A question with who answered it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct AnsweredRecord {
    /// What it is called.
    pub(super) id: String,
    /// The question.
    pub(super) text: String,
    /// Who asked, where that is known.
    #[serde(default)]
    pub(super) asker: Option<String>,
    /// Who answered.
    pub(super) answerers: Vec<AnswererRecord>,
    /// When it was asked.
    #[serde(deserialize_with = "moment")]
    pub(super) at: Timestamp,
}

/// Who answered a question.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct AnswererRecord {
    /// Who; how well others found the answer stands beside it and is not read, because votes come after the moment of asking.
    pub(super) person: String,
}

/// An ask with what answered it before it was sent; nothing where nothing did.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct AnsweredAskRecord {
    /// The side conversation that began with it.
    pub(super) ask: String,
    /// Its language.
    pub(super) lang: Option<String>,
    /// `dev` where the code was tuned on it, `held` where it was only run.
    pub(super) split: Option<String>,
    /// The earlier side conversation that answers best.
    pub(super) thread: Option<String>,
    /// Everything else that answers: side conversations, tickets, documents.
    #[serde(default)]
    pub(super) also: Vec<String>,
}

/// A conversation with what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct ThreadRecord {
    /// What was said, in order.
    pub(super) messages: Vec<MessageRecord>,
    /// What is asked of it; nothing where it is told as a whole.
    #[serde(default)]
    pub(super) query: Option<String>,
    /// What somebody says it came to, in one way or several.
    pub(super) references: Vec<String>,
}

/// What one person said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct MessageRecord {
    /// Who.
    pub(super) from: String,
    /// What.
    pub(super) text: String,
}

/// Reads a moment as RFC 3339 writes it.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// Every record of some files, in their order.
///
/// # Errors
/// [`EvalError::Read`] for a file that is not there; [`EvalError::Line`] for a line that is no record.
pub(super) fn read<T: DeserializeOwned>(data: &Path, files: &[String]) -> Result<Vec<T>, EvalError> {
    let mut records = Vec::new();
    for file in files {
        let path = data.join(file);
        let name = path.display().to_string();
        let failed = |source| EvalError::Read { path: name.clone(), source };
        let opened = fs_err::File::open(&path).map_err(failed)?;
        let is_packed = path.extension().is_some_and(|kind| kind == "gz");
        let source: Box<dyn Read> = if is_packed { Box::new(GzDecoder::new(opened)) } else { Box::new(opened) };
        for (line, text) in BufReader::new(source).lines().enumerate() {
            let text = text.map_err(failed)?;
            if text.trim().is_empty() {
                continue;
            }
            let refused = |error: serde_json::Error| EvalError::Line { path: name.clone(), line: line + 1, reason: error.to_string() };
            records.push(serde_json::from_str(&text).map_err(refused)?);
        }
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn lines_are_read_plain_and_packed_and_a_wrong_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let lines = "{\"text\": \"my card\", \"label\": \"card_arrival\", \"more\": 1}\n\n{\"text\": \"moon\", \"label\": \"oos\"}\n";
        fs_err::write(folder.path().join("a.jsonl"), lines).unwrap();
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(lines.as_bytes()).unwrap();
        fs_err::write(folder.path().join("b.jsonl.gz"), packed.finish().unwrap()).unwrap();
        let both: Vec<IntentRecord> = read(folder.path(), &["a.jsonl".to_owned(), "b.jsonl.gz".to_owned()]).unwrap();
        assert_eq!((both.len(), both[3].label.as_str(), &both[0]), (4, OUT_OF_SCOPE, &both[2]));

        fs_err::write(folder.path().join("c.jsonl"), "{\"text\": \"x\"}\n").unwrap();
        let said = read::<IntentRecord>(folder.path(), &["c.jsonl".to_owned()]).unwrap_err().to_string();
        assert!(said.starts_with("line 1 of ") && said.contains("label"), "{said}");
        assert!(matches!(read::<IntentRecord>(folder.path(), &["d.jsonl".to_owned()]), Err(EvalError::Read { .. })));
    }
}
