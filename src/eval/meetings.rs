//! Meetings with questions about them and what somebody answered: `QMSum` (Zhong et al. 2021).

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::eval::error::EvalError;
use crate::eval::import::{Imported, write};
use crate::eval::records::{MessageRecord, ThreadRecord, read};

/// What is written of a sound that was no word.
const SOUNDS: [char; 2] = ['{', '}'];

#[derive(Deserialize)]
struct Meeting {
    general_query_list: Vec<Query>,
    specific_query_list: Vec<Query>,
    #[serde(rename = "meeting_transcripts")]
    turns: Vec<Turn>,
}

#[derive(Deserialize)]
struct Query {
    query: String,
    answer: String,
}

#[derive(Deserialize)]
struct Turn {
    speaker: String,
    content: String,
}

/// A meeting's turns, and each question with its answer.
pub(super) struct Asked {
    pub(super) messages: Vec<MessageRecord>,
    pub(super) questions: Vec<(String, String)>,
}

/// The meetings of a part, in the order of their file.
pub(super) fn meetings(folder: &Path, part: &str) -> Result<Vec<Asked>, EvalError> {
    let read: Vec<Meeting> = read(folder, &[format!("{part}.jsonl.gz")])?;
    Ok(read.into_iter().map(asked).collect())
}

fn asked(meeting: Meeting) -> Asked {
    let Meeting { general_query_list, specific_query_list, turns } = meeting;
    let spoken = |Turn { speaker, content }: Turn| MessageRecord { from: speaker, text: written(&content) };
    let messages = turns.into_iter().map(spoken).filter(|message| !message.text.is_empty()).collect();
    let questions = general_query_list.into_iter().chain(specific_query_list).map(|Query { query, answer }| (query, answer));
    Asked { messages, questions: questions.collect() }
}

/// Speech as it is written: without sounds, and marks where they belong.
fn written(content: &str) -> String {
    let mut depth = 0_usize;
    let mut said = String::with_capacity(content.len());
    for character in content.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            other if depth == 0 && !SOUNDS.contains(&other) => said.push(other),
            _ => {}
        }
    }
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    [" .", " ,", " ?", " !", " '"].iter().fold(said, |said, mark| said.replace(mark, mark.trim_start()))
}

/// Writes the file of the suite from a folder of public data; nothing where the set is not there.
pub(super) fn everything(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let folder = from.join("qmsum");
    if !folder.join("val.jsonl.gz").is_file() {
        return Ok(Vec::new());
    }
    let record =
        |(query, answer): &(String, String), messages: &Value| json!({ "messages": messages, "query": query, "references": [answer] });
    let mut records = Vec::new();
    for Asked { messages, questions } in meetings(&folder, "val")? {
        let messages: Vec<Value> = messages.iter().map(|MessageRecord { from, text }| json!({ "from": from, "text": text })).collect();
        let messages = Value::Array(messages);
        records.extend(questions.iter().map(|question| record(question, &messages)));
    }
    Ok(vec![write(data, "qmsum/test.jsonl", &records)?])
}

impl From<Asked> for Vec<ThreadRecord> {
    fn from(asked: Asked) -> Self {
        let Asked { messages, questions } = asked;
        let record =
            |(query, answer): (String, String)| ThreadRecord { messages: messages.clone(), query: Some(query), references: vec![answer] };
        questions.into_iter().map(record).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn each_question_of_a_meeting_is_a_record_of_its_own() {
        let (from, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let meeting = json!({
            "general_query_list": [{"query": "Summarize the meeting.", "answer": "They chose a colour."}],
            "specific_query_list": [{"query": "What did Ana say?", "answer": "Ana wants it yellow.", "relevant_text_span": [["0", "1"]]}],
            "meeting_transcripts": [
                {"speaker": "Ana", "content": "{vocalsound} I want it yellow , please ."},
                {"speaker": "Tom", "content": "{disfmarker}"},
            ],
        });
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        writeln!(packed, "{meeting}").unwrap();
        fs_err::create_dir_all(from.path().join("qmsum")).unwrap();
        fs_err::write(from.path().join("qmsum/val.jsonl.gz"), packed.finish().unwrap()).unwrap();
        assert_eq!(everything(from.path(), data.path()).unwrap().len(), 1);
        let records: Vec<ThreadRecord> = read(data.path(), &["qmsum/test.jsonl".to_owned()]).unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!(records[1].query.as_deref(), Some("What did Ana say?"));
        assert_eq!(records[1].messages.len(), 1, "what is only a sound is nothing said");
        assert_eq!(records[1].messages[0].text, "I want it yellow, please.");
        assert_eq!(everything(data.path(), data.path()).unwrap().len(), 0);
    }
}
