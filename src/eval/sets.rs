//! Public sets on searching, duplicates, experts and conversations as the files that suites read.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::eval::error::EvalError;
use crate::eval::import::{Imported, text_of, write};
use crate::eval::meetings;
use crate::eval::records::read;

/// Sites of questions and answers; the last part by number is asked, the rest is history.
const SITES: [&str; 4] = ["android", "dba", "history", "physics"];
const ASKED: usize = 5;
/// The dates of questions are not in the set, but their numbers rise: each is taken for a minute.
const MICROS_PER_NUMBER: i64 = 60_000_000;
/// How a message begins in the set of e-mail threads.
const FIELDS: [&str; 4] = ["Name:", "Email:", "To:", "Subject:"];

/// Writes the files of the suites from a folder of public data; what is not there is passed over.
pub(super) fn everything(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let mut imported = scifact(from, data)?;
    imported.extend(articles(from, data)?);
    imported.extend(duplicates(from, data)?);
    imported.extend(experts(from, data)?);
    imported.extend(threads(from, data)?);
    imported.extend(meetings::everything(from, data)?);
    Ok(imported)
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

fn scifact(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    if !from.join("scifact/corpus.jsonl.gz").is_file() {
        return Ok(Vec::new());
    }
    let entries = |file: &str| -> Result<Vec<Value>, EvalError> {
        let read: Vec<Entry> = read(from, &[file.to_owned()])?;
        Ok(read.into_iter().map(|entry| json!({ "id": entry.id, "title": entry.title, "text": entry.text })).collect())
    };
    let judged = text_of(&from.join("scifact/qrels/train.tsv"))?;
    Ok(vec![
        write(data, "scifact/corpus.jsonl", &entries("scifact/corpus.jsonl.gz")?)?,
        write(data, "scifact/queries.jsonl", &entries("scifact/queries_train.jsonl")?)?,
        write_lines(data, "scifact/qrels.tsv", &judged.lines().map(str::to_owned).collect::<Vec<_>>())?,
    ])
}

#[derive(Deserialize)]
struct Article {
    id: String,
    title: String,
    content: String,
}

#[derive(Deserialize)]
struct Scenario {
    id: String,
    #[serde(rename = "user_scenario")]
    customer: Instructions,
    #[serde(default)]
    required_documents: Vec<String>,
}

#[derive(Deserialize)]
struct Instructions {
    instructions: Value,
}

fn articles(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let path = from.join("tau2_bench/banking_knowledge/tasks_dev.json");
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let articles: Vec<Article> = read(from, &["tau2_bench/banking_knowledge/documents.jsonl".to_owned()])?;
    let articles: Vec<Value> =
        articles.into_iter().map(|article| json!({ "id": article.id, "title": article.title, "text": article.content })).collect();
    let scenarios: Vec<Scenario> = serde_json::from_str(&text_of(&path)?).map_err(|error| EvalError::Line {
        path: path.display().to_string(),
        line: error.line(),
        reason: error.to_string(),
    })?;
    let asked = |scenario: &Scenario| {
        let said = &scenario.customer.instructions;
        json!({ "id": scenario.id, "text": said.as_str().map_or_else(|| said.to_string(), str::to_owned) })
    };
    let judged =
        scenarios.iter().flat_map(|scenario| scenario.required_documents.iter().map(|document| format!("{}\t{document}\t1", scenario.id)));
    Ok(vec![
        write(data, "tau2_banking/corpus.jsonl", &articles)?,
        write(data, "tau2_banking/queries.jsonl", &scenarios.iter().map(asked).collect::<Vec<_>>())?,
        write_lines(data, "tau2_banking/qrels.tsv", &[HEAD.to_owned()].into_iter().chain(judged).collect::<Vec<_>>())?,
    ])
}

/// The head of judgements.
const HEAD: &str = "query-id\tcorpus-id\tscore";

fn write_lines(data: &Path, file: &str, lines: &[String]) -> Result<Imported, EvalError> {
    let path = data.join(file);
    let failed = |source| EvalError::Write { path: path.display().to_string(), source };
    fs_err::create_dir_all(path.parent().unwrap_or(data)).map_err(failed)?;
    fs_err::write(&path, lines.join("\n") + "\n").map_err(failed)?;
    Ok(Imported { records: lines.len() - 1, path })
}

#[derive(Deserialize)]
struct Bug {
    #[serde(rename = "Issue id")]
    id: String,
    #[serde(rename = "Summary")]
    title: String,
    #[serde(rename = "Description")]
    text: String,
    #[serde(rename = "Created")]
    at: String,
}

#[derive(Deserialize)]
struct Pair {
    #[serde(rename = "Issue id")]
    id: String,
    #[serde(rename = "Duplicate id")]
    same: String,
}

fn duplicates(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let folder = from.join("gitbugs/seamonkey");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let pairs: Vec<Pair> = rows(&folder.join("SeaMonkey_bugs-combined.csv"))?;
    let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in pairs {
        let others = pair.same.split([',', ';']).map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
        same.entry(pair.id.trim().to_owned()).or_default().extend(others);
    }
    let bugs: Vec<Bug> = rows(&folder.join("SeaMonkey_bugs.csv"))?;
    let records = bugs.into_iter().map(|Bug { id, title, text, at }| {
        let same = same.get(id.trim()).cloned().unwrap_or_default();
        json!({ "id": id.trim(), "title": title, "text": text, "duplicate_of": same, "at": at.trim().replacen(' ', "T", 1) })
    });
    Ok(vec![write(data, "seamonkey/reports.jsonl", &records.collect::<Vec<_>>())?])
}

fn rows<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>, EvalError> {
    let text = text_of(path)?;
    let refused = |(number, error): (usize, csv::Error)| EvalError::Line {
        path: path.display().to_string(),
        line: error.position().map_or(number, |position| usize::try_from(position.line()).unwrap_or(number)),
        reason: error.to_string(),
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().enumerate().map(|(number, row)| row.map_err(|error| refused((number + 2, error)))).collect()
}

#[derive(Deserialize)]
struct Question {
    #[serde(rename = "question_id")]
    id: String,
    title: String,
    body: String,
    asker: Option<String>,
    accepted_answerer: Option<String>,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    user: String,
    score: i64,
}

fn experts(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let mut imported = Vec::new();
    for site in SITES {
        let file = format!("stackexchange_experts/{site}.train.jsonl.gz");
        if !from.join(&file).is_file() {
            continue;
        }
        let questions: Vec<Question> = read(from, std::slice::from_ref(&file))?;
        let numbered = questions.into_iter().map(|question| {
            let refused = |error: std::num::ParseIntError| EvalError::Line {
                path: file.clone(),
                line: 1,
                reason: format!("`{}`: {error}", question.id),
            };
            Ok((question.id.parse::<i64>().map_err(refused)?, question))
        });
        let mut questions: Vec<(i64, Question)> = numbered.collect::<Result<_, EvalError>>()?;
        questions.sort_by_key(|(number, _)| *number);
        let later = questions.len() - questions.len() / ASKED;
        let records: Vec<Value> = questions.into_iter().map(|(number, question)| answered(number, question)).collect();
        let (history, test) = records.split_at(later);
        imported.push(write(data, &format!("experts/{site}_history.jsonl"), history)?);
        imported.push(write(data, &format!("experts/{site}_test.jsonl"), test)?);
    }
    Ok(imported)
}

fn answered(number: i64, question: Question) -> Value {
    let Question { id, title, body, asker, accepted_answerer, answers } = question;
    let answerers: Vec<Value> = answers.into_iter().map(|Answer { user, score }| json!({ "person": user, "score": score })).collect();
    let at = Timestamp::from_micros(number.saturating_mul(MICROS_PER_NUMBER)).to_string();
    json!({
        "id": id,
        "text": format!("{title}\n{body}"),
        "asker": asker,
        "answerers": answerers,
        "accepted": accepted_answerer,
        "at": at,
    })
}

fn threads(from: &Path, data: &Path) -> Result<Vec<Imported>, EvalError> {
    let mut imported = Vec::new();
    for (part, file) in [("train", "train"), ("val", "test")] {
        if from.join(format!("convosumm_email/{part}.source")).is_file() {
            imported.push(write(data, &format!("convosumm_email/{file}.jsonl"), &email_threads(from, part)?)?);
        }
    }
    Ok(imported)
}

/// The e-mail threads of a part with their summaries, as records.
pub(super) fn email_threads(from: &Path, part: &str) -> Result<Vec<Value>, EvalError> {
    let said = text_of(&from.join(format!("convosumm_email/{part}.source")))?;
    let summaries = text_of(&from.join(format!("convosumm_email/{part}.target")))?;
    let record = |(thread, summary): (&str, &str)| {
        let messages: Vec<Value> = thread.split("</s>").filter_map(message).collect();
        json!({ "messages": messages, "references": [summary.trim()] })
    };
    Ok(said.lines().zip(summaries.lines()).map(record).collect())
}

/// A message of an e-mail thread; `None` for one without a text.
fn message(text: &str) -> Option<Value> {
    let mut rest = text.trim_start();
    let mut from = "";
    for (field, next) in FIELDS.iter().zip(FIELDS.iter().skip(1).map(Some).chain([None])) {
        let value = rest.strip_prefix(field)?.trim_start();
        let end = match next {
            Some(next) => value.find(next)?,
            // The subject stands between quotation marks.
            None => value.strip_prefix('"').map_or(0, |inside| inside.find("\"  ").map_or(value.len(), |end| end + 2)),
        };
        if *field == "Name:" {
            from = value[..end].trim().trim_matches('"');
        }
        rest = &value[end..];
    }
    // The set has each line break as three blanks.
    let body = rest.replace("   ", "\n");
    (!body.trim().is_empty()).then(|| json!({ "from": from, "text": body.trim() }))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::eval::records::{AnsweredRecord, ReportRecord, ThreadRecord};

    fn put(from: &Path, file: &str, text: &str) {
        let path = from.join(file);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        if path.extension().is_some_and(|kind| kind == "gz") {
            let mut packed = GzEncoder::new(Vec::new(), Compression::default());
            packed.write_all(text.as_bytes()).unwrap();
            fs_err::write(path, packed.finish().unwrap()).unwrap();
        } else {
            fs_err::write(path, text).unwrap();
        }
    }

    #[test]
    fn reports_come_over_with_their_links_and_moments() {
        let (from, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let bugs = "Summary,Issue id,Status,Created,Description\nPaper jam,7,NEW,2020-01-02 17:14:21+00:00,\"It jams,\nagain\"\n";
        put(from.path(), "gitbugs/seamonkey/SeaMonkey_bugs.csv", bugs);
        put(from.path(), "gitbugs/seamonkey/SeaMonkey_bugs-combined.csv", "Issue id,Duplicate id\n7,\"3, 4\"\n");
        assert_eq!(everything(from.path(), data.path()).unwrap().len(), 1);
        let reports: Vec<ReportRecord> = read(data.path(), &["seamonkey/reports.jsonl".to_owned()]).unwrap();
        assert_eq!((reports[0].duplicate_of.len(), reports[0].at.to_string().as_str()), (2, "2020-01-02T17:14:21Z"));
        assert_eq!(reports[0].text, "It jams,\nagain");
    }

    #[test]
    fn the_last_questions_by_number_are_asked() {
        let (from, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let line = |number: usize| {
            format!(
                "{{\"question_id\": \"{number}\", \"title\": \"t\", \"body\": \"b\", \"asker\": null, \"accepted_answerer\": null, \
                 \"answers\": [{{\"user\": \"u{number}\", \"score\": 1}}]}}\n"
            )
        };
        put(from.path(), "stackexchange_experts/dba.train.jsonl.gz", &[12, 3, 40, 5, 6].map(line).concat());
        let imported = everything(from.path(), data.path()).unwrap();
        assert_eq!(imported.iter().map(|file| file.records).collect::<Vec<_>>(), [4, 1]);
        let asked: Vec<AnsweredRecord> = read(data.path(), &["experts/dba_test.jsonl".to_owned()]).unwrap();
        assert_eq!((asked[0].id.as_str(), asked[0].answerers[0].person.as_str()), ("40", "u40"));
    }

    #[test]
    fn messages_are_taken_apart_into_speaker_and_lines() {
        let (from, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let thread = "Name: \"Ana Blum\"   Email: \"ana@lab.example\"   To: list@lab.example   Subject: \"A \"big\" matter\"         Hello,      \
                      it works.   Really.   </s>Name: \"Tom\"   Email: \"t@lab.example\"   To: x   Subject: \"Re\"   \n";
        put(from.path(), "convosumm_email/val.source", thread);
        put(from.path(), "convosumm_email/val.target", "Ana says that it works.\n");
        everything(from.path(), data.path()).unwrap();
        let threads: Vec<ThreadRecord> = read(data.path(), &["convosumm_email/test.jsonl".to_owned()]).unwrap();
        let messages: Vec<(&str, &str)> =
            threads[0].messages.iter().map(|message| (message.from.as_str(), message.text.as_str())).collect();
        assert_eq!(messages, [("Ana Blum", "Hello,\n\nit works.\nReally.")]);
    }

    #[test]
    fn articles_and_abstracts_come_over_with_their_judgements() {
        let (from, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(from.path(), "tau2_bench/banking_knowledge/documents.jsonl", "{\"id\": \"d\", \"title\": \"T\", \"content\": \"C\"}\n");
        let scenario = r#"[{"id": "1", "user_scenario": {"instructions": "open an account"}, "required_documents": ["d"]}]"#;
        put(from.path(), "tau2_bench/banking_knowledge/tasks_dev.json", scenario);
        put(from.path(), "scifact/corpus.jsonl.gz", "{\"_id\": \"4\", \"title\": \"T\", \"text\": \"A\"}\n");
        put(from.path(), "scifact/queries_train.jsonl", "{\"_id\": \"0\", \"text\": \"Q\"}\n");
        put(from.path(), "scifact/qrels/train.tsv", "query-id\tcorpus-id\tscore\n0\t4\t1\n");
        let imported = everything(from.path(), data.path()).unwrap();
        assert_eq!(imported.iter().map(|file| file.records).collect::<Vec<_>>(), [1; 6]);
        let judged = fs_err::read_to_string(data.path().join("tau2_banking/qrels.tsv")).unwrap();
        assert_eq!(judged, "query-id\tcorpus-id\tscore\n1\td\t1\n");
    }
}
