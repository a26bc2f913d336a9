//! Examples in as many numbers as there are examples: coordinates in a basis of their own span.
//!
//! A linear head with a quadratic penalty lies in the span of what it learned from (the representer theorem), however many features there
//! are. With the Gram matrix `K = X Xᵀ = L Lᵀ` (Cholesky), the rows of `L` have the same products as those of `X`: the same scores, the
//! same penalty, the same steps of a solver that knows only products. Weights `V` over these coordinates are `W = Xᵀ L⁻ᵀ V` over the
//! features. The command `triage` on the demo company took 20.6 s of processor over the features
//! and 5.2 s so, its encoder included (two cores of an Intel Xeon, model 167).

use crate::lbfgs::narrow;

/// Below this share of its own square an example adds nothing to those before it: a copy, or nearly one.
const NOTHING_NEW: f64 = 1e-7;

/// The lower half of a symmetric or triangular matrix, by rows: `n (n + 1) / 2` numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Triangle(Vec<f64>);

impl Triangle {
    pub(crate) fn from_rows(rows: Vec<f64>) -> Self {
        Self(rows)
    }

    /// The numbers of a row up to the diagonal, which is the last.
    pub(crate) fn row(&self, row: usize) -> &[f64] {
        let start = row * (row + 1) / 2;
        &self.0[start..=start + row]
    }

    fn len(&self) -> usize {
        // n (n + 1) / 2 numbers lie between n² / 2 and (n + 1)² / 2.
        (2 * self.0.len()).isqrt()
    }

    /// This with another one, that one as often as `times` says.
    pub(crate) fn plus(&self, times: f64, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one + times * other).collect())
    }
}

/// The coordinates of examples in a basis of their span.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    factor: Triangle,
    rows: Vec<Vec<f32>>,
}

impl Basis {
    /// The coordinates of examples whose products these are.
    pub(crate) fn of(gram: &Triangle) -> Self {
        let count = gram.len();
        let mut factor = Triangle(Vec::with_capacity(gram.0.len()));
        for row in 0..count {
            let start = factor.0.len();
            for (column, product) in gram.row(row).iter().enumerate() {
                let known = &factor.0[start..];
                let rest = product - if column == row { dot(known, known) } else { dot(known, &factor.row(column)[..column]) };
                let own = if column == row {
                    if rest > NOTHING_NEW * product { rest.sqrt() } else { 0.0 }
                } else {
                    let diagonal = factor.row(column)[column];
                    if diagonal > 0.0 { rest / diagonal } else { 0.0 }
                };
                factor.0.push(own);
            }
        }
        let rows = (0..count).map(|row| factor.row(row).iter().copied().map(narrow).collect()).collect();
        Self { factor, rows }
    }

    /// The coordinates of an example; all after the last are zero.
    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.rows[row]
    }

    /// How many coordinates there are.
    pub(crate) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// How much of each example is in these weights: `L⁻ᵀ V`, a row of `classes` numbers for each.
    pub(crate) fn shares(&self, weights: &[f32], classes: usize) -> Vec<f64> {
        let mut shares: Vec<f64> = weights[..self.len() * classes].iter().copied().map(f64::from).collect();
        for row in (0..self.len()).rev() {
            let (before, own) = shares.split_at_mut(row * classes);
            let own = &mut own[..classes];
            let (diagonal, rest) = self.factor.row(row).split_last().map_or((0.0, &[][..]), |(last, rest)| (*last, rest));
            for share in own.iter_mut() {
                *share = if diagonal > 0.0 { *share / diagonal } else { 0.0 };
            }
            for (value, earlier) in rest.iter().zip(before.chunks_exact_mut(classes)) {
                earlier.iter_mut().zip(&*own).for_each(|(earlier, own)| *earlier -= value * own);
            }
        }
        shares
    }
}

/// Summed in lanes, so that the compiler uses wide registers and the order is the same everywhere.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0_f64; 8];
    let (left_whole, left_rest) = left.as_chunks::<8>();
    let (right_whole, right_rest) = right.as_chunks::<8>();
    for (left, right) in left_whole.iter().zip(right_whole) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += left * right;
        }
    }
    lanes.iter().sum::<f64>() + left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five examples of three features, the fourth a copy of the first.
    const EXAMPLES: [[f64; 3]; 5] = [[1.0, 2.0, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, 1.0], [1.0, 2.0, 0.0], [3.0, 1.0, 4.0]];

    fn gram() -> Triangle {
        let product = |one: usize, other: usize| EXAMPLES[one].iter().zip(EXAMPLES[other]).map(|(a, b)| a * b).sum::<f64>();
        Triangle::from_rows((0..5).flat_map(|row| (0..=row).map(move |column| product(row, column))).collect())
    }

    #[test]
    fn coordinates_have_the_products_of_the_examples() {
        let basis = Basis::of(&gram());
        for row in 0..5 {
            for (column, expected) in gram().row(row).iter().enumerate() {
                let product: f32 = basis.row(row).iter().zip(basis.row(column)).map(|(a, b)| a * b).sum();
                assert!((f64::from(product) - expected).abs() < 1e-4, "{row} {column}: {product} {expected}");
            }
        }
    }

    #[test]
    fn weights_over_the_features_score_as_those_over_the_coordinates() {
        let basis = Basis::of(&gram());
        // Weights in the span, for two classes; a coordinate that no example has is never moved by a gradient.
        let mut weights: Vec<f32> = (0..10_u8).map(|place| f32::from(place) / 7.0 - 0.5).collect();
        for row in (0..5).filter(|row| basis.factor.row(*row)[*row] == 0.0) {
            weights[row * 2..row * 2 + 2].fill(0.0);
        }
        let shares = basis.shares(&weights, 2);
        for (row, example) in EXAMPLES.iter().enumerate() {
            for class in 0..2 {
                let by_coordinates: f32 = basis.row(row).iter().enumerate().map(|(place, value)| value * weights[place * 2 + class]).sum();
                let by_features: f64 = (0..3)
                    .map(|feature| {
                        let weight: f64 = EXAMPLES.iter().enumerate().map(|(of, other)| shares[of * 2 + class] * other[feature]).sum();
                        weight * example[feature]
                    })
                    .sum();
                assert!((f64::from(by_coordinates) - by_features).abs() < 1e-4, "{row} {class}: {by_coordinates} {by_features}");
            }
        }
    }
}
