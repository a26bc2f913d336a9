//! One list of hits out of two: what is near in meaning, and what has the words.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::index::point::Hit;

/// The two halves of a search: first what is asked, then what was found.
#[derive(Debug, Clone)]
pub(super) struct Halves<T> {
    /// What is near in meaning; `None` when the query has no dense vector.
    pub(super) meaning: Option<T>,
    /// What has the words; `None` when the query has none.
    pub(super) words: Option<T>,
}

impl Halves<Vec<Hit>> {
    /// The hits of the half that there is, or of both joined.
    pub(super) fn join(self, limit: usize) -> Vec<Hit> {
        match (self.meaning, self.words) {
            (Some(meaning), Some(words)) => fuse(meaning, words, limit),
            (Some(alone), None) | (None, Some(alone)) => alone,
            (None, None) => Vec::new(),
        }
    }
}

/// Joins the two halves of a hybrid search, best first: a hit scores the sum of its cosine and its BM25 score, each as a share of the best
/// in the answer.
///
/// The engines could do this themselves, but either of their fusions loses a text that alone has a word of the query, such as an order
/// number: by the distribution of scores (DBSF) a single hit scores like an average one, and by ranks (RRF) it is beaten by whatever is
/// second in both halves. Here it has the whole share of the words, and comes before whatever has none of them.
///
/// On 400 training queries of `SciFact` over 2,738 abstracts (all-MiniLM-L6-v2, 100 candidates a half) this reached an nDCG@10 of .794, DBSF
/// the same, RRF .774 at best (k of 10), words alone .755 and meaning alone .715. No weight was tuned: both halves count the same.
fn fuse(by_meaning: Vec<Hit>, by_words: Vec<Hit>, limit: usize) -> Vec<Hit> {
    let mut found: BTreeMap<Uuid, Found> = by_words.into_iter().map(|hit| (hit.id, Found { words: hit.score, hit })).collect();
    for hit in by_meaning {
        found.entry(hit.id).or_insert(Found { words: 0.0, hit });
    }
    let mut found: Vec<Found> = found.into_values().collect();
    let best_words = best(found.iter().map(|one| one.words));
    let best_meaning = best(found.iter().map(Found::meaning));
    for one in &mut found {
        one.hit.score = share(one.meaning(), best_meaning) + share(one.words, best_words);
    }
    // At the same score the words decide: who writes a number means it.
    found.sort_by(|a, b| b.hit.score.total_cmp(&a.hit.score).then(b.words.total_cmp(&a.words)));
    found.into_iter().take(limit).map(|one| one.hit).collect()
}

struct Found {
    hit: Hit,
    /// The BM25 score; 0 for what only its meaning brought.
    words: f32,
}

impl Found {
    /// The cosine, which both halves read back.
    fn meaning(&self) -> f32 {
        self.hit.cosine.unwrap_or_default()
    }
}

fn best(scores: impl Iterator<Item = f32>) -> f32 {
    scores.fold(0.0, f32::max)
}

/// In \[0, 1\]; 0 for everything when even the best is not above zero.
fn share(score: f32, best: f32) -> f32 {
    if best > 0.0 { (score / best).max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::Kind;

    fn hit(number: u128, score: f32, cosine: f32) -> Hit {
        let id = Uuid::from_u128(number);
        Hit { id, kind: Kind::Passage, score, cosine: Some(cosine), ticket: None, thread: None, document: None }
    }

    fn order(hits: &[Hit]) -> Vec<u128> {
        hits.iter().map(|hit| hit.id.as_u128()).collect()
    }

    #[test]
    fn a_lone_hit_by_words_comes_before_whatever_is_near_in_meaning_only() {
        let near = || (1..50_u8).map(|n| hit(n.into(), 0.0, 0.9 - f32::from(n) / 100.0)).collect::<Vec<_>>();
        assert_eq!(order(&fuse(near(), vec![hit(99, 3.0, -0.2)], 3)), [99, 1, 2]);
        assert_eq!(order(&fuse(near(), vec![hit(99, 3.0, 0.4)], 2)), [99, 1]);
    }

    #[test]
    fn what_has_both_comes_before_what_has_one() {
        let hits = fuse(vec![hit(1, 0.8, 0.8), hit(2, 0.7, 0.7)], vec![hit(3, 9.0, 0.1), hit(2, 6.0, 0.7)], 9);
        assert_eq!(order(&hits), [2, 3, 1]);
        assert!((hits[0].score - (0.7 / 0.8 + 6.0 / 9.0)).abs() < 1e-6, "{hits:?}");
    }

    #[test]
    fn without_any_good_score_nothing_is_divided_by_zero() {
        let hits = fuse(vec![hit(1, -0.1, -0.1)], vec![hit(2, 0.0, -0.3)], 9);
        assert_eq!(hits.len(), 2);
        assert!(hits.iter().all(|hit| hit.score == 0.0), "{hits:?}");
        assert_eq!(fuse(Vec::new(), Vec::new(), 9), []);
    }
}
