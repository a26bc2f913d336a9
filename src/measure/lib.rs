//! How good guesses, rankings and texts are: the metrics of the evals, each with its formula and source, and their intervals.
//!
//! Pure: values in, numbers out; knows neither tickets nor suites, and takes chance as a seed. What cannot be said, such as the recall of
//! what never occurs, is `None`; no number is ever NaN or infinite. A package of its own, because resampling wants the compiler's best
//! level.

pub mod counts;
pub mod classification;
pub mod calibration;
pub mod selective;
pub mod detection;
pub mod ranking;
pub mod text;
pub mod stem;
pub mod spans;
pub mod measured;
pub mod unmeasurable;
pub mod bootstrap;

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts of items stay far below 2^52")]
fn count(n: usize) -> f64 {
    n as f64
}

/// One number through another, if the other is not zero.
fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| count(part) / count(whole))
}

/// The sum of `values` through their number; none for none, or if it is not finite.
fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.into_iter().fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / count(n)).filter(|mean| mean.is_finite())
}
