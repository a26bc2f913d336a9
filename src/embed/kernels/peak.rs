//! What a core can do at most, measured: the inner loops of the tiles on numbers that never leave the nearest cache.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::isa::{Isa, Width};
use crate::level::{Level, Task};
use crate::matrix::Grid;
use crate::stack::Precision;
use crate::tile::{self, Operands, with_rows};

const STEPS: usize = 64;
const ROUNDS: u32 = 2_000;

/// The most multiplications and additions a second that one core reached in some loops of all linear maps of a layer, as this precision
/// shares them out: a quarter in 16 bits and the rest in bytes, or all of them with a fraction. Takes some milliseconds.
pub fn peak(level: Level, precision: Precision) -> f64 {
    let rate = |grid: Grid| {
        let time = (0..20).map(|_| time(level, grid.width_on(level))).min().unwrap_or_default();
        let together = match grid.width_on(level) {
            Width::Floats => 1,
            Width::Words => 2,
            Width::Bytes => 4,
        };
        let operations = 2 * level.rows() * level.panel() * together * STEPS;
        #[expect(clippy::cast_precision_loss, reason = "some millions")]
        let operations = operations as f64 * f64::from(ROUNDS);
        operations / time.as_secs_f64()
    };
    match precision {
        Precision::Exact => rate(Grid::Floats),
        Precision::Fast => 1.0 / (0.25 / rate(Grid::Words) + 0.75 / rate(Grid::Bytes)),
    }
}

fn time(level: Level, width: Width) -> Duration {
    let mut spent = Duration::ZERO;
    level.run(Loops { width, spent: &mut spent });
    spent
}

struct Loops<'a> {
    width: Width,
    spent: &'a mut Duration,
}

impl Task for Loops<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa, const WIDE: usize>(self) {
        let begun = Instant::now();
        // SAFETY: the caller's promise.
        with_rows!(I::ROWS, |ROWS| unsafe { loops::<I, ROWS, WIDE>(self.width) });
        *self.spent = begun.elapsed();
    }
}

/// Some tiles, one after another.
///
/// # Safety
/// The instructions must be there.
#[inline(always)]
unsafe fn loops<I: Isa, const ROWS: usize, const WIDE: usize>(width: Width) {
    // Every step reads the same numbers on the right, and each row those of the first.
    let (floats, words, narrow, signed) = ([1.0_f32; 64], [1_i16; 128], [1_u8; 4 * STEPS], [1_i8; 256]);
    let words_left = [1_i16; 2 * STEPS];
    for _ in 0..ROUNDS {
        // SAFETY: with strides of 0 a tile reads one row of `STEPS` steps, and one step of at most 64 columns; the
        // instructions are the caller's promise.
        unsafe {
            match width {
                Width::Floats => {
                    let left = black_box([1.0_f32; STEPS]);
                    let right = black_box(&floats).as_ptr();
                    let at = Operands { left: left.as_ptr(), left_stride: 0, right, right_stride: 0, steps: STEPS };
                    black_box(tile::floats::<I, ROWS, WIDE>(at));
                }
                Width::Bytes => {
                    let at = Operands {
                        left: black_box(&narrow).as_ptr(),
                        left_stride: 0,
                        right: black_box(&signed).as_ptr(),
                        right_stride: 0,
                        steps: STEPS,
                    };
                    black_box(tile::fours::<I, ROWS, WIDE>(at));
                }
                Width::Words => {
                    let at = Operands {
                        left: black_box(&words_left).as_ptr(),
                        left_stride: 0,
                        right: black_box(&words).as_ptr(),
                        right_stride: 0,
                        steps: STEPS,
                    };
                    black_box(tile::pairs::<I, ROWS, WIDE>(at));
                }
            }
        }
    }
}
