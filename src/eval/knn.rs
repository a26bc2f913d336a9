//! The nearest labelled tickets as a rival: how far one comes without learning.

use std::collections::BTreeMap;

use backchannel_learn::features::Features;
use backchannel_learn::ngrams::Vocabulary;

use crate::eval::Encode;
use crate::eval::error::EvalError;
use crate::text::clean::{CleanText, clean};
use crate::text::{language, quotes};
use crate::triage::ground::features;

/// How many neighbours have a vote, and how far vectors count beside words: the best pair on the history, each text left out in turn.
const NEIGHBOURS: [usize; 5] = [1, 3, 5, 10, 20];
const DENSE_SHARES: [f32; 4] = [0.2, 0.5, 0.8, 1.0];

/// Labelled texts, and how they are asked.
pub(super) struct Neighbours {
    vocabulary: Vocabulary,
    known: Vec<(Features, String)>,
    count: usize,
    dense_share: f32,
}

impl Neighbours {
    pub(super) async fn of(known: &[(String, String)], encoder: &impl Encode) -> Result<Self, EvalError> {
        let texts: Vec<CleanText> = known.iter().map(|(text, _)| gist(text)).collect();
        let vocabulary = Vocabulary::of(texts.iter().map(CleanText::as_str));
        let known = read(&vocabulary, texts, encoder).await?.into_iter().zip(known.iter().map(|(_, label)| label.clone())).collect();
        let mut made = Self { vocabulary, known, count: NEIGHBOURS[0], dense_share: DENSE_SHARES[0] };
        let pairs = NEIGHBOURS.into_iter().flat_map(|count| DENSE_SHARES.map(|dense_share| (count, dense_share)));
        let mut best = 0;
        for (count, dense_share) in pairs {
            let is_right = |(place, (asked, label)): (usize, &(Features, String))| {
                made.vote(asked, Some(place), count, dense_share).as_ref() == Some(label)
            };
            let right = made.known.iter().enumerate().filter(|known| is_right(*known)).count();
            if right > best {
                best = right;
                (made.count, made.dense_share) = (count, dense_share);
            }
        }
        Ok(made)
    }

    /// The label of each text, by the votes of those nearest to it.
    pub(super) async fn nearest(&self, texts: &[String], encoder: &impl Encode) -> Result<Vec<Option<String>>, EvalError> {
        let texts = texts.iter().map(|text| gist(text)).collect();
        Ok(read(&self.vocabulary, texts, encoder)
            .await?
            .iter()
            .map(|features| self.vote(features, None, self.count, self.dense_share))
            .collect())
    }

    /// The label with most likeness among the nearest, the first of equals.
    fn vote(&self, asked: &Features, itself: Option<usize>, count: usize, dense_share: f32) -> Option<String> {
        let probe = asked.probe(dense_share);
        let others = self.known.iter().enumerate().filter(|(place, _)| Some(*place) != itself);
        let mut like: Vec<(f32, &str)> = others.map(|(_, (features, label))| (probe.likeness(features), label.as_str())).collect();
        like.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let mut votes: BTreeMap<&str, f32> = BTreeMap::new();
        like.iter().take(count).for_each(|(likeness, label)| *votes.entry(label).or_default() += likeness);
        votes.into_iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(label, _)| label.to_owned())
    }
}

/// The words by which a ticket is compared, without quotes and signatures, as the product reads it.
fn gist(text: &str) -> CleanText {
    quotes::strip(&clean(text)).kept
}

async fn read(vocabulary: &Vocabulary, texts: Vec<CleanText>, encoder: &impl Encode) -> Result<Vec<Features>, EvalError> {
    let vectors = encoder.vectors(texts.clone()).await?;
    let read = texts.iter().zip(vectors).map(|(text, dense)| {
        let spoken = language::detect(text.as_str()).map(|(language, _)| language);
        features(vocabulary, text.as_str(), spoken, dense)
    });
    Ok(read.collect())
}
