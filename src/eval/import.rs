//! Public data sets as the files that suites read.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::eval::error::EvalError;
use crate::eval::public::{self, Part};
use crate::eval::records::OUT_OF_SCOPE;
use crate::eval::sets;

/// Sets of *Few-Shot-Intent-Detection* (Zhang et al. 2021): a folder with `seq.in` and `label` for each part.
const INTENTS: [(&str, &str); 3] = [("BANKING77", "banking77"), ("CLINC150", "clinc150"), ("HWU64", "hwu64")];
/// Its parts, and the files they become: what is asked is the part called `valid`, as the test parts are kept apart.
const PARTS: [(&str, &str); 4] = [("train", "train"), ("train_10", "train_10"), ("train_5", "train_5"), ("valid", "test")];
/// What belongs to no intent, of the set by Larson et al. (2019): the part, and the file it is added to.
const OUTSIDE: [(&str, &str); 2] = [("oos_train", "train"), ("oos_val", "test")];

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Where.
    pub path: PathBuf,
    /// How many records it has.
    pub records: usize,
}

/// Sets of several intents a text, *NLU++* (Casanueva et al. 2022): their folds, and which of them are asked.
const SEVERAL: [&str; 2] = ["banking", "hotels"];
const FOLDS: usize = 16;
const FIRST_ASKED: usize = 12;

/// Writes the files of all suites from a folder of public data; what is not there is passed over.
///
/// # Errors
/// [`EvalError`]: which file cannot be read or written, and why.
pub fn everything(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let mut imported = intents(from, data)?;
    imported.extend(several_intents(from, data)?);
    imported.extend(heads(from, data)?);
    imported.extend(sets::everything(from, data)?);
    Ok(imported)
}

/// The files of the suites on several intents a text.
fn several_intents(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let mut imported = Vec::new();
    for set in SEVERAL {
        if !from.join("nlupp").join(set).is_dir() {
            continue;
        }
        for (part, folds) in [("train", 0..FIRST_ASKED), ("test", FIRST_ASKED..FOLDS)] {
            let mut records = Vec::new();
            for fold in folds {
                let path = from.join(format!("nlupp/{set}/fold{fold}.json"));
                let refused = |error: serde_json::Error| EvalError::Line {
                    path: path.display().to_string(),
                    line: error.line(),
                    reason: error.to_string(),
                };
                let read: Vec<Several> = serde_json::from_str(&text_of(&path)?).map_err(refused)?;
                records.extend(read.into_iter().map(|one| json!({ "text": one.text, "labels": one.intents })));
            }
            imported.push(write(data, &format!("nlupp/{set}_{part}.jsonl"), &records)?);
        }
    }
    Ok(imported)
}

/// A text of several intents, or none; its slots are not read.
#[derive(Deserialize)]
struct Several {
    text: String,
    #[serde(default)]
    intents: Vec<String>,
}

/// Writes the files of the intent suites from a folder of public data (`fewshot_intent`, `clinc150`); what is not there is passed over.
///
/// # Errors
/// [`EvalError`]: which file cannot be read or written, and why.
fn intents(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let mut imported = Vec::new();
    for (set, name) in INTENTS {
        for (part, file) in PARTS {
            let folder = from.join("fewshot_intent").join(set).join(part);
            if !folder.is_dir() {
                continue;
            }
            let (texts, labels) = (text_of(&folder.join("seq.in"))?, text_of(&folder.join("label"))?);
            if texts.lines().count() != labels.lines().count() {
                let path = folder.display().to_string();
                let reason = format!("`seq.in` has {} lines and `label` {}", texts.lines().count(), labels.lines().count());
                return Err(EvalError::Line { path, line: texts.lines().count().min(labels.lines().count()) + 1, reason });
            }
            let mut records: Vec<(String, String)> =
                texts.lines().zip(labels.lines()).map(|(text, label)| (text.to_owned(), label.trim().to_owned())).collect();
            if name == "clinc150" {
                records.extend(outside(from, file)?);
            }
            let records: Vec<Value> = records.into_iter().map(|(text, label)| json!({ "text": text, "label": label })).collect();
            imported.push(write(data, &format!("{name}/{file}.jsonl"), &records)?);
        }
    }
    Ok(imported)
}

/// Writes what the suites `language` and `goemotions` ask, from `tatoeba_112` and `goemotions`; what is not there is passed over.
///
/// # Errors
/// [`EvalError`]: which file cannot be read or written, and why.
fn heads(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let mut imported = Vec::new();
    let folder = from.join("tatoeba_112");
    if folder.is_dir() {
        let records = public::sentences(&folder, Part::Dev)?;
        let records: Vec<Value> = records.iter().map(|(text, code)| json!({ "text": text, "lang": code })).collect();
        imported.push(write(data, "language/dev.jsonl", &records)?);
    }
    let folder = from.join("goemotions");
    if folder.is_dir() {
        let records = public::comments(&folder, Part::Dev)?;
        let records: Vec<Value> = records.iter().map(|(text, group)| json!({ "text": text, "label": group, "lang": "en" })).collect();
        imported.push(write(data, "goemotions/dev.jsonl", &records)?);
    }
    Ok(imported)
}

/// What belongs to no intent, for one file.
fn outside(from: &Path, file: &str) -> Result<Vec<(String, String)>, EvalError> {
    let path = from.join("clinc150/data_full_train_val.json");
    let Some((part, _)) = OUTSIDE.iter().find(|(_, to)| *to == file) else { return Ok(Vec::new()) };
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let refused = |reason: String| EvalError::Line { path: path.display().to_string(), line: 1, reason };
    let parts: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text_of(&path)?).map_err(|error| refused(error.to_string()))?;
    let records = parts.get(*part).cloned().unwrap_or_default();
    let records: Option<Vec<(String, String)>> = serde_json::from_value(records).map_err(|error| refused(error.to_string()))?;
    Ok(records.unwrap_or_default().into_iter().map(|(text, _)| (text, OUT_OF_SCOPE.to_owned())).collect())
}

pub(super) fn text_of(path: &Path) -> Result<String, EvalError> {
    fs_err::read_to_string(path).map_err(|source| EvalError::Read { path: path.display().to_string(), source })
}

pub(super) fn write(data: &Path, file: &str, records: &[Value]) -> Result<Imported, EvalError> {
    let path = data.join(file);
    let failed = |source| EvalError::Write { path: path.display().to_string(), source };
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    fs_err::create_dir_all(path.parent().unwrap_or(data)).map_err(failed)?;
    fs_err::write(&path, lines.join("\n") + "\n").map_err(failed)?;
    Ok(Imported { path, records: records.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::records::{IntentRecord, MultiIntentRecord, read};

    fn part(from: &Path, set: &str, part: &str, texts: &str, labels: &str) {
        let folder = from.join("fewshot_intent").join(set).join(part);
        fs_err::create_dir_all(&folder).unwrap();
        fs_err::write(folder.join("seq.in"), texts).unwrap();
        fs_err::write(folder.join("label"), labels).unwrap();
    }

    #[test]
    fn what_belongs_to_no_intent_is_learned_from_and_asked_apart() {
        let (from, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        part(from.path(), "CLINC150", "train", "say hello in french\n", "translate\n");
        part(from.path(), "CLINC150", "valid", "\"how do you say\" cat\n", "translate\n");
        fs_err::create_dir_all(from.path().join("clinc150")).unwrap();
        let json = r#"{"oos_train": [["who is the king", "oos"]], "oos_val": [["a", "oos"], ["b", "oos"]], "train": []}"#;
        fs_err::write(from.path().join("clinc150/data_full_train_val.json"), json).unwrap();
        let imported = intents(from.path(), data.path()).unwrap();
        assert_eq!(imported.iter().map(|file| file.records).collect::<Vec<_>>(), [2, 3]);
        let test: Vec<IntentRecord> = read(data.path(), &["clinc150/test.jsonl".to_owned()]).unwrap();
        assert_eq!((test[0].text.as_str(), test[0].label.as_str()), ("\"how do you say\" cat", "translate"));
        assert_eq!(test[2], IntentRecord { text: "b".to_owned(), label: OUT_OF_SCOPE.to_owned() });
    }

    #[test]
    fn texts_and_labels_that_do_not_match_are_refused_with_the_line() {
        let (from, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        part(from.path(), "HWU64", "train", "one\ntwo\n", "alarm\n");
        assert!(matches!(intents(from.path(), data.path()), Err(EvalError::Line { line: 2, .. })));
    }

    #[test]
    fn several_intents_of_a_text_come_over_and_the_last_folds_are_asked() {
        let (from, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = from.path().join("nlupp/hotels");
        fs_err::create_dir_all(&folder).unwrap();
        for fold in 0..FOLDS {
            let text = json!([{ "text": format!("spa {fold}"), "intents": ["spa", "when"], "slots": {} }, { "text": "at ten" }]);
            fs_err::write(folder.join(format!("fold{fold}.json")), text.to_string()).unwrap();
        }
        let imported = everything(from.path(), data.path()).unwrap();
        assert_eq!(imported.iter().map(|file| file.records).collect::<Vec<_>>(), [24, 8]);
        let test: Vec<MultiIntentRecord> = read(data.path(), &["nlupp/hotels_test.jsonl".to_owned()]).unwrap();
        assert_eq!((test[0].text.as_str(), test[0].labels.len(), test[1].labels.len()), ("spa 12", 2, 0));
    }
}
