//! Parts of a set that are left out in turn.

use std::collections::BTreeMap;

/// Deals the members of each class out over `folds` parts in turn, so that every part has its share of every class.
///
/// Members with equal keys stay together: a text and its copy must not stand on both sides. The same input gives the same parts.
#[must_use]
pub fn stratified<K: Ord>(members: &[(usize, K)], folds: usize) -> Vec<usize> {
    let mut dealt: BTreeMap<usize, usize> = BTreeMap::new();
    let mut placed: BTreeMap<&K, usize> = BTreeMap::new();
    members
        .iter()
        .map(|(class, key)| {
            *placed.entry(key).or_insert_with(|| {
                // Classes start at different parts: else small classes would all lie in the first.
                let next = dealt.entry(*class).or_insert(*class);
                *next += 1;
                (*next - 1) % folds
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_share_of_every_class_and_copies_stay_together() {
        let mut members: Vec<(usize, usize)> = (0..60).map(|i| (i % 3, i)).collect();
        members.push((0, 7));
        let folds = stratified(&members, 5);
        for class in 0..3 {
            for fold in 0..5 {
                let there = (0..60).filter(|i| members[*i].0 == class && folds[*i] == fold).count();
                assert_eq!(there, 4);
            }
        }
        assert_eq!(folds[60], folds[7]);
    }
}
