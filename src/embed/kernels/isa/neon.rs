//! What processors of Arm have.

use std::arch::aarch64::{
    float32x4_t, int32x4_t, vcvtq_f32_s32, vdupq_n_f32, vdupq_n_s32, vfmaq_f32, vld1q_f32, vld1q_s32, vmaxq_f32, vminq_f32, vmulq_f32,
    vst1q_f32,
};
use std::arch::asm;
use std::array;

use crate::isa::{Isa, Width};

/// Every processor of 64 bits: 32 registers of 128 bits. With `DOT` those that add four products of bytes in one instruction as well:
/// Cortex-A75, Neoverse, Apple A11 on.
#[derive(Clone, Copy)]
pub(crate) struct Neon<const DOT: bool>;

impl<const DOT: bool> Isa for Neon<DOT> {
    const FUSED: bool = true;
    // With four registers a row, 24 of 32 hold sums.
    const ROWS: usize = 6;
    // An instruction multiplies four numbers, whether of 16 bits or with a fraction; sums of bytes without the one of `DOT` take four
    // instructions for sixteen products, which is no better.
    const WORDS: Width = Width::Floats;
    const BYTES: Width = if DOT { Width::Bytes } else { Width::Floats };
    // That of an unsigned and a signed byte came later.
    const SIGNED: bool = true;
    type Floats = [float32x4_t; 4];
    type Ints = [int32x4_t; 4];

    #[inline(always)]
    unsafe fn zeros() -> Self::Floats {
        // SAFETY: the caller's promise that the instructions are there, and that pointers are good for what is read or written.
        unsafe { [vdupq_n_f32(0.0); 4] }
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self::Floats {
        // SAFETY: as above.
        unsafe { [vdupq_n_f32(value); 4] }
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::Floats {
        // SAFETY: as above.
        array::from_fn(|part| unsafe { vld1q_f32(from.add(4 * part)) })
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, values: Self::Floats) {
        for (part, values) in values.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe { vst1q_f32(to.add(4 * part), values) };
        }
    }
    #[inline(always)]
    unsafe fn madd(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        // SAFETY: as above.
        array::from_fn(|part| unsafe { vfmaq_f32(c[part], a[part], b[part]) })
    }
    #[inline(always)]
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: as above.
        array::from_fn(|part| unsafe { vmulq_f32(a[part], b[part]) })
    }
    #[inline(always)]
    unsafe fn lesser(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: as above.
        array::from_fn(|part| unsafe { vminq_f32(a[part], b[part]) })
    }
    #[inline(always)]
    unsafe fn greater(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: as above.
        array::from_fn(|part| unsafe { vmaxq_f32(a[part], b[part]) })
    }
    #[inline(always)]
    unsafe fn int_zeros() -> Self::Ints {
        // SAFETY: as above.
        unsafe { [vdupq_n_s32(0); 4] }
    }
    #[inline(always)]
    unsafe fn to_floats(values: Self::Ints) -> Self::Floats {
        // SAFETY: as above.
        values.map(|values| unsafe { vcvtq_f32_s32(values) })
    }
    #[inline(always)]
    unsafe fn load_ints(from: *const i32) -> Self::Ints {
        // SAFETY: as above.
        array::from_fn(|part| unsafe { vld1q_s32(from.add(4 * part)) })
    }
    #[inline(always)]
    unsafe fn splat_int(value: i32) -> Self::Ints {
        // SAFETY: as above.
        unsafe { [vdupq_n_s32(value); 4] }
    }
    #[inline(always)]
    unsafe fn add_pairs(_: Self::Ints, _: Self::Ints, _: Self::Ints) -> Self::Ints {
        unreachable!("numbers of 16 bits are multiplied with a fraction on this level: this is a bug")
    }
    #[inline(always)]
    unsafe fn add_fours(sums: Self::Ints, a: Self::Ints, b: Self::Ints) -> Self::Ints {
        assert!(DOT, "bytes are multiplied with a fraction on this level: this is a bug");
        // SAFETY: as above.
        array::from_fn(|part| unsafe { dot(sums[part], a[part], b[part]) })
    }
}

/// Written out, because the intrinsic is not stable.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot(mut sums: int32x4_t, a: int32x4_t, b: int32x4_t) -> int32x4_t {
    // SAFETY: one instruction on registers, which the features above have.
    unsafe {
        asm!(
            "sdot {sums:v}.4s, {a:v}.16b, {b:v}.16b",
            sums = inout(vreg) sums,
            a = in(vreg) a,
            b = in(vreg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}
