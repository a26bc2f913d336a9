//! How well the documents that were asked for stand in a ranking.
//!
//! Grades are whole numbers, 0 for what is not relevant, as in the judgements of TREC and BEIR; the numbers are those of `pytrec_eval`
//! for a ranking without ties. A query without relevant documents has no value; collecting into [`Measured`] leaves it out and counts it.

use std::collections::{BTreeMap, BTreeSet};

use crate::measured::Measured;
use crate::{count, mean, ratio};

/// The answer to one query beside what would have been right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graded {
    /// The grades of what was found, best rank first.
    found: Vec<u32>,
    /// The grades of all relevant documents, highest first, none of them 0.
    relevant: Vec<u32>,
}

impl Graded {
    /// Looks up the grades of a ranking, best document first; what has no grade is not relevant.
    ///
    /// A document that stands there twice counts where it stands first, and its later places close up.
    pub fn new<D: Ord>(ranked: &[D], grades: &BTreeMap<D, u32>) -> Self {
        let mut seen = BTreeSet::new();
        let found = ranked.iter().filter(|document| seen.insert(*document));
        let found = found.map(|document| grades.get(document).copied().unwrap_or(0)).collect();
        let mut relevant: Vec<u32> = grades.values().copied().filter(|grade| *grade > 0).collect();
        relevant.sort_unstable_by(|a, b| b.cmp(a));
        Self { found, relevant }
    }

    /// Normalised discounted cumulative gain: `DCG@k / ideal DCG@k` with `DCG@k = Σ_{rank ≤ k} grade / log2(rank + 1)`.
    ///
    /// Source: Järvelin and Kekäläinen, *Cumulated gain-based evaluation of IR techniques* (2002), with the gain and discount of
    /// `trec_eval` and BEIR: linear, and from the first rank on. None for no relevant documents or `k` = 0.
    pub fn ndcg_at(&self, k: usize) -> Option<f64> {
        let ideal = gain(&self.relevant, k);
        (ideal > 0.0).then(|| gain(&self.found, k) / ideal)
    }

    /// The share of the relevant documents that stand among the first `k`; none for no relevant documents.
    pub fn recall_at(&self, k: usize) -> Option<f64> {
        ratio(self.hits(k), self.relevant.len())
    }

    /// The share of the first `k` places that hold a relevant document: `hits / k`, also where fewer were found, as `trec_eval` does.
    ///
    /// None for no relevant documents or `k` = 0.
    pub fn precision_at(&self, k: usize) -> Option<f64> {
        self.measurable().then(|| ratio(self.hits(k), k)).flatten()
    }

    /// 1 if a relevant document stands among the first `k`, else 0: `success` in `trec_eval`; none for no relevant documents.
    pub fn hit_at(&self, k: usize) -> Option<f64> {
        self.measurable().then(|| f64::from(u8::from(self.hits(k) > 0)))
    }

    /// One through the rank of the first relevant document, 0 if none was found; none for no relevant documents.
    ///
    /// Source: Voorhees, *The TREC-8 Question Answering Track Report* (1999). Its mean over queries is the mean reciprocal rank (MRR).
    pub fn reciprocal_rank(&self) -> Option<f64> {
        self.measurable().then(|| self.found.iter().position(|grade| *grade > 0).map_or(0.0, |before| 1.0 / count(before + 1)))
    }

    /// Average precision: `1/|relevant| Σ precision at the rank of each relevant document found`; none for no relevant documents.
    ///
    /// Source: Buckley and Voorhees, *Evaluating Evaluation Measure Stability* (2000). Its mean over queries is MAP.
    pub fn average_precision(&self) -> Option<f64> {
        let ranks = self.found.iter().enumerate().filter(|(_, grade)| **grade > 0).map(|(before, _)| before + 1);
        let sum: f64 = ranks.zip(1..).map(|(rank, hits)| count(hits) / count(rank)).sum();
        self.measurable().then(|| sum / count(self.relevant.len()))
    }

    fn measurable(&self) -> bool {
        !self.relevant.is_empty()
    }

    fn hits(&self, k: usize) -> usize {
        self.found.iter().take(k).filter(|grade| **grade > 0).count()
    }
}

fn gain(grades: &[u32], k: usize) -> f64 {
    grades.iter().take(k).zip(1..).map(|(grade, rank)| f64::from(*grade) / (count(rank) + 1.0).log2()).sum()
}

/// The mean reciprocal rank of all queries with relevant documents; none without such a query.
pub fn mean_reciprocal_rank(queries: &[Graded]) -> Option<f64> {
    mean(queries.iter().filter_map(Graded::reciprocal_rank))
}

/// A measure of every query, such as `|query| query.ndcg_at(10)`: what to report, to resample and to compare.
///
/// Which queries are left out depends on the grades alone, so that two systems on the same queries stay paired.
pub fn each(queries: &[Graded], measure: impl Fn(&Graded) -> Option<f64>) -> Measured {
    queries.iter().map(measure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graded(ranked: &str, grades: &[(char, u32)]) -> Graded {
        Graded::new(&ranked.chars().collect::<Vec<_>>(), &grades.iter().copied().collect())
    }

    fn near(got: Option<f64>, expected: f64) {
        assert!((got.unwrap() - expected).abs() < 1e-12, "{got:?} is not {expected}");
    }

    #[test]
    fn gain_is_the_grade_and_the_discount_a_logarithm() {
        let query = graded("xaby", &[('a', 1), ('b', 3), ('c', 2), ('y', 0)]);
        let ideal = 3.0 + 2.0 / 3_f64.log2() + 1.0 / 2.0;
        near(query.ndcg_at(10), (1.0 / 3_f64.log2() + 3.0 / 2.0) / ideal);
        near(query.ndcg_at(2), (1.0 / 3_f64.log2()) / (3.0 + 2.0 / 3_f64.log2()));
        assert_eq!(query.ndcg_at(1), Some(0.0));
    }

    #[test]
    fn the_other_measures_only_ask_whether_a_document_is_relevant() {
        let query = graded("xaby", &[('a', 1), ('b', 3), ('c', 2), ('y', 0)]);
        assert_eq!((query.recall_at(2), query.recall_at(10)), (Some(1.0 / 3.0), Some(2.0 / 3.0)));
        assert_eq!((query.precision_at(2), query.precision_at(10)), (Some(0.5), Some(0.2)));
        assert_eq!((query.hit_at(1), query.hit_at(2)), (Some(0.0), Some(1.0)));
        assert_eq!(query.reciprocal_rank(), Some(0.5));
        near(query.average_precision(), (1.0 / 2.0 + 2.0 / 3.0) / 3.0);
    }

    #[test]
    fn the_numbers_are_those_of_pytrec_eval() {
        // Fourteen documents found, five of them relevant, and a sixth one not found.
        let query = graded("abcdefghijklmn", &[('b', 2), ('c', 1), ('f', 3), ('k', 1), ('n', 2), ('z', 1), ('d', 0)]);
        near(query.ndcg_at(10), 0.439_816_458_688_831_57);
        near(query.average_precision(), 0.397_907_647_907_647_93);
    }

    #[test]
    fn the_ideal_ranking_has_one_and_swapping_upwards_never_harms() {
        let grades = [('a', 3), ('b', 2), ('c', 1)];
        near(graded("abcx", &grades).ndcg_at(3), 1.0);
        near(graded("abcx", &grades).average_precision(), 1.0);
        let climbing = ["xyzc", "xycz", "xcyz", "cxyz"].map(|ranked| graded(ranked, &grades));
        for pair in climbing.windows(2) {
            assert!(pair[0].ndcg_at(4) < pair[1].ndcg_at(4));
            assert!(pair[0].average_precision() < pair[1].average_precision());
            assert!(pair[0].reciprocal_rank() < pair[1].reciprocal_rank());
        }
    }

    #[test]
    fn a_document_counts_once() {
        assert_eq!(graded("aab", &[('a', 1), ('b', 1)]), graded("ab", &[('a', 1), ('b', 1)]));
    }

    #[test]
    fn queries_without_relevant_documents_are_left_out_and_counted() {
        let queries = [graded("ab", &[('b', 1)]), graded("ab", &[('a', 0)]), graded("", &[('a', 1)])];
        let nothing = &queries[1];
        let all = [nothing.ndcg_at(5), nothing.recall_at(5), nothing.precision_at(5), nothing.hit_at(5), nothing.reciprocal_rank()];
        assert_eq!((all, nothing.average_precision()), ([None; 5], None));
        assert_eq!(each(&queries, |query| query.hit_at(5)), Measured { values: vec![1.0, 0.0], left_out: 1 });
        assert_eq!(mean_reciprocal_rank(&queries), Some(0.25));
        assert_eq!(mean_reciprocal_rank(&queries[1..2]), None);
    }

    #[test]
    fn the_first_nothing_has_no_precision() {
        let query = graded("a", &[('a', 1)]);
        assert_eq!((query.precision_at(0), query.ndcg_at(0), query.recall_at(0), query.hit_at(0)), (None, None, Some(0.0), Some(0.0)));
    }
}
