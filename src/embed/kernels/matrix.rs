//! Weights of one linear map, packed once, and its product with rows.

use crate::isa::{Isa, Width};
use crate::level::{Level, Task};
use crate::rows::{Activation, Quantised, put_activated, rounded};
use crate::tile::{self, Operands, with_rows};

/// How finely a map computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grid {
    /// In 32 bits with a fraction.
    Floats,
    /// Both sides in whole numbers of up to 16 bits.
    Words,
    /// Both sides in bytes.
    Bytes,
}

impl Grid {
    /// What its numbers are stored in: wider where the level has no product of narrow ones, with the same result but for rounding.
    pub(crate) const fn width_on(self, level: Level) -> Width {
        match self {
            Self::Floats => Width::Floats,
            Self::Words => level.words(),
            Self::Bytes => level.bytes(),
        }
    }
}

/// The largest weight on the grid of words. With twelve bits here, rows keep some fourteen before a sum could overflow.
const LARGEST_WORD: f32 = 2047.0;
const LARGEST_BYTE: f32 = 127.0;
/// Up to here no sum of products of bytes can overflow 32 bits: 255 * 127 * 65,536 is less than 2^31.
pub(crate) const MOST_INNER: usize = 65_536;

/// A linear map `x -> W x + b`, `[inner] -> [columns]`, in panels of columns: for each step of the inner dimension a panel has the
/// weights of all its columns side by side, one, two or four a column.
#[derive(Debug)]
pub(crate) struct Matrix {
    grid: Grid,
    inner: usize,
    columns: usize,
    weights: Weights,
    /// What a step on the grid is worth, for each column.
    scales: Vec<f32>,
    /// The sum of a column's weights.
    sums: Vec<f32>,
    bias: Vec<f32>,
    /// What follows the map.
    activation: Option<Activation>,
    /// The largest number on the left whose products with any column cannot overflow 32 bits.
    most: f32,
}

#[derive(Debug)]
enum Weights {
    Floats(Lines<f32>),
    Words(Lines<i16>),
    Bytes(Lines<i8>),
}

/// Numbers that begin at a whole cache line, so that no vector of a panel lies on two.
#[derive(Debug)]
struct Lines<T> {
    all: Vec<T>,
    start: usize,
}

impl<T: Copy + Default> Lines<T> {
    fn zeros(length: usize) -> Self {
        let spare = 64 / size_of::<T>();
        let all = vec![T::default(); length + spare];
        let start = all.as_ptr().align_offset(64).min(spare);
        Self { all, start }
    }

    fn get(&self) -> &[T] {
        &self.all[self.start..]
    }

    fn get_mut(&mut self) -> &mut [T] {
        &mut self.all[self.start..]
    }
}

impl Matrix {
    /// Packs a map; `weights` is `[columns, inner]`, and `inner` and `columns` are multiples of 16, `inner` at most [`MOST_INNER`].
    pub(crate) fn pack(level: Level, grid: Grid, inner: usize, weights: &[f32], bias: &[f32]) -> Self {
        let (columns, panel) = (bias.len(), level.panel());
        let padded = columns.next_multiple_of(panel);
        let mut matrix = Self {
            grid,
            inner,
            columns,
            weights: match grid.width_on(level) {
                Width::Floats => Weights::Floats(Lines::zeros(padded * inner)),
                Width::Words => Weights::Words(Lines::zeros(padded * inner)),
                Width::Bytes => Weights::Bytes(Lines::zeros(padded * inner)),
            },
            scales: vec![0.0; padded],
            sums: vec![0.0; padded],
            bias: bias.to_vec(),
            activation: None,
            most: 255.0,
        };
        matrix.bias.resize(padded, 0.0);
        let mut heaviest = 1.0_f32;
        let mut numbers = vec![0.0; inner];
        for (column, weights) in weights.chunks_exact(inner).enumerate() {
            let largest = weights.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
            let scale = match grid {
                Grid::Floats => 1.0,
                Grid::Words => largest / LARGEST_WORD,
                Grid::Bytes => largest / LARGEST_BYTE,
            };
            if grid == Grid::Floats {
                numbers.copy_from_slice(weights);
            } else {
                level.run(OntoGrid { weights, scale, out: &mut numbers });
                // Whole numbers, so that sums are exact in whatever order; some thousand of them fit.
                let sum: f32 = numbers.iter().sum();
                heaviest = heaviest.max(numbers.iter().map(|number| number.abs()).sum());
                (matrix.scales[column], matrix.sums[column]) = (scale, sum * scale);
            }
            let first = (column / panel) * panel * inner;
            // Rounded, and within the type by the scale.
            #[expect(clippy::cast_possible_truncation, reason = "the scale keeps it within the type")]
            match &mut matrix.weights {
                Weights::Floats(packed) => put::<1, _>(&mut packed.get_mut()[first..], &numbers, column % panel, panel, |number| number),
                Weights::Words(packed) => {
                    put::<2, _>(&mut packed.get_mut()[first..], &numbers, column % panel, panel, |number| number as i16);
                }
                Weights::Bytes(packed) => {
                    put::<4, _>(&mut packed.get_mut()[first..], &numbers, column % panel, panel, |number| number as i8);
                }
            }
        }
        if grid == Grid::Words {
            #[expect(clippy::cast_possible_truncation, reason = "at most 32,767")]
            let most = (f64::from(i32::MAX) / f64::from(heaviest)).floor().min(f64::from(i16::MAX)) as f32;
            matrix.most = most;
        }
        matrix
    }

    /// The same map with an activation after it, which is applied to a tile of the result while that is in registers.
    pub(crate) fn followed_by(self, activation: Activation) -> Self {
        Self { activation: Some(activation), ..self }
    }

    /// `rows` is `[count, inner]`, `out` is `[count, columns]`.
    pub(crate) fn apply(&self, level: Level, rows: &[f32], quantised: &mut Quantised, out: &mut [f32]) {
        let width = self.grid.width_on(level);
        match self.grid {
            Grid::Floats => {}
            Grid::Words => quantised.words(level, rows, self.inner, width, self.most),
            Grid::Bytes => quantised.bytes(level, rows, self.inner, width),
        }
        let left = match (self.grid, width) {
            (Grid::Floats, _) => Left::Floats(rows),
            (_, Width::Floats) => Left::Whole(quantised),
            (_, Width::Words) => Left::Words(quantised),
            (_, Width::Bytes) => Left::Bytes(quantised),
        };
        let count = rows.len() / self.inner;
        assert_eq!(out.len(), count * self.columns, "a product has a row for each row: this is a bug");
        level.run(Product { left, count, matrix: self, out });
    }
}

/// Puts a column's numbers into a panel of columns: `TOGETHER` of them side by side, the next ones after those of all other columns.
fn put<const TOGETHER: usize, T>(packed: &mut [T], numbers: &[f32], column: usize, panel: usize, as_stored: impl Fn(f32) -> T) {
    let steps = packed.chunks_exact_mut(panel * TOGETHER).zip(numbers.as_chunks::<TOGETHER>().0);
    for (step, numbers) in steps {
        for (to, number) in step[column * TOGETHER..].iter_mut().zip(numbers) {
            *to = as_stored(*number);
        }
    }
}

/// Puts a column's weights on a grid with steps of `scale`.
struct OntoGrid<'a> {
    weights: &'a [f32],
    scale: f32,
    out: &'a mut [f32],
}

impl Task for OntoGrid<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa, const WIDE: usize>(self) {
        let Self { weights, scale, out } = self;
        // Below that the inverse has no finite value, and such weights are nothing beside any other.
        let steps = if scale >= f32::MIN_POSITIVE { 1.0 / scale } else { 0.0 };
        for (number, weight) in out.iter_mut().zip(weights) {
            *number = rounded(weight * steps);
        }
    }
}

enum Left<'a> {
    Floats(&'a [f32]),
    /// Whole numbers, stored with a fraction.
    Whole(&'a Quantised),
    Words(&'a Quantised),
    Bytes(&'a Quantised),
}

struct Product<'a> {
    left: Left<'a>,
    count: usize,
    matrix: &'a Matrix,
    out: &'a mut [f32],
}

impl Task for Product<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa, const WIDE: usize>(self) {
        let Self { left, count, matrix, out } = self;
        let panel = 16 * WIDE;
        let blocks = count.div_ceil(I::ROWS);
        for (number, first_column) in (0..matrix.columns).step_by(panel).enumerate() {
            let mut first_row = 0;
            for block in 0..blocks {
                // Blocks of even size: two of three rows take less than one of five and one of one.
                let rows = (count * (block + 1) / blocks) - first_row;
                let place = Place { count, number, first_row, first_column };
                // SAFETY: the caller's promise.
                with_rows!(rows, |ROWS| unsafe { block_of::<I, ROWS, WIDE>(&left, matrix, place, out) });
                first_row += rows;
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Place {
    count: usize,
    number: usize,
    first_row: usize,
    first_column: usize,
}

/// One tile of the result.
///
/// # Safety
/// The instructions must be there.
#[inline(always)]
unsafe fn block_of<I: Isa, const ROWS: usize, const WIDE: usize>(left: &Left<'_>, matrix: &Matrix, place: Place, out: &mut [f32]) {
    let Place { count, number, first_row, first_column } = place;
    let (inner, panel) = (matrix.inner, 16 * WIDE);
    assert!(first_row + ROWS <= count && out.len() == count * matrix.columns, "a tile lies within the result: this is a bug");
    assert!(matrix.bias.len() >= first_column + panel, "panels are padded: this is a bug");
    let from = number * panel * inner..(number + 1) * panel * inner;
    // SAFETY: operands are slices of exactly the rows, or the panel, that a tile reads; results are written where the slices of row and
    // columns were checked to have 16 places; the instructions are the caller's promise.
    unsafe {
        match (left, &matrix.weights) {
            (Left::Floats(rows), Weights::Floats(weights)) => {
                let left = rows[first_row * inner..(first_row + ROWS) * inner].as_ptr();
                let right = weights.get()[from].as_ptr();
                let sums = tile::floats::<I, ROWS, WIDE>(Operands { left, left_stride: inner, right, right_stride: panel, steps: inner });
                let one = I::splat(1.0);
                store::<I, ROWS, WIDE>(matrix, place, out, |row, wide, column| {
                    I::madd(sums[row][wide], one, I::load(matrix.bias[column..column + 16].as_ptr()))
                });
            }
            (Left::Whole(rows), Weights::Floats(weights)) => {
                let left = rows.floats[first_row * inner..(first_row + ROWS) * inner].as_ptr();
                let right = weights.get()[from].as_ptr();
                let sums = tile::floats::<I, ROWS, WIDE>(Operands { left, left_stride: inner, right, right_stride: panel, steps: inner });
                store::<I, ROWS, WIDE>(matrix, place, out, |row, wide, column| {
                    off_grid::<I>(matrix, rows, first_row + row, column, sums[row][wide])
                });
            }
            (Left::Words(rows), Weights::Words(weights)) => {
                let left = rows.words[first_row * inner..(first_row + ROWS) * inner].as_ptr();
                let right = weights.get()[from].as_ptr();
                let sums =
                    tile::pairs::<I, ROWS, WIDE>(Operands { left, left_stride: inner, right, right_stride: 2 * panel, steps: inner / 2 });
                store::<I, ROWS, WIDE>(matrix, place, out, |row, wide, column| {
                    off_grid::<I>(matrix, rows, first_row + row, column, I::to_floats(sums[row][wide]))
                });
            }
            (Left::Bytes(rows), Weights::Bytes(weights)) => {
                let left = rows.bytes[first_row * inner..(first_row + ROWS) * inner].as_ptr();
                let right = weights.get()[from].as_ptr();
                let sums =
                    tile::fours::<I, ROWS, WIDE>(Operands { left, left_stride: inner, right, right_stride: 4 * panel, steps: inner / 4 });
                store::<I, ROWS, WIDE>(matrix, place, out, |row, wide, column| {
                    off_grid::<I>(matrix, rows, first_row + row, column, I::to_floats(sums[row][wide]))
                });
            }
            (Left::Floats(_) | Left::Whole(_) | Left::Words(_) | Left::Bytes(_), _) => {
                unreachable!("rows are put on the grid of the weights: this is a bug")
            }
        }
    }
}

/// Writes a tile, less the columns that are only padding.
///
/// # Safety
/// The instructions must be there.
#[inline(always)]
unsafe fn store<I: Isa, const ROWS: usize, const WIDE: usize>(
    matrix: &Matrix,
    place: Place,
    out: &mut [f32],
    value: impl Fn(usize, usize, usize) -> I::Floats,
) {
    for row in 0..ROWS {
        for wide in 0..WIDE {
            let column = place.first_column + 16 * wide;
            if column < matrix.columns {
                let start = (place.first_row + row) * matrix.columns + column;
                // SAFETY: the instructions are the caller's promise.
                unsafe { put_activated::<I>(matrix.activation, value(row, wide, column), &mut out[start..start + 16]) };
            }
        }
    }
}

/// What sums on the grids are worth: `scale * (sum - zero * sum of weights) + bias`, with the row's and the column's scale.
///
/// # Safety
/// The instructions must be there.
#[inline(always)]
unsafe fn off_grid<I: Isa>(matrix: &Matrix, rows: &Quantised, row: usize, column: usize, sums: I::Floats) -> I::Floats {
    let columns = column..column + 16;
    // SAFETY: each slice has the 16 places that are read.
    unsafe {
        let scale = I::mul(I::splat(rows.scales[row]), I::load(matrix.scales[columns.clone()].as_ptr()));
        let base =
            I::madd(I::splat(-rows.zeros[row]), I::load(matrix.sums[columns.clone()].as_ptr()), I::load(matrix.bias[columns].as_ptr()));
        I::madd(sums, scale, base)
    }
}
