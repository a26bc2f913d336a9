//! A measure item by item, where some items have none.

use crate::mean;

/// The values of the items that have one, and how many were left out: what a bootstrap resamples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// In the order of the items.
    pub values: Vec<f64>,
    /// Items without a value, such as queries without a relevant document.
    pub left_out: usize,
}

impl Measured {
    /// The mean of the values; none for none, or if it is not finite.
    pub fn mean(&self) -> Option<f64> {
        mean(self.values.iter().copied())
    }
}

impl FromIterator<Option<f64>> for Measured {
    fn from_iter<I: IntoIterator<Item = Option<f64>>>(items: I) -> Self {
        items.into_iter().fold(Self::default(), |mut measured, item| {
            match item {
                Some(value) => measured.values.push(value),
                None => measured.left_out += 1,
            }
            measured
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_without_a_value_are_counted_and_weigh_nothing() {
        let measured: Measured = [Some(1.0), None, Some(0.5)].into_iter().collect();
        assert_eq!(measured, Measured { values: vec![1.0, 0.5], left_out: 1 });
        assert_eq!(measured.mean(), Some(0.75));
        assert_eq!(Measured::default().mean(), None);
        assert_eq!([Some(f64::NAN)].into_iter().collect::<Measured>().mean(), None);
    }
}
