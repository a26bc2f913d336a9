//! Who can answer a question: those who answered what is like it, found by the product's search, beside the votes of the nearest questions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::eval::error::EvalError;
use crate::eval::item::{Item, Said};
use crate::eval::ranked::Ranked;
use crate::eval::records::{AnsweredRecord, read};
use crate::eval::shelf::{Cut, Shelf, Text, Wanted, Way};
use crate::eval::suite::Suite;
use crate::eval::{Encode, Measured};
use crate::experts::{PastCase, usual};
use crate::text::clean::clean;

/// How many of the nearest questions vote in the reference: the best of these on the last fifth of the history.
const NEIGHBOURS: [usize; 4] = [10, 20, 50, 100];
/// Which part of the history that is.
const LAST: usize = 5;

/// A question with what is like it in the history, best first.
struct Seen<'r> {
    record: &'r AnsweredRecord,
    like: Vec<(usize, f64)>,
}

pub(super) async fn measure(suite: &Suite, data: &Path, encoder: &impl Encode) -> Result<Measured, EvalError> {
    let mut history: Vec<AnsweredRecord> = read(data, &suite.history)?;
    history.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id)));
    let test: Vec<AnsweredRecord> = read(data, &suite.test)?;
    let test: Vec<AnsweredRecord> = test.into_iter().filter(|record| !record.answerers.is_empty()).collect();
    if history.is_empty() || test.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has no answered questions of both the past and later", suite.name)));
    }
    let texts: Vec<Text<'_>> = history.iter().map(|record| Text { title: "", body: &record.text, at: record.at }).collect();
    let shelf = Shelf::of(&texts, Cut::Whole, encoder).await?;
    let later = &history[history.len() - history.len() / LAST..];
    let count = neighbours(&seen(&shelf, later, encoder).await?, &history);
    let mut items = Vec::with_capacity(test.len());
    for asked in seen(&shelf, &test, encoder).await? {
        let likely = likely(&asked, &history);
        let nearest = nearest(&asked, &history, count);
        // Places are those of the two lists joined, so that everybody has one number.
        let names: Vec<&str> =
            likely.iter().chain(&nearest).copied().chain(asked.answerers()).collect::<BTreeSet<_>>().into_iter().collect();
        let number = |name: &&str| names.binary_search(name).unwrap_or(usize::MAX);
        let right: Vec<usize> = asked.answerers().map(|name| number(&name)).collect();
        let mut ranked = Ranked { grades: vec![1; right.len()], ..Ranked::default() };
        ranked.add("", &right, likely.iter().map(number));
        ranked.add("knn", &right, nearest.iter().map(number));
        items.push(Item { id: asked.record.id.clone(), lang: None, half: None, said: Said::Ranked(ranked) });
    }
    Ok(Measured { learned_from: history.len(), items, ..Measured::default() })
}

async fn seen<'r>(shelf: &Shelf, asked: &'r [AnsweredRecord], encoder: &impl Encode) -> Result<Vec<Seen<'r>>, EvalError> {
    let cleaned: Vec<_> = asked.iter().map(|record| clean(&record.text)).collect();
    let vectors = encoder.vectors(cleaned.clone()).await?;
    let mut seen = Vec::with_capacity(asked.len());
    for ((record, text), dense) in asked.iter().zip(cleaned).zip(vectors) {
        // Only what was there before.
        let wanted = Wanted { text, dense, before: Some(record.at) };
        seen.push(Seen { record, like: shelf.find_many(&wanted, Way::Product, crate::experts::CASES).await? });
    }
    Ok(seen)
}

impl<'r> Seen<'r> {
    fn answerers(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        self.record.answerers.iter().map(|answer| answer.person.as_str()).collect::<BTreeSet<_>>().into_iter()
    }

    fn is_asker(&self, name: &str) -> bool {
        self.record.asker.as_deref() == Some(name)
    }
}

/// The people worth asking as the product sees it, best first.
fn likely<'h>(asked: &Seen<'_>, history: &'h [AnsweredRecord]) -> Vec<&'h str> {
    let best = asked.like.first().map_or(1.0, |(_, score)| *score).max(f64::MIN_POSITIVE);
    let cases: Vec<PastCase<&str>> = asked
        .like
        .iter()
        .map(|(place, score)| PastCase {
            likeness: score / best,
            at: history[*place].at,
            by: history[*place].answerers.iter().map(|answer| answer.person.as_str()).collect(),
        })
        .collect();
    let since = history.first().map_or(asked.record.at, |first| first.at);
    usual(&cases, since, asked.record.at).into_iter().map(|(name, _)| name).filter(|name| !asked.is_asker(name)).collect()
}

/// Those who answered the nearest questions, by the sum of their likeness.
fn nearest<'h>(asked: &Seen<'_>, history: &'h [AnsweredRecord], count: usize) -> Vec<&'h str> {
    let mut votes: BTreeMap<&str, f64> = BTreeMap::new();
    for (place, score) in asked.like.iter().take(count) {
        let people: BTreeSet<&str> = history[*place].answerers.iter().map(|answer| answer.person.as_str()).collect();
        people.into_iter().filter(|name| !asked.is_asker(name)).for_each(|name| *votes.entry(name).or_default() += score);
    }
    let mut votes: Vec<(&str, f64)> = votes.into_iter().collect();
    votes.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    votes.into_iter().map(|(name, _)| name).collect()
}

/// How many of the nearest questions should vote.
fn neighbours(later: &[Seen<'_>], history: &[AnsweredRecord]) -> usize {
    let hits = |count: usize| {
        let hit = |asked: &&Seen<'_>| {
            let right: BTreeSet<&str> = asked.answerers().collect();
            nearest(asked, history, count).iter().take(5).any(|name| right.contains(name))
        };
        later.iter().filter(hit).count()
    };
    NEIGHBOURS.into_iter().rev().max_by_key(|count| hits(*count)).unwrap_or(NEIGHBOURS[0])
}

#[cfg(test)]
mod tests {
    use crate::domain::time::Timestamp;
    use crate::eval::tests::{Letters, measured_with};

    fn question(id: usize, text: &str, by: &str) -> String {
        let at = Timestamp::from_micros(i64::try_from(id).unwrap() * 86_400_000_000);
        let at = serde_json::to_string(&at.to_string()).unwrap();
        format!("{{\"id\": \"{id}\", \"text\": \"{text}\", \"asker\": \"tom\", \"answerers\": [{{\"person\": \"{by}\"}}], \"at\": {at}}}\n")
    }

    #[test]
    fn who_answered_the_like_is_found_and_whoever_asks_is_not_named() {
        let matters = [("the index of the table is slow", "ana"), ("the printer has no paper", "rui"), ("the index is slow again", "tom")];
        let history: String = (0..30).map(|id| question(id, matters[id % 3].0, matters[id % 3].1)).collect();
        let asked = question(40, "why is the index so slow", "ana") + &question(41, "paper is missing in the printer", "rui");
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("h.jsonl"), history).unwrap();
        fs_err::write(folder.path().join("t.jsonl"), asked).unwrap();
        let suite = "name = \"x\"\ntask = \"experts\"\nhistory = [\"h.jsonl\"]\ntest = [\"t.jsonl\"]\n\
                     metrics = [\"hit@1\", \"knn_hit@5\", \"over_knn_mrr\"]\n";
        let metrics = measured_with(&toml::from_str(suite).unwrap(), folder.path(), &Letters).unwrap();
        assert_eq!((metrics[0].value, metrics[0].n, metrics[1].value), (Some(1.0), 2, Some(1.0)), "{metrics:?}");
    }
}
