//! The proof that a vector can be compared by cosine.

/// A vector that is finite and of length 1, so that its dot product with another is their cosine.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitVector(Vec<f32>);

/// Numbers that are no direction: not finite, or not of the length asked for.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a vector of {dimensions} dimensions has the norm `{norm}` instead of 1")]
pub struct NotAUnitVector {
    /// How many numbers there were.
    pub dimensions: usize,
    /// Their Euclidean norm, possibly not a number.
    pub norm: f64,
}

/// How far the norm of a stored vector may be from 1: more than rounding to half precision, less than any wrong vector.
const NORM_TOLERANCE: f64 = 1e-3;

impl UnitVector {
    /// Takes numbers that are already of norm 1 ± 0.001, such as a vector read back from the index.
    ///
    /// # Errors
    /// Says which norm it found if a number is not finite or the norm is another.
    pub fn new(values: Vec<f32>) -> Result<Self, NotAUnitVector> {
        let norm = norm(&values);
        if norm.is_finite() && (norm - 1.0).abs() <= NORM_TOLERANCE {
            Ok(Self(values))
        } else {
            Err(NotAUnitVector { dimensions: values.len(), norm })
        }
    }

    /// Scales numbers to norm 1.
    ///
    /// # Errors
    /// Refuses numbers that are not finite or all zero, which have no direction.
    pub fn normalized(mut values: Vec<f32>) -> Result<Self, NotAUnitVector> {
        let norm = norm(&values);
        if !norm.is_normal() {
            return Err(NotAUnitVector { dimensions: values.len(), norm });
        }
        for value in &mut values {
            #[expect(clippy::cast_possible_truncation, reason = "a share of the norm is within [-1, 1]; the lost digits are noise")]
            let scaled = (f64::from(*value) / norm) as f32;
            *value = scaled;
        }
        Self::new(values)
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The numbers, handed over.
    pub fn into_vec(self) -> Vec<f32> {
        self.0
    }

    /// How many numbers there are.
    pub fn dimensions(&self) -> usize {
        self.0.len()
    }

    /// The cosine with another vector of the same encoder, in [-1, 1] but for rounding.
    ///
    /// Vectors of different encoders never meet in one collection; those of different length have the cosine 0.
    pub fn dot(&self, other: &Self) -> f32 {
        if self.0.len() != other.0.len() {
            return 0.0;
        }
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

fn norm(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_of_another_norm_is_refused() {
        assert_eq!(UnitVector::new(vec![3.0, 4.0]), Err(NotAUnitVector { dimensions: 2, norm: 5.0 }));
        assert!(UnitVector::new(vec![0.6, 0.8]).is_ok());
    }

    #[test]
    fn numbers_without_a_direction_cannot_be_normalized() {
        for values in [vec![], vec![0.0, 0.0], vec![f32::NAN, 1.0], vec![f32::INFINITY, 1.0]] {
            assert!(UnitVector::normalized(values.clone()).is_err(), "{values:?}");
        }
    }

    #[test]
    fn normalizing_keeps_the_direction() {
        let vector = UnitVector::normalized(vec![3.0e20, -4.0e20]).unwrap();
        assert!((vector.as_slice()[0] - 0.6).abs() < 1e-6 && (vector.as_slice()[1] + 0.8).abs() < 1e-6);
        assert!((vector.dot(&vector) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn vectors_of_different_length_have_no_cosine() {
        let (short, long) = (UnitVector::new(vec![1.0]).unwrap(), UnitVector::new(vec![1.0, 0.0]).unwrap());
        assert!(short.dot(&long).abs() < f32::EPSILON);
    }
}
