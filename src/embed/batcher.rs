//! Which waiting texts go through the network together. Pure.

/// Chooses places in `lengths` for one batch: the first, which has waited longest, and those whose length is nearest to it.
///
/// All texts of a batch are computed at the length of its longest, so the batch stays within `most_tokens` counted that way (but a
/// text that is longer alone goes alone), and none takes part that would be more padding than text.
pub(super) fn choose(lengths: &[usize], most_tokens: usize) -> Vec<usize> {
    let Some(&first) = lengths.first() else { return Vec::new() };
    let mut nearest: Vec<usize> = (1..lengths.len()).collect();
    nearest.sort_by_key(|place| (lengths[*place].abs_diff(first), *place));
    let mut chosen = vec![0];
    let (mut shortest, mut longest) = (first, first);
    for place in nearest {
        let (short, long) = (shortest.min(lengths[place]), longest.max(lengths[place]));
        if long * (chosen.len() + 1) <= most_tokens && long <= short * 2 {
            chosen.push(place);
            (shortest, longest) = (short, long);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_of_similar_length_go_together() {
        assert_eq!(choose(&[10, 200, 11, 9, 180], 1000), [0, 2, 3]);
        assert_eq!(choose(&[200, 10, 11, 9, 180], 1000), [0, 4]);
    }

    #[test]
    fn a_batch_stays_within_its_tokens() {
        assert_eq!(choose(&[10, 10, 10, 10], 30), [0, 1, 2]);
        assert_eq!(choose(&[300, 10], 30), [0]);
        assert!(choose(&[], 30).is_empty());
    }

    proptest! {
        #[test]
        fn the_oldest_text_always_goes_and_no_limit_is_broken(lengths in prop::collection::vec(1_usize..300, 1..80), most in 1_usize..2000) {
            let chosen = choose(&lengths, most);
            let longest = chosen.iter().map(|place| lengths[*place]).max().unwrap();
            let shortest = chosen.iter().map(|place| lengths[*place]).min().unwrap();
            prop_assert_eq!(chosen[0], 0);
            prop_assert!(chosen.len() == 1 || longest * chosen.len() <= most);
            prop_assert!(longest <= shortest * 2);
            let mut unique = chosen.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(unique.len(), chosen.len());
        }
    }
}
