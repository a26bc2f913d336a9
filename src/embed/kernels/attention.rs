//! Scaled dot-product attention, text by text and head by head (Vaswani et al. 2017, arXiv:1706.03762).
//!
//! The scores of a few rows at a time stay in the nearest cache: with at most some hundred tokens a text, a second pass over them costs
//! less than the corrections of an online softmax.

use crate::isa::Isa;
use crate::level::Task;
use crate::rows::softmax;
use crate::tile::{self, Operands, with_rows};

/// Room that is used again for every head.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// `[head, keys]`, keys side by side.
    keys: Vec<f32>,
    /// `[keys, head]`.
    values: Vec<f32>,
    /// `[rows of a tile, keys]`.
    scores: Vec<f32>,
}

/// `[tokens, 3 * hidden] -> [tokens, hidden]` for texts one behind the other.
pub(crate) struct Attend<'a> {
    pub(crate) lengths: &'a [usize],
    pub(crate) heads: usize,
    /// Queries, keys and values of each token side by side.
    pub(crate) mixed: &'a [f32],
    pub(crate) out: &'a mut [f32],
    pub(crate) room: &'a mut Room,
}

impl Task for Attend<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa, const WIDE: usize>(self) {
        let Self { lengths, heads, mixed, out, room } = self;
        let tokens: usize = lengths.iter().sum();
        let hidden = out.len() / tokens;
        let mut first = 0;
        for length in lengths {
            let mixed = &mixed[first * 3 * hidden..(first + length) * 3 * hidden];
            let out = &mut out[first * hidden..(first + length) * hidden];
            for head in 0..heads {
                let head = Head { mixed, hidden, size: hidden / heads, number: head, length: *length };
                // SAFETY: the caller's promise.
                unsafe { head.attend::<I, WIDE>(out, room) };
            }
            first += length;
        }
    }
}

/// One head of one text.
struct Head<'a> {
    mixed: &'a [f32],
    hidden: usize,
    size: usize,
    number: usize,
    length: usize,
}

impl Head<'_> {
    /// The contexts of all rows.
    ///
    /// # Safety
    /// The instructions must be there.
    #[inline(always)]
    unsafe fn attend<I: Isa, const WIDE: usize>(&self, out: &mut [f32], room: &mut Room) {
        let Self { mixed, hidden, size, number: head, length } = *self;
        let padded = length.next_multiple_of(16);
        room.keys.resize(size * padded, 0.0);
        room.values.resize(length * size, 0.0);
        room.scores.resize(I::ROWS * padded, 0.0);
        let mut token = 0;
        while token < length {
            // The last block ends with the text, and overlaps the one before.
            let first = if token + 16 <= length { token } else { length.saturating_sub(16) };
            // SAFETY: the caller's promise.
            unsafe { self.take_keys::<I>(first, padded, room) };
            token = first + 16;
        }
        for (row, values) in mixed.chunks_exact(3 * hidden).zip(room.values.chunks_exact_mut(size)) {
            let from = row[2 * hidden + head * size..][..size].as_chunks::<16>().0;
            for (to, from) in values.as_chunks_mut::<16>().0.iter_mut().zip(from) {
                *to = *from;
            }
        }
        let mut row = 0;
        let blocks = length.div_ceil(I::ROWS);
        for block in 0..blocks {
            let rows = length * (block + 1) / blocks - row;
            // SAFETY: the caller's promise.
            with_rows!(rows, |ROWS| unsafe { self.rows::<I, ROWS, WIDE>(row, out, room) });
            row += rows;
        }
    }

    /// Keys of up to 16 tokens, side by side.
    ///
    /// # Safety
    /// The instructions must be there.
    #[inline(always)]
    unsafe fn take_keys<I: Isa>(&self, first: usize, padded: usize, room: &mut Room) {
        let Self { mixed, hidden, size, number: head, length } = *self;
        let start = first * 3 * hidden + hidden + head * size;
        if first + 16 > length {
            for token in first..length {
                for place in 0..size {
                    room.keys[place * padded + token] = mixed[token * 3 * hidden + hidden + head * size + place];
                }
            }
            return;
        }
        for place in (0..size).step_by(16) {
            let from = &mixed[start + place..][..15 * 3 * hidden + 16];
            let to = &mut room.keys[place * padded + first..][..15 * padded + 16];
            // SAFETY: the slices reach from the first number of the first row to the last of the last; the instructions are the caller's
            // promise.
            unsafe { I::transpose(from.as_ptr(), 3 * hidden, to.as_mut_ptr(), padded) };
        }
    }

    /// The contexts of some rows.
    ///
    /// # Safety
    /// The instructions must be there.
    #[inline(always)]
    unsafe fn rows<I: Isa, const ROWS: usize, const WIDE: usize>(&self, first: usize, out: &mut [f32], room: &mut Room) {
        let Self { mixed, hidden, size, number: head, length } = *self;
        let padded = length.next_multiple_of(16);
        let queries = Side { from: &mixed[first * 3 * hidden + head * size..], stride: 3 * hidden };
        let keys = Side { from: &room.keys, stride: padded };
        // Scores in powers of two, so that the softmax needs no factor.
        #[expect(clippy::cast_precision_loss, reason = "some dozens")]
        let scale = std::f32::consts::LOG2_E / (size as f32).sqrt();
        // SAFETY: the caller's promise.
        unsafe { product::<I, ROWS, WIDE>(queries, keys, size, &mut room.scores, padded, padded, |_| scale) };
        let mut shares = [0.0; ROWS];
        for (row, share) in shares.iter_mut().enumerate() {
            *share = 1.0 / softmax::<I>(&mut room.scores[row * padded..][..padded], length);
        }
        let scores = Side { from: &room.scores, stride: padded };
        let values = Side { from: &room.values, stride: size };
        let out = &mut out[first * hidden + head * size..];
        // SAFETY: the caller's promise.
        unsafe { product::<I, ROWS, WIDE>(scores, values, length, out, hidden, size, |row| shares[row]) };
    }
}

/// Rows of numbers, the next a stride further.
#[derive(Clone, Copy)]
struct Side<'a> {
    from: &'a [f32],
    stride: usize,
}

/// `[ROWS, inner] x [inner, columns] -> [ROWS, columns]`, each row times a factor.
///
/// # Safety
/// The instructions must be there.
#[inline(always)]
unsafe fn product<I: Isa, const ROWS: usize, const WIDE: usize>(
    left: Side<'_>,
    right: Side<'_>,
    inner: usize,
    out: &mut [f32],
    out_stride: usize,
    columns: usize,
    factor: impl Fn(usize) -> f32,
) {
    let mut column = 0;
    while column < columns {
        let wide = (columns - column) / 16;
        // SAFETY: the caller's promise.
        column += unsafe {
            if WIDE > 2 && wide >= WIDE {
                columns_of::<I, ROWS, WIDE>(left, right, inner, column, out, out_stride, &factor)
            } else if wide >= 2 {
                columns_of::<I, ROWS, 2>(left, right, inner, column, out, out_stride, &factor)
            } else {
                columns_of::<I, ROWS, 1>(left, right, inner, column, out, out_stride, &factor)
            }
        };
    }
}

/// Some columns of a product; answers how many.
///
/// # Safety
/// The instructions must be there.
#[inline(always)]
unsafe fn columns_of<I: Isa, const ROWS: usize, const WIDE: usize>(
    left: Side<'_>,
    right: Side<'_>,
    inner: usize,
    column: usize,
    out: &mut [f32],
    out_stride: usize,
    factor: &impl Fn(usize) -> f32,
) -> usize {
    assert!(left.from.len() >= (ROWS - 1) * left.stride + inner, "a tile lies within the left side: this is a bug");
    assert!(right.from.len() >= (inner - 1) * right.stride + column + 16 * WIDE, "a tile lies within the right side: this is a bug");
    assert!(out.len() >= (ROWS - 1) * out_stride + column + 16 * WIDE, "a tile lies within the result: this is a bug");
    // SAFETY: the lengths were checked just above; the instructions are the caller's promise.
    unsafe {
        let sums = tile::floats::<I, ROWS, WIDE>(Operands {
            left: left.from.as_ptr(),
            left_stride: left.stride,
            right: right.from.as_ptr().add(column),
            right_stride: right.stride,
            steps: inner,
        });
        for (row, sums) in sums.into_iter().enumerate() {
            let factor = I::splat(factor(row));
            for (wide, sum) in sums.into_iter().enumerate() {
                I::store(out.as_mut_ptr().add(row * out_stride + column + 16 * wide), I::mul(sum, factor));
            }
        }
    }
    16 * WIDE
}
