//! The few operations that tiles are made of, for each set of instructions: vectors of 16 numbers of 32 bits.

use crate::rows;

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_arch = "aarch64")]
pub(crate) use neon::Neon;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

/// What the numbers of a product are stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// Four products of bytes.
    Bytes,
    /// Two products of 16 bits.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "elsewhere no level is faster with these"))]
    Words,
    /// Whole numbers are multiplied as if they had a fraction.
    Floats,
}

/// A set of instructions.
///
/// # Safety of its functions
/// They may only run where the processor has the instructions, which [`Level`](crate::Level) sees to, and pointers must be good for the
/// 64 bytes that are read or written; no alignment is asked for.
pub(crate) trait Isa: Copy {
    /// Whether a product is added in one instruction.
    const FUSED: bool;
    /// How many rows a tile has: as many as there are registers for.
    const ROWS: usize;
    /// What whole numbers of up to 16 bits are best multiplied in.
    const WORDS: Width;
    /// What bytes are best multiplied in.
    const BYTES: Width;
    /// Whether both sides of a product of bytes have a sign; otherwise only the right one has.
    const SIGNED: bool;
    /// 16 numbers of 32 bits with a fraction.
    type Floats: Copy;
    /// 16 whole numbers of 32 bits.
    type Ints: Copy;

    unsafe fn zeros() -> Self::Floats;
    unsafe fn splat(value: f32) -> Self::Floats;
    unsafe fn load(from: *const f32) -> Self::Floats;
    unsafe fn store(to: *mut f32, values: Self::Floats);
    /// `a * b + c`.
    unsafe fn madd(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn lesser(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn greater(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// Rows to columns: reads 16 numbers of each of 16 rows, and writes 16 of each of 16 columns; both a stride apart.
    ///
    /// The pointers must be good for all of these.
    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        for row in 0..16 {
            for column in 0..16 {
                // SAFETY: the caller's promise.
                unsafe { *to.add(column * to_stride + row) = *from.add(row * from_stride + column) };
            }
        }
    }

    unsafe fn int_zeros() -> Self::Ints;
    unsafe fn to_floats(values: Self::Ints) -> Self::Floats;
    /// The 64 bytes at a place, whatever they hold.
    unsafe fn load_ints(from: *const i32) -> Self::Ints;
    unsafe fn splat_int(value: i32) -> Self::Ints;
    /// Adds to each sum the products of two pairs of 16 bits. Only for levels that multiply these.
    unsafe fn add_pairs(sums: Self::Ints, a: Self::Ints, b: Self::Ints) -> Self::Ints;
    /// Adds to each sum four products of two bytes each, with signs as [`SIGNED`](Self::SIGNED) says. Only for levels that multiply bytes.
    unsafe fn add_fours(sums: Self::Ints, a: Self::Ints, b: Self::Ints) -> Self::Ints;
}

/// `a * b + c` as the instructions do it best.
#[inline(always)]
pub(crate) fn madd<I: Isa>(a: f32, b: f32, c: f32) -> f32 {
    if I::FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// What every processor has: the compiler makes what it can of it.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

impl Isa for Portable {
    // Where the target has no such instruction, the function of that name is a slow library call.
    const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
    const ROWS: usize = if cfg!(target_arch = "aarch64") { 6 } else { 2 };
    const WORDS: Width = Width::Floats;
    const BYTES: Width = Width::Floats;
    const SIGNED: bool = false;
    type Floats = [f32; 16];
    type Ints = [i32; 16];

    #[inline(always)]
    unsafe fn zeros() -> [f32; 16] {
        [0.0; 16]
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> [f32; 16] {
        [value; 16]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> [f32; 16] {
        // SAFETY: the caller's promise; read without asking for alignment.
        unsafe { from.cast::<[f32; 16]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, values: [f32; 16]) {
        // SAFETY: the caller's promise; written without asking for alignment.
        unsafe { to.cast::<[f32; 16]>().write_unaligned(values) }
    }
    #[inline(always)]
    unsafe fn madd(a: [f32; 16], b: [f32; 16], mut c: [f32; 16]) -> [f32; 16] {
        for lane in 0..16 {
            c[lane] = madd::<Self>(a[lane], b[lane], c[lane]);
        }
        c
    }
    #[inline(always)]
    unsafe fn mul(mut a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        for lane in 0..16 {
            a[lane] *= b[lane];
        }
        a
    }
    #[inline(always)]
    unsafe fn lesser(mut a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        for lane in 0..16 {
            a[lane] = rows::lesser(a[lane], b[lane]);
        }
        a
    }
    #[inline(always)]
    unsafe fn greater(mut a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        for lane in 0..16 {
            a[lane] = rows::greater(a[lane], b[lane]);
        }
        a
    }
    #[inline(always)]
    unsafe fn int_zeros() -> [i32; 16] {
        [0; 16]
    }
    #[inline(always)]
    unsafe fn to_floats(values: [i32; 16]) -> [f32; 16] {
        let mut floats = [0.0; 16];
        for lane in 0..16 {
            #[expect(clippy::cast_precision_loss, reason = "a sum loses less than the rounding of its parts did")]
            let value = values[lane] as f32;
            floats[lane] = value;
        }
        floats
    }
    #[inline(always)]
    unsafe fn load_ints(from: *const i32) -> [i32; 16] {
        // SAFETY: the caller's promise; read without asking for alignment.
        unsafe { from.cast::<[i32; 16]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn splat_int(value: i32) -> [i32; 16] {
        [value; 16]
    }
    #[inline(always)]
    unsafe fn add_pairs(_: [i32; 16], _: [i32; 16], _: [i32; 16]) -> [i32; 16] {
        unreachable!("whole numbers are multiplied with a fraction on this level: this is a bug")
    }
    #[inline(always)]
    unsafe fn add_fours(_: [i32; 16], _: [i32; 16], _: [i32; 16]) -> [i32; 16] {
        unreachable!("whole numbers are multiplied with a fraction on this level: this is a bug")
    }
}
