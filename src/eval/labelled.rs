//! Whether the language, the sentiment and the urgency of texts are what people say they are.

use std::collections::BTreeSet;
use std::path::Path;

use backchannel_measure::bootstrap::Bootstrap;
use backchannel_measure::calibration::{Binning, Judged, expected_calibration_error};
use backchannel_measure::classification::{Prediction, by_class};

use crate::domain::vocabulary::Language;
use crate::eval::error::EvalError;
use crate::eval::records::{LanguageRecord, MoodRecord, read};
use crate::eval::suite::{Suite, Task};
use crate::eval::{Encode, Measured, Metric};
use crate::text::clean::{CleanText, clean};
use crate::text::language;
use crate::triage::felt::{self, GROUPS};

/// How a metric of these tasks is named.
const KNOWN: &str = "accuracy`, `macro_f1`, `ece`, each with `@` and a language, such as `@fr";
/// Bins of the calibration error, as Guo et al. (2017) use them.
const BINS: usize = 15;
/// The part of a file that is asked, where its records name one.
const TEST: &str = "test";
/// What is said where nothing is said.
const NOTHING: &str = "";

/// A text that was asked.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    lang: String,
    truth: String,
    /// What was said; [`NOTHING`] where nothing was.
    said: String,
    /// How likely that is.
    probability: f64,
}

/// Asks the language of texts; silence is a wrong answer of which nobody was sure.
pub(super) fn languages(suite: &Suite, data: &Path) -> Result<Measured, EvalError> {
    let records: Vec<LanguageRecord> = read(data, &suite.test)?;
    let ask = |record: LanguageRecord| {
        let found = language::detect(&record.text);
        Asked {
            said: found.map_or_else(|| NOTHING.to_owned(), |(language, _)| language.to_string()),
            probability: found.map_or(0.0, |(_, sure)| sure),
            truth: record.lang.clone(),
            lang: record.lang,
        }
    };
    measured(suite, &records.into_iter().map(ask).collect::<Vec<_>>())
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
    let ask = |((record, text), dense): ((MoodRecord, CleanText), Vec<f32>)| {
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
        let (said, probability) = said.unwrap_or_else(|| (NOTHING.to_owned(), 0.0));
        let lang = record.lang.or_else(|| language.map(|language| language.to_string())).unwrap_or_default();
        Asked { lang, truth: record.label, said, probability }
    };
    measured(suite, &records.into_iter().zip(texts).zip(vectors).map(ask).collect::<Vec<_>>())
}

fn measured(suite: &Suite, asked: &[Asked]) -> Result<Measured, EvalError> {
    if asked.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has nothing to ask", suite.name)));
    }
    let metric = |name: &String| {
        let unknown = || EvalError::NoMetric { suite: suite.name.clone(), metric: name.clone(), known: KNOWN.to_owned() };
        let (kind, lang) = name.split_once('@').map_or((name.as_str(), None), |(kind, lang)| (kind, Some(lang)));
        let value = statistic(kind).ok_or_else(unknown)?;
        let items: Vec<&Asked> = asked.iter().filter(|asked| lang.is_none_or(|lang| asked.lang == lang)).collect();
        let drawn = |sample: &[usize]| value(&sample.iter().map(|place| items[*place]).collect::<Vec<_>>());
        let interval = Bootstrap::default().statistic(items.len(), drawn).ok().map(|estimate| estimate.interval);
        Ok(Metric { name: name.clone(), value: value(&items), interval, n: items.len(), bar: suite.bars.get(name).copied() })
    };
    let metrics = suite.metrics.iter().map(metric).collect::<Result<_, EvalError>>()?;
    Ok(Measured { metrics, learned_from: 0, left_out: 0, learning_seconds: 0.0 })
}

/// A metric of some texts.
type Statistic = fn(&[&Asked]) -> Option<f64>;

fn statistic(kind: &str) -> Option<Statistic> {
    match kind {
        "accuracy" => Some(|items| {
            let right = items.iter().filter(|asked| asked.truth == asked.said).count();
            (!items.is_empty()).then(|| count(right) / count(items.len()))
        }),
        "macro_f1" => Some(|items| {
            let predictions: Vec<Prediction<&str>> =
                items.iter().map(|asked| Prediction { truth: asked.truth.as_str(), predicted: asked.said.as_str() }).collect();
            // Over the labels that there are: silence is no class.
            let truths: BTreeSet<&str> = predictions.iter().map(|prediction| prediction.truth).collect();
            let classes = by_class(&predictions);
            let each: Vec<f64> = truths.iter().filter_map(|label| classes.get(label)?.f1()).collect();
            (!each.is_empty()).then(|| each.iter().sum::<f64>() / count(each.len()))
        }),
        "ece" => Some(|items| {
            let judged: Vec<Judged> =
                items.iter().filter_map(|asked| Judged::new(asked.probability, asked.truth == asked.said).ok()).collect();
            expected_calibration_error(&judged, Binning::EqualWidth(BINS))
        }),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of texts stay far below 2^52")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(task: &str, metrics: &[&str]) -> Suite {
        toml::from_str(&format!("name = \"x\"\ntask = {task:?}\ntest = [\"a.jsonl\"]\nmetrics = {metrics:?}")).unwrap()
    }

    #[test]
    fn silence_is_wrong_and_languages_are_told_apart() {
        let data = tempfile::tempdir().unwrap();
        let lines = "{\"text\": \"Where is my order?\", \"lang\": \"en\"}\n{\"text\": \"ok\", \"lang\": \"en\"}\n\
                     {\"text\": \"Où est ma commande ?\", \"lang\": \"fr\"}\n";
        fs_err::write(data.path().join("a.jsonl"), lines).unwrap();
        let measured = languages(&suite("language", &["accuracy", "accuracy@en", "accuracy@fr", "ece"]), data.path()).unwrap();
        let values: Vec<(Option<f64>, usize)> = measured.metrics.iter().map(|metric| (metric.value, metric.n)).collect();
        assert_eq!(values[..3], [(Some(2.0 / 3.0), 3), (Some(0.5), 2), (Some(1.0), 1)]);
        assert!(measured.metrics[3].value.unwrap() < 0.2, "nobody was sure of what was not said");
    }

    #[test]
    fn a_metric_that_is_none_is_named_and_nothing_to_ask_is_an_error() {
        let data = tempfile::tempdir().unwrap();
        fs_err::write(data.path().join("a.jsonl"), "{\"text\": \"ok\", \"lang\": \"en\"}\n").unwrap();
        let said = languages(&suite("language", &["recall"]), data.path()).err().unwrap().to_string();
        assert!(said.contains("`recall`") && said.contains("macro_f1"), "{said}");
        fs_err::write(data.path().join("a.jsonl"), "").unwrap();
        assert!(languages(&suite("language", &["accuracy"]), data.path()).is_err());
    }

    #[test]
    fn labels_decide_by_their_own_text_alone() {
        let asked = |truth: &str, said: &str, probability| Asked {
            lang: "en".to_owned(),
            truth: truth.to_owned(),
            said: said.to_owned(),
            probability,
        };
        let all = [asked("low", "low", 1.0), asked("high", "low", 0.0), asked("high", "high", 1.0)];
        let all: Vec<&Asked> = all.iter().collect();
        assert_eq!(statistic("accuracy").unwrap()(&all), Some(2.0 / 3.0));
        assert_eq!(statistic("ece").unwrap()(&all), Some(0.0));
        assert!((statistic("macro_f1").unwrap()(&all).unwrap() - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(statistic("accuracy").unwrap()(&[]), None);
    }
}
