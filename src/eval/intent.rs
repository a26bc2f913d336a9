//! Which intent a text has: the product's head, learned from one part of a data set and asked on another.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use backchannel_learn::calibration::Calibration;
use backchannel_learn::features::Features;
use backchannel_learn::linear::{Example, Fitted, best};
use backchannel_learn::ngrams::Vocabulary;
use backchannel_measure::bootstrap::Bootstrap;
use backchannel_measure::calibration::{Binning, Judged, expected_calibration_error};
use backchannel_measure::classification::{Prediction, macro_f1};
use backchannel_measure::detection::{Scored, auroc};
use backchannel_measure::selective::coverage_at;

use crate::eval::error::EvalError;
use crate::eval::records::{IntentRecord, OUT_OF_SCOPE, read};
use crate::eval::suite::Suite;
use crate::eval::{Encode, Measured, Metric};
use crate::playbook::Abstain;
use crate::text::clean::{CleanText, clean};
use crate::text::language;
use crate::triage::ground::features;

/// The metrics of the task.
const METRICS: [&str; 6] = ["accuracy", "macro_f1", "ece", "coverage@p95", "oos_recall", "auroc"];
/// Bins of the calibration error, as Guo et al. (2017) use them.
const BINS: usize = 15;
/// The precision at which coverage is told.
const PRECISION: f64 = 0.95;

/// A text that was asked, with what was said of it.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    truth: String,
    /// The likeliest label.
    guess: String,
    /// How likely it was.
    probability: f64,
    /// What is answered: the guess, or that the text has no intent.
    predicted: String,
    /// How likely it was that the text has one.
    in_scope: f64,
}

pub(super) async fn measure(suite: &Suite, data: &Path, encoder: &impl Encode) -> Result<Measured, EvalError> {
    if let Some(unknown) = suite.metrics.iter().find(|name| !METRICS.contains(&name.as_str())) {
        return Err(EvalError::NoMetric { suite: suite.name.clone(), metric: unknown.clone(), known: METRICS.join("`, `") });
    }
    let test: Vec<IntentRecord> = read(data, &suite.test)?;
    let asked: BTreeSet<&str> = test.iter().map(|record| record.text.trim()).collect();
    let all: Vec<IntentRecord> = read(data, &suite.train)?;
    let found = all.len();
    // What is asked must not have been learned from.
    let train: Vec<IntentRecord> = all.into_iter().filter(|record| !asked.contains(record.text.trim())).collect();
    if train.is_empty() || test.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has nothing to learn from, or nothing to ask", suite.name)));
    }
    let (said, learning_seconds) = ask(&train, &test, encoder).await?;
    let metrics = suite.metrics.iter().map(|name| metric(name, &said, suite.bars.get(name).copied())).collect();
    Ok(Measured { metrics, learned_from: train.len(), left_out: found - train.len(), learning_seconds })
}

/// Learns a head, and asks it; says what learning took.
async fn ask(train: &[IntentRecord], test: &[IntentRecord], encoder: &impl Encode) -> Result<(Vec<Asked>, f64), EvalError> {
    let labels: Vec<&str> = train.iter().map(|record| record.label.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    // The name of an intent says what it is about, as a description in a playbook does; what belongs to none has no such name.
    let named: Vec<(usize, String)> = labels
        .iter()
        .enumerate()
        .filter(|(_, label)| **label != OUT_OF_SCOPE)
        .map(|(class, label)| (class, label.replace(['_', '-'], " ").to_lowercase()))
        .collect();
    let texts: Vec<CleanText> =
        train.iter().chain(test).map(|record| clean(&record.text)).chain(named.iter().map(|(_, name)| clean(name))).collect();
    let vectors = encoder.vectors(texts.clone()).await?;
    let learning = Instant::now();
    let (train_texts, others) = texts.split_at(train.len());
    let (_, name_texts) = others.split_at(test.len());
    let vocabulary = Vocabulary::of(train_texts.iter().chain(name_texts).map(CleanText::as_str));
    let features: Vec<Features> = texts
        .iter()
        .zip(vectors)
        .map(|(text, dense)| {
            let spoken = language::detect(text.as_str()).map(|(language, _)| language);
            features(&vocabulary, text.as_str(), spoken, dense)
        })
        .collect();
    let (learned, rest) = features.split_at(train.len());
    let (asked, of_labels) = rest.split_at(test.len());
    let class_of = |label: &str| labels.binary_search(&label).unwrap_or_default();
    let of_train = learned.iter().zip(train).map(|(features, record)| (features, class_of(&record.label), true));
    let of_names = of_labels.iter().zip(&named).map(|(features, (class, _))| (features, *class, false));
    let examples: Vec<Example<'_>> =
        of_train.chain(of_names).enumerate().map(|(key, (features, class, counts))| Example { features, class, key, counts }).collect();
    let fitted = Fitted::learn(&examples, labels.len(), None)
        .ok_or_else(|| EvalError::TooLittle("there are too few labels, or too few texts of each, to learn from".to_owned()))?;
    let seconds = learning.elapsed().as_secs_f64();
    let calibration = fitted.calibration().cloned().unwrap_or_default();
    let head = Head { out_of_scope: labels.binary_search(&OUT_OF_SCOPE).ok(), fitted, calibration, labels };
    // Where something out of scope is asked and none was learned from, a guess that the triage would not show is taken for none: right
    // intents and refusals are then told of one and the same way of answering.
    let refuses = head.out_of_scope.is_none() && test.iter().any(|record| record.label == OUT_OF_SCOPE);
    let least = if refuses { Abstain::default().intent.get() } else { 0.0 };
    Ok((asked.iter().zip(test).map(|(features, record)| head.judge(features, record, least)).collect(), seconds))
}

/// What was learned.
struct Head<'a> {
    fitted: Fitted,
    calibration: Calibration,
    labels: Vec<&'a str>,
    /// The class of what has no intent, where it was learned.
    out_of_scope: Option<usize>,
}

impl Head<'_> {
    /// What it says of a text; a guess less likely than `least` is no answer.
    fn judge(&self, features: &Features, record: &IntentRecord, least: f64) -> Asked {
        let scores = self.fitted.scores(features, None);
        let probabilities = self.calibration.probabilities(&scores);
        let class = best(&scores).unwrap_or_default();
        let (guess, probability) = (self.labels[class], probabilities.get(class).copied().unwrap_or_default());
        let of_none = self.out_of_scope.and_then(|none| probabilities.get(none).copied());
        Asked {
            truth: record.label.clone(),
            guess: guess.to_owned(),
            probability,
            predicted: if probability < least { OUT_OF_SCOPE } else { guess }.to_owned(),
            in_scope: of_none.map_or(probability, |none| 1.0 - none),
        }
    }
}

/// A metric of the texts that were asked.
type Statistic = Box<dyn Fn(&[&Asked]) -> Option<f64>>;

fn metric(name: &str, said: &[Asked], bar: Option<f64>) -> Metric {
    let in_scope: Vec<&Asked> = said.iter().filter(|asked| asked.truth != OUT_OF_SCOPE).collect();
    let outside: Vec<&Asked> = said.iter().filter(|asked| asked.truth == OUT_OF_SCOPE).collect();
    let everybody: Vec<&Asked> = said.iter().collect();
    let share = |items: &[&Asked], of: &dyn Fn(&Asked) -> bool| -> Option<f64> {
        let right = items.iter().filter(|asked| of(asked)).count();
        (!items.is_empty()).then(|| count(right) / count(items.len()))
    };
    let judged = |items: &[&Asked]| -> Vec<Judged> {
        items.iter().filter_map(|asked| Judged::new(asked.probability, asked.truth == asked.guess).ok()).collect()
    };
    let (items, value): (Vec<&Asked>, Statistic) = match name {
        "macro_f1" => (everybody, Box::new(|items| macro_f1(&predictions(items)))),
        "ece" => (everybody, Box::new(move |items| expected_calibration_error(&judged(items), Binning::EqualWidth(BINS)))),
        "coverage@p95" => (everybody, Box::new(move |items| coverage_at(&judged(items), PRECISION).map(|kept| kept.coverage))),
        "oos_recall" => (outside, Box::new(move |items| share(items, &|asked| asked.predicted == OUT_OF_SCOPE))),
        "auroc" => (
            everybody,
            Box::new(|items| {
                let scored: Vec<Scored> =
                    items.iter().filter_map(|asked| Scored::new(asked.in_scope, asked.truth != OUT_OF_SCOPE).ok()).collect();
                auroc(&scored)
            }),
        ),
        _ => (in_scope, Box::new(move |items| share(items, &|asked| asked.truth == asked.predicted))),
    };
    let drawn = |sample: &[usize]| value(&sample.iter().map(|place| items[*place]).collect::<Vec<_>>());
    let interval = Bootstrap::default().statistic(items.len(), drawn).ok().map(|estimate| estimate.interval);
    Metric { name: name.to_owned(), value: value(&items), interval, n: items.len(), bar }
}

fn predictions(items: &[&Asked]) -> Vec<Prediction<String>> {
    items.iter().map(|asked| Prediction { truth: asked.truth.clone(), predicted: asked.predicted.clone() }).collect()
}

#[expect(clippy::cast_precision_loss, reason = "numbers of texts stay far below 2^52")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(truth: &str, guess: &str, probability: f64, predicted: &str) -> Asked {
        let [truth, guess, predicted] = [truth, guess, predicted].map(str::to_owned);
        Asked { truth, guess, probability, predicted, in_scope: probability }
    }

    #[test]
    fn right_intents_and_refusals_are_told_of_the_same_answers() {
        let said = [
            asked("a", "a", 0.9, "a"),
            asked("a", "a", 0.4, OUT_OF_SCOPE),
            asked("b", "a", 0.8, "a"),
            asked("b", "b", 0.7, "b"),
            asked(OUT_OF_SCOPE, "b", 0.3, OUT_OF_SCOPE),
            asked(OUT_OF_SCOPE, "a", 0.6, "a"),
        ];
        let value = |name: &str| metric(name, &said, None).value.unwrap();
        assert!((value("accuracy") - 0.5).abs() < 1e-9, "the guess that is not shown is no right one");
        assert!((value("oos_recall") - 0.5).abs() < 1e-9);
        // Of eight pairs of one text with an intent and one without, the first is surer in seven.
        assert!((value("auroc") - 7.0 / 8.0).abs() < 1e-9, "{}", value("auroc"));
        assert_eq!((metric("oos_recall", &said, None).n, metric("accuracy", &said, Some(0.4)).bar), (2, Some(0.4)));
        assert_eq!(metric("oos_recall", &said[..4], None).value, None, "a recall of nothing is none");
    }
}
