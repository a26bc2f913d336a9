//! Time and chance as values, so that every verb can be run again with the same of both.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::time::Timestamp;

/// Where moments come from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    Real,
    /// A moment that stands still until it is moved: for tests and replays.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at a moment.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.as_micros())))
    }

    /// The moment that it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
            Self::Real => Timestamp::from_micros(jiff::Timestamp::now().as_microsecond()),
            Self::Fixed(at) => Timestamp::from_micros(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock on; a real one moves by itself.
    pub fn advance(&self, seconds: i64) {
        if let Self::Fixed(at) = self {
            at.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        }
    }
}

/// The moment for the id of one of several things that came together: each a millisecond, the least that an id tells apart, after the one
/// before it, so that what was written at one moment keeps its order.
#[must_use]
pub(crate) fn in_turn(now: Timestamp, position: usize) -> Timestamp {
    Timestamp::from_micros(now.as_micros() + i64::try_from(position).unwrap_or(i64::MAX / 2_000) * 1_000)
}

/// Fills an array with random bytes of the operating system.
///
/// Ids and tokens come from here; a machine without randomness must not go on.
#[must_use]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes: this is a bug");
    bytes
}

/// The machine's clock as a function, for the queue's runner.
#[must_use]
pub fn wall_clock() -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    Arc::new(|| Clock::Real.now())
}

/// Random numbers in \[0, 1) as a function, for the queue's back-off.
#[must_use]
pub fn jitter() -> Arc<dyn Fn() -> f64 + Send + Sync> {
    Arc::new(|| f64::from(u32::from_le_bytes(random())) / (f64::from(u32::MAX) + 1.0))
}
