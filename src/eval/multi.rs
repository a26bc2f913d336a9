//! Which intents a text has, any number of them: logistic heads side by side, learned from one part of a data set and asked on another.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use backchannel_learn::features::Features;
use backchannel_learn::linear::Choice;
use backchannel_learn::ngrams::Vocabulary;
use backchannel_learn::several::{Labelled, Several};

use crate::eval::error::EvalError;
use crate::eval::item::{Item, Labels, Said};
use crate::eval::records::{MultiIntentRecord, read};
use crate::eval::suite::Suite;
use crate::eval::{Encode, Measured};
use crate::text::clean::{CleanText, clean};
use crate::text::language;
use crate::triage::ground::features;

pub(super) async fn measure(suite: &Suite, data: &Path, encoder: &impl Encode) -> Result<Measured, EvalError> {
    let test: Vec<MultiIntentRecord> = read(data, &suite.test)?;
    let asked: BTreeSet<&str> = test.iter().map(|record| record.text.trim()).collect();
    let all: Vec<MultiIntentRecord> = read(data, &suite.train)?;
    let found = all.len();
    // What is asked must not have been learned from.
    let train: Vec<MultiIntentRecord> = all.into_iter().filter(|record| !asked.contains(record.text.trim())).collect();
    let names: Vec<&str> =
        train.iter().flat_map(|record| &record.labels).map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    let texts: Vec<CleanText> = train.iter().chain(&test).map(|record| clean(&record.text)).collect();
    let vectors = encoder.vectors(texts.clone()).await?;
    let learning = Instant::now();
    let vocabulary = Vocabulary::of(texts[..train.len()].iter().map(CleanText::as_str));
    let read: Vec<Features> = texts
        .iter()
        .zip(vectors)
        .map(|(text, dense)| {
            let spoken = language::detect(text.as_str()).map(|(language, _)| language);
            features(&vocabulary, text.as_str(), spoken, dense)
        })
        .collect();
    let (of_train, of_test) = read.split_at(train.len());
    let examples: Vec<Labelled<'_>> = of_train
        .iter()
        .zip(&train)
        .enumerate()
        .map(|(key, (features, record))| {
            let labels = record.labels.iter().filter_map(|label| names.binary_search(&label.as_str()).ok()).collect::<BTreeSet<_>>();
            Labelled { features, labels: labels.into_iter().collect(), key, counts: true }
        })
        .collect();
    let several = Several::learn(&examples, names.len(), None)
        .ok_or_else(|| EvalError::TooLittle(format!("suite `{}` has too few labels to learn from", suite.name)))?;
    let learning_seconds = learning.elapsed().as_secs_f64();
    let items = of_test.iter().zip(&test).zip(1_usize..).map(|((features, record), number)| {
        let said = several.said(features).into_iter().map(|label| names[label].to_owned()).collect();
        Item { id: number.to_string(), lang: None, half: None, said: Said::Labels(Labels { truth: record.labels.clone(), said }) }
    });
    let Choice { cost, sparse } = several.choice();
    Ok(Measured {
        items: items.collect(),
        learned_from: train.len(),
        left_out: found - train.len(),
        learning_seconds,
        head: Some(format!("{} logistic heads: cost {cost}, words times {sparse}, said from {:.2} on", names.len(), several.threshold())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Asked, Desk, Past, Shop, Tools, Verdict, Wondered, run};

    /// No vectors: words alone must do.
    struct Words;

    impl Encode for Words {
        fn model(&self) -> &'static str {
            "words"
        }

        async fn vectors(&self, texts: Vec<CleanText>) -> Result<Vec<Vec<f32>>, EvalError> {
            Ok(vec![Vec::new(); texts.len()])
        }

        fn name(&self) -> String {
            "words".to_owned()
        }
    }

    impl Desk for Words {
        async fn answered(&self, _: &Shop<'_>, _: &[Wondered]) -> Result<Vec<Option<String>>, EvalError> {
            Ok(Vec::new())
        }

        async fn triage(&self, _: &Past, _: &[Asked]) -> Result<Vec<Verdict>, EvalError> {
            Ok(Vec::new())
        }
    }

    #[tokio::test]
    async fn several_intents_of_a_text_are_learned_and_asked() {
        let folder = tempfile::tempdir().unwrap();
        let topics = ["card is lost", "why was a fee taken", "transfer money abroad"];
        let line = |i: usize| {
            let (one, other) = (i % 3, (i + 1) % 3);
            serde_json::json!({ "text": format!("{} and {} {i}", topics[one], topics[other]), "labels": [format!("l{one}"), format!("l{other}")] })
                .to_string()
        };
        let lines = |range: std::ops::Range<usize>| range.map(line).collect::<Vec<_>>().join("\n");
        fs_err::write(folder.path().join("train.jsonl"), lines(0..60)).unwrap();
        // One of those that are asked was learned from: it is left out.
        fs_err::write(folder.path().join("test.jsonl"), lines(59..80)).unwrap();
        let suite: Suite = toml::from_str(
            "name = \"x\"\ntask = \"multi_intent\"\ntrain = [\"train.jsonl\"]\ntest = [\"test.jsonl\"]\nmetrics = [\"micro_f1\", \"macro_f1\"]\n",
        )
        .unwrap();
        let tools = Tools { encoder: Some(&Words), desk: Some(&Words), playbook: None };
        let report = run(&suite, folder.path(), tools).await.unwrap();
        assert_eq!((report.learned_from, report.left_out, report.items.len()), (59, 1, 21));
        assert!(report.metrics.iter().all(|metric| metric.value.unwrap() > 0.9 && metric.n == 21), "{:?}", report.metrics);
    }
}
