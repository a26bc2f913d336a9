//! Which intent a text has: the product's head, learned from one part of a data set and asked on another.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use backchannel_learn::calibration::Calibration;
use backchannel_learn::features::Features;
use backchannel_learn::linear::{Choice, Example, Fitted, best};
use backchannel_learn::ngrams::Vocabulary;
use backchannel_learn::threshold::{GIVEN_UP, said_above};

use crate::eval::error::EvalError;
use crate::eval::item::{Item, Label, Said, rounded};
use crate::eval::records::{IntentRecord, OUT_OF_SCOPE, read};
use crate::eval::suite::Suite;
use crate::eval::{Encode, Measured};
use crate::playbook::Abstain;
use crate::text::clean::{CleanText, clean};
use crate::text::language;
use crate::triage::ground::features;

pub(super) async fn measure(suite: &Suite, data: &Path, encoder: &impl Encode) -> Result<Measured, EvalError> {
    let test: Vec<IntentRecord> = read(data, &suite.test)?;
    let asked: BTreeSet<&str> = test.iter().map(|record| record.text.trim()).collect();
    let all: Vec<IntentRecord> = read(data, &suite.train)?;
    let found = all.len();
    // What is asked must not have been learned from.
    let train: Vec<IntentRecord> = all.into_iter().filter(|record| !asked.contains(record.text.trim())).collect();
    if train.is_empty() || test.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has nothing to learn from, or nothing to ask", suite.name)));
    }
    let left_out = found - train.len();
    Ok(Measured { left_out, ..ask(&train, &test, encoder).await? })
}

/// Learns a head, and asks it.
async fn ask(train: &[IntentRecord], test: &[IntentRecord], encoder: &impl Encode) -> Result<Measured, EvalError> {
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
    let (of_train, rest) = features.split_at(train.len());
    let (asked, of_labels) = rest.split_at(test.len());
    let class_of = |label: &str| labels.binary_search(&label).unwrap_or_default();
    let of_train = of_train.iter().zip(train).map(|(features, record)| (features, class_of(&record.label), true));
    let of_names = of_labels.iter().zip(&named).map(|(features, (class, _))| (features, *class, false));
    let examples: Vec<Example<'_>> =
        of_train.chain(of_names).enumerate().map(|(key, (features, class, counts))| Example { features, class, key, counts }).collect();
    let fitted = Fitted::learn(&examples, labels.len(), None)
        .ok_or_else(|| EvalError::TooLittle("there are too few labels, or too few texts of each, to learn from".to_owned()))?;
    let learning_seconds = learning.elapsed().as_secs_f64();
    let learned = described(&fitted);
    let calibration = fitted.calibration().cloned().unwrap_or_default();
    let out_of_scope = labels.binary_search(&OUT_OF_SCOPE).ok();
    let outside_above = out_of_scope.and_then(|class| said_above(fitted.beside_right(class), GIVEN_UP));
    let head = Head { fitted, calibration, labels, out_of_scope, outside_above };
    // Where something out of scope is asked and none was learned from, a guess that the triage would not show is taken for none: right
    // intents and refusals are then told of one and the same way of answering.
    let refuses = head.out_of_scope.is_none() && test.iter().any(|record| record.label == OUT_OF_SCOPE);
    let least = if refuses { Abstain::default().intent.get() } else { 0.0 };
    let said = asked.iter().zip(test).map(|(features, record)| head.judge(features, record, least));
    let numbered = said.zip(1_usize..);
    let items = numbered.map(|(label, number)| Item { id: number.to_string(), lang: None, half: None, said: Said::Label(label) });
    Ok(Measured { items: items.collect(), learned_from: train.len(), left_out: 0, learning_seconds, head: Some(learned) })
}

/// What was learned, in words: what cross-validation chose, and how many held-out texts it was right on.
fn described(fitted: &Fitted) -> String {
    let (Choice { cost, sparse }, judged) = (fitted.choice(), fitted.judged());
    let (right, asked) = (judged.iter().filter(|guess| guess.right()).count(), judged.len());
    format!("softmax regression: cost {cost}, words times {sparse}, {right} of {asked} right when held out")
}

/// What was learned.
struct Head<'a> {
    fitted: Fitted,
    calibration: Calibration,
    labels: Vec<&'a str>,
    /// The class of what has no intent, where it was learned.
    out_of_scope: Option<usize>,
    /// Above which probability a text is out of scope although an intent is likelier.
    outside_above: Option<f64>,
}

impl Head<'_> {
    /// What it says of a text; a guess less likely than `least` is no answer.
    fn judge(&self, features: &Features, record: &IntentRecord, least: f64) -> Label {
        let scores = self.fitted.scores(features, None);
        let probabilities = self.calibration.probabilities(&scores);
        let class = best(&scores).unwrap_or_default();
        let (guess, probability) = (self.labels[class].to_owned(), probabilities.get(class).copied().unwrap_or_default());
        let of_none = self.out_of_scope.and_then(|none| probabilities.get(none).copied());
        let is_outside = probability < least || of_none.zip(self.outside_above).is_some_and(|(none, above)| none > above);
        Label {
            truth: record.label.clone(),
            answer: Some(if is_outside { OUT_OF_SCOPE.to_owned() } else { guess.clone() }),
            guess: Some(guess),
            probability: Some(rounded(probability)),
            in_scope: Some(rounded(of_none.map_or(probability, |none| 1.0 - none))),
            ..Label::default()
        }
    }
}
