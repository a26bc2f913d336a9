//! Whether the language, the sentiment and the urgency of texts are what people say they are.

use std::collections::BTreeSet;
use std::path::Path;

use crate::domain::vocabulary::Language;
use crate::eval::error::EvalError;
use crate::eval::item::{Item, Label, Said, rounded};
use crate::eval::records::{LanguageRecord, MoodRecord, read};
use crate::eval::suite::{Suite, Task};
use crate::eval::{Encode, Measured};
use crate::text::clean::{CleanText, clean};
use crate::text::language;
use crate::triage::felt::{self, GROUPS};

/// The part of a file that is asked, where its records name one.
const TEST: &str = "test";

/// Asks the language of texts; silence is a wrong answer of which nobody was sure.
pub(super) fn languages(suite: &Suite, data: &Path) -> Result<Measured, EvalError> {
    let records: Vec<LanguageRecord> = read(data, &suite.test)?;
    let ask = |(record, number): (LanguageRecord, usize)| {
        let said = language::detect(&record.text).map(|(language, sure)| (language.to_string(), sure));
        item(number, record.lang.clone(), record.lang, said)
    };
    measured(suite, records.into_iter().zip(1..).map(ask).collect())
}

/// Asks how writers feel, or how pressing texts are.
///
/// Texts that are labelled with the groups of `GoEmotions`, among them `ambiguous`, are asked of the head that knows these.
pub(super) async fn moods(suite: &Suite, data: &Path, encoder: &impl Encode) -> Result<Measured, EvalError> {
    let mut records: Vec<MoodRecord> = read(data, &suite.test)?;
    records.retain(|record| record.split.as_deref().is_none_or(|split| split == TEST));
    let labels: BTreeSet<&str> = records.iter().map(|record| record.label.as_str()).collect();
    let of_groups = suite.task == Task::Sentiment && labels.contains("ambiguous") && labels.iter().all(|label| GROUPS.contains(label));
    let texts: Vec<CleanText> = records.iter().map(|record| clean(&record.text)).collect();
    let vectors = encoder.vectors(texts.clone()).await?;
    let model = encoder.model();
    let ask = |(((record, text), dense), number): (((MoodRecord, CleanText), Vec<f32>), usize)| {
        let known = record.lang.as_deref().and_then(|code| code.parse().ok());
        let language = known.or_else(|| language::detect(text.as_str()).map(|(language, _)| language));
        let asked = felt::Asked { text: text.as_str(), language, dense: &dense, encoder: model };
        let said: Option<(String, f64)> = if of_groups {
            // Every comment of the set is English, however short.
            felt::groups(felt::Asked { language: Some(Language::ENGLISH), ..asked })
                .first()
                .map(|(label, sure)| ((*label).to_owned(), *sure))
        } else if suite.task == Task::Sentiment {
            felt::sentiments(asked).first().map(|(label, sure)| (label.to_string(), *sure))
        } else {
            felt::urgencies(asked).first().map(|(label, sure)| (label.to_string(), *sure))
        };
        let lang = record.lang.or_else(|| language.map(|language| language.to_string())).unwrap_or_default();
        item(number, lang, record.label, said)
    };
    measured(suite, records.into_iter().zip(texts).zip(vectors).zip(1..).map(ask).collect())
}

/// A text that was asked: its language, the right label, and what was said of it.
fn item(number: usize, lang: String, truth: String, said: Option<(String, f64)>) -> Item {
    let (guess, probability) = said.map_or((None, 0.0), |(said, sure)| (Some(said), sure));
    // Silence is an answer of which nobody was sure.
    let label = Label { truth, answer: guess.clone(), guess, probability: Some(rounded(probability)), ..Label::default() };
    Item { id: number.to_string(), lang: Some(lang), half: None, said: Said::Label(label) }
}

fn measured(suite: &Suite, items: Vec<Item>) -> Result<Measured, EvalError> {
    if items.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has nothing to ask", suite.name)));
    }
    Ok(Measured { items, ..Measured::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::tests::measured;

    fn suite(task: &str, metrics: &[&str]) -> Suite {
        toml::from_str(&format!("name = \"x\"\ntask = {task:?}\ntest = [\"a.jsonl\"]\nmetrics = {metrics:?}")).unwrap()
    }

    #[test]
    fn silence_is_wrong_and_languages_are_told_apart() {
        let data = tempfile::tempdir().unwrap();
        let lines = "{\"text\": \"Where is my order?\", \"lang\": \"en\"}\n{\"text\": \"ok\", \"lang\": \"en\"}\n\
                     {\"text\": \"Où est ma commande ?\", \"lang\": \"fr\"}\n";
        fs_err::write(data.path().join("a.jsonl"), lines).unwrap();
        let metrics = measured(&suite("language", &["accuracy", "accuracy@en", "accuracy@fr", "ece"]), data.path()).unwrap();
        let values: Vec<(Option<f64>, usize)> = metrics.iter().map(|metric| (metric.value, metric.n)).collect();
        assert_eq!(values[..3], [(Some(2.0 / 3.0), 3), (Some(0.5), 2), (Some(1.0), 1)]);
        assert!(metrics[3].value.unwrap() < 0.2, "nobody was sure of what was not said");
    }

    #[test]
    fn a_metric_that_is_none_is_named_and_nothing_to_ask_is_an_error() {
        let data = tempfile::tempdir().unwrap();
        fs_err::write(data.path().join("a.jsonl"), "{\"text\": \"ok\", \"lang\": \"en\"}\n").unwrap();
        let said = measured(&suite("language", &["recall"]), data.path()).err().unwrap().to_string();
        assert!(said.contains("`recall`") && said.contains("macro_f1"), "{said}");
        fs_err::write(data.path().join("a.jsonl"), "").unwrap();
        assert!(measured(&suite("language", &["accuracy"]), data.path()).is_err());
    }
}
