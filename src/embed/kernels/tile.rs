//! The inner loops: a tile of a product that stays in registers while the inner dimension passes by.
//!
//! A tile has `ROWS` rows of the left side and `WIDE` vectors of 16 columns of the right one. Each step loads the right side's vectors once,
//! uses them for every row, and each number of the left side for every vector.

use crate::isa::Isa;

/// Does something with a number of rows that is known to the compiler, which 1 to 6 are: no level has tiles of more.
macro_rules! with_rows {
    ($rows:expr, |$known:ident| $work:expr) => {
        with_rows!(@ $rows, $known, $work, 1 2 3 4 5 6)
    };
    (@ $rows:expr, $known:ident, $work:expr, $($number:literal)*) => {
        match $rows {
            $($number => {
                const $known: usize = $number;
                $work
            })*
            rows => unreachable!("a tile of {rows} rows: this is a bug"),
        }
    };
}
pub(crate) use with_rows;

/// Where a tile of whole numbers is in its operands.
#[derive(Clone, Copy)]
pub(crate) struct Operands<A, B> {
    /// The first row of the left side.
    pub(crate) left: *const A,
    /// How far the next row of the left side is, in elements.
    pub(crate) left_stride: usize,
    /// The first step of the right side.
    pub(crate) right: *const B,
    /// How far the next step of the right side is, in elements.
    pub(crate) right_stride: usize,
    /// How many steps there are.
    pub(crate) steps: usize,
}

/// A product of numbers with a fraction; a step is one number of each row.
///
/// # Safety
/// `left` must be good for `ROWS` rows of `steps` numbers, `right` for `steps` times `16 * WIDE`; the instructions must be there.
#[inline(always)]
pub(crate) unsafe fn floats<I: Isa, const ROWS: usize, const WIDE: usize>(at: Operands<f32, f32>) -> [[I::Floats; WIDE]; ROWS] {
    // SAFETY: each access is within what the caller promises.
    unsafe {
        let rows: [*const f32; ROWS] = std::array::from_fn(|row| at.left.add(row * at.left_stride));
        let mut sums = [[I::zeros(); WIDE]; ROWS];
        for step in 0..at.steps {
            let right = at.right.add(step * at.right_stride);
            let vectors: [I::Floats; WIDE] = std::array::from_fn(|wide| I::load(right.add(16 * wide)));
            for (row, sums) in rows.iter().zip(&mut sums) {
                let left = I::splat(*row.add(step));
                for (sum, vector) in sums.iter_mut().zip(vectors) {
                    *sum = I::madd(left, vector, *sum);
                }
            }
        }
        sums
    }
}

/// A product of numbers of 16 bits; a step is a pair of each row.
///
/// # Safety
/// `left` must be good for `ROWS` rows of `2 * steps` numbers, `right` for `steps` times `32 * WIDE`; the instructions must be there.
#[inline(always)]
pub(crate) unsafe fn pairs<I: Isa, const ROWS: usize, const WIDE: usize>(at: Operands<i16, i16>) -> [[I::Ints; WIDE]; ROWS] {
    // SAFETY: each access is within what the caller promises.
    unsafe {
        let rows: [*const i32; ROWS] = std::array::from_fn(|row| at.left.add(row * at.left_stride).cast());
        let mut sums = [[I::int_zeros(); WIDE]; ROWS];
        for step in 0..at.steps {
            let right = at.right.add(step * at.right_stride);
            let vectors: [I::Ints; WIDE] = std::array::from_fn(|wide| I::load_ints(right.add(32 * wide).cast()));
            for (row, sums) in rows.iter().zip(&mut sums) {
                let pair = I::splat_int(row.add(step).read_unaligned());
                for (sum, vector) in sums.iter_mut().zip(vectors) {
                    *sum = I::add_pairs(*sum, pair, vector);
                }
            }
        }
        sums
    }
}

/// A product of bytes; a step is four of each row.
///
/// # Safety
/// `left` must be good for `ROWS` rows of `4 * steps` bytes, `right` for `steps` times `64 * WIDE`; the instructions must be there.
#[inline(always)]
pub(crate) unsafe fn fours<I: Isa, const ROWS: usize, const WIDE: usize>(at: Operands<u8, i8>) -> [[I::Ints; WIDE]; ROWS] {
    // SAFETY: each access is within what the caller promises.
    unsafe {
        let rows: [*const i32; ROWS] = std::array::from_fn(|row| at.left.add(row * at.left_stride).cast());
        let mut sums = [[I::int_zeros(); WIDE]; ROWS];
        for step in 0..at.steps {
            let right = at.right.add(step * at.right_stride);
            let vectors: [I::Ints; WIDE] = std::array::from_fn(|wide| I::load_ints(right.add(64 * wide).cast()));
            for (row, sums) in rows.iter().zip(&mut sums) {
                let four = I::splat_int(row.add(step).read_unaligned());
                for (sum, vector) in sums.iter_mut().zip(vectors) {
                    *sum = I::add_fours(*sum, four, vector);
                }
            }
        }
        sums
    }
}
