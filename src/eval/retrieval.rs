//! Which documents answer a question: the product's search over passages, beside its two halves alone.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::time::Timestamp;
use crate::eval::error::EvalError;
use crate::eval::item::{Item, Said};
use crate::eval::ranked::Ranked;
use crate::eval::records::{DocumentRecord, QueryRecord, read};
use crate::eval::shelf::{Cut, Shelf, Text, Wanted, Way};
use crate::eval::suite::Suite;
use crate::eval::{Encode, Measured};
use crate::text::clean::clean;

pub(super) async fn measure(suite: &Suite, data: &Path, encoder: &impl Encode) -> Result<Measured, EvalError> {
    let corpus: Vec<DocumentRecord> = read(data, &suite.corpus)?;
    let queries: Vec<QueryRecord> = read(data, &suite.queries)?;
    let at = Timestamp::from_micros(0);
    let texts: Vec<Text<'_>> = corpus.iter().map(|document| Text { title: &document.title, body: &document.text, at }).collect();
    let places: BTreeMap<&str, usize> = corpus.iter().enumerate().map(|(place, document)| (document.id.as_str(), place)).collect();
    let right = judgements(suite, data, &places)?;
    let asked: Vec<&QueryRecord> = queries.iter().filter(|query| right.contains_key(&query.id)).collect();
    if asked.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has no question with a document that answers it", suite.name)));
    }
    let shelf = Shelf::of(&texts, Cut::Passages, encoder).await?;
    let cleaned: Vec<_> = asked.iter().map(|query| clean(&query.text)).collect();
    let vectors = encoder.vectors(cleaned.clone()).await?;
    let mut items = Vec::with_capacity(asked.len());
    for ((query, text), dense) in asked.iter().zip(cleaned).zip(vectors) {
        let (right, grades): (Vec<usize>, Vec<u32>) = right[&query.id].iter().copied().unzip();
        let wanted = Wanted { text, dense, before: None };
        let mut ranked = Ranked { grades, ..Ranked::default() };
        for (way, name) in Way::ALL {
            ranked.add(name, &right, shelf.find(&wanted, way).await?.into_iter().map(|(place, _)| place));
        }
        items.push(Item { id: query.id.clone(), lang: None, half: None, said: Said::Ranked(ranked) });
    }
    Ok(Measured { left_out: queries.len() - items.len(), items, ..Measured::default() })
}

/// The places of the documents that answer each question, with how well they do: tab-separated lines under a head.
fn judgements(suite: &Suite, data: &Path, places: &BTreeMap<&str, usize>) -> Result<BTreeMap<String, Vec<(usize, u32)>>, EvalError> {
    let file = suite.qrels.clone().unwrap_or_default();
    let path = data.join(&file);
    let text = fs_err::read_to_string(&path).map_err(|source| EvalError::Read { path: path.display().to_string(), source })?;
    let mut right: BTreeMap<String, Vec<(usize, u32)>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
        let refused = |reason: String| EvalError::Line { path: path.display().to_string(), line: number + 1, reason };
        let [query, document, grade] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(refused("a judgement has a question, a document and a grade, with tabs between them".to_owned()));
        };
        let place = places.get(document).ok_or_else(|| refused(format!("there is no document `{document}`")))?;
        let grade: u32 = grade.trim().parse().map_err(|error| refused(format!("`{grade}`: {error}")))?;
        if grade > 0 {
            right.entry(query.to_owned()).or_default().push((*place, grade));
        }
    }
    Ok(right)
}

#[cfg(test)]
mod tests {
    use crate::eval::tests::{Letters, measured_with};

    const SUITE: &str = "name = \"x\"\ntask = \"retrieval\"\ncorpus = [\"c.jsonl\"]\nqueries = [\"q.jsonl\"]\nqrels = \"r.tsv\"\n\
                         metrics = [\"ndcg@10\", \"recall@10\", \"dense_mrr\", \"bm25_mrr\"]\n";

    fn folder(judgements: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let corpus = "{\"id\": \"a\", \"title\": \"Refunds\", \"text\": \"Money comes back within five days.\"}\n\
                      {\"id\": \"b\", \"title\": \"Routers\", \"text\": \"A red light means no line.\"}\n\
                      {\"id\": \"c\", \"title\": \"Parcels\", \"text\": \"\"}\n";
        fs_err::write(folder.path().join("c.jsonl"), corpus).unwrap();
        let queries = "{\"id\": \"1\", \"text\": \"when does my money come back\"}\n{\"id\": \"2\", \"text\": \"parcels\"}\n\
                       {\"id\": \"3\", \"text\": \"of which nobody says what is right\"}\n";
        fs_err::write(folder.path().join("q.jsonl"), queries).unwrap();
        fs_err::write(folder.path().join("r.tsv"), judgements).unwrap();
        folder
    }

    #[test]
    fn a_question_is_judged_by_where_the_documents_stand_that_answer_it() {
        let folder = folder("query-id\tcorpus-id\tscore\n1\ta\t1\n1\tb\t0\n2\tc\t1\n");
        let metrics = measured_with(&toml::from_str(SUITE).unwrap(), folder.path(), &Letters).unwrap();
        let of = |name: &str| metrics.iter().find(|metric| metric.name == name).unwrap();
        assert_eq!((of("ndcg@10").value, of("ndcg@10").n), (Some(1.0), 2));
        assert_eq!((of("recall@10").value, of("bm25_mrr").value), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn a_judgement_of_an_unknown_document_is_refused_with_its_line() {
        let folder = folder("query-id\tcorpus-id\tscore\n1\ta\t1\n1\tz\t1\n");
        let said = measured_with(&toml::from_str(SUITE).unwrap(), folder.path(), &Letters).unwrap_err().to_string();
        assert!(said.starts_with("line 3 of ") && said.contains("`z`"), "{said}");
    }
}
