//! Where the right ones stand among what was found, by each way of searching.

use std::collections::BTreeMap;

use backchannel_measure::ranking::Graded;
use serde::{Deserialize, Serialize};

use crate::eval::metric::count;

/// Ways of searching that the product's is compared with.
const RIVALS: [&str; 3] = ["dense_", "bm25_", "knn_"];
/// What is measured of each of them.
pub(super) const MEASURES: [&str; 6] = ["ndcg@10", "recall@10", "mrr", "hit@1", "hit@5", "hit@10"];

/// Where the right ones stand among what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranked {
    /// How right each of the right ones is, from 1.
    pub grades: Vec<u32>,
    /// The place of each of them by each way of searching, from 1; 0 for one that was not found. The product's way has no name.
    pub places: BTreeMap<String, Vec<usize>>,
}

impl Ranked {
    /// Looks the right ones up in what one way of searching found.
    pub(super) fn add(&mut self, way: &str, right: &[usize], found: impl IntoIterator<Item = usize>) {
        let found: BTreeMap<usize, usize> = found.into_iter().zip(1..).collect();
        let places = right.iter().map(|one| found.get(one).copied().unwrap_or_default()).collect();
        self.places.insert(way.to_owned(), places);
    }

    fn graded(&self, way: &str) -> Option<Graded> {
        let places = self.places.get(way)?;
        let last = places.iter().copied().max().unwrap_or_default();
        // What stands where no right one does is something else, each time.
        let ranked: Vec<usize> =
            (1..=last).map(|place| places.iter().position(|one| *one == place).unwrap_or_else(|| places.len() + place)).collect();
        let grades: BTreeMap<usize, u32> = self.grades.iter().copied().enumerate().collect();
        Some(Graded::new(&ranked, &grades))
    }
}

/// Whether something is a metric of rankings.
pub(super) fn is_known(base: &str) -> bool {
    MEASURES.contains(&apart(base).2)
}

/// A metric of some rankings.
pub(super) fn value(base: &str, items: &[&Ranked]) -> Option<f64> {
    let (is_difference, way, measure) = apart(base);
    let mean = |way: &str| {
        let values: Vec<f64> = items.iter().filter_map(|item| item.graded(way).and_then(|graded| of(measure, &graded))).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / count(values.len()))
    };
    if is_difference { Some(mean("")? - mean(way)?) } else { mean(way) }
}

/// Whether it is a difference, which way of searching is meant, and what is measured of it.
fn apart(base: &str) -> (bool, &str, &str) {
    let (is_difference, rest) = base.strip_prefix("over_").map_or((false, base), |rest| (true, rest));
    let named = RIVALS.iter().find_map(|rival| Some((rival.trim_end_matches('_'), rest.strip_prefix(rival)?)));
    match named {
        Some((way, measure)) => (is_difference, way, measure),
        // A difference to nothing is no metric.
        None if is_difference => (true, "", ""),
        None => (false, "", rest),
    }
}

fn of(measure: &str, graded: &Graded) -> Option<f64> {
    match measure {
        "ndcg@10" => graded.ndcg_at(10),
        "recall@10" => graded.recall_at(10),
        "mrr" => graded.reciprocal_rank(),
        "hit@1" => graded.hit_at(1),
        "hit@5" => graded.hit_at(5),
        "hit@10" => graded.hit_at(10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ranking_is_measured_by_where_the_right_ones_stand_and_against_its_rivals() {
        let mut asked = Ranked { grades: vec![1, 1], ..Ranked::default() };
        asked.add("", &[7, 9], [3, 7, 4, 9]);
        asked.add("bm25", &[7, 9], [1, 2, 3, 4, 5, 9]);
        assert_eq!(asked.places["bm25"], [0, 6]);
        let of = |name: &str| value(name, &[&asked]).unwrap();
        assert_eq!((of("mrr"), of("hit@1"), of("hit@5"), of("recall@10")), (0.5, 0.0, 1.0, 1.0));
        assert_eq!((of("bm25_recall@10"), of("bm25_hit@5"), of("over_bm25_hit@5")), (0.5, 0.0, 1.0));
        let ndcg = (1.0 / 3_f64.log2() + 1.0 / 5_f64.log2()) / (1.0 + 1.0 / 3_f64.log2());
        assert!((of("ndcg@10") - ndcg).abs() < 1e-12, "{}", of("ndcg@10"));
        assert_eq!(value("dense_mrr", &[&asked]), None, "nobody searched that way");
    }

    #[test]
    fn only_what_can_be_measured_is_known() {
        for name in ["ndcg@10", "dense_recall@10", "over_knn_hit@5"] {
            assert!(is_known(name), "{name}");
        }
        for name in ["over_hit@5", "ndcg", "luck_mrr", "over_", ""] {
            assert!(!is_known(name), "{name}");
        }
    }
}
