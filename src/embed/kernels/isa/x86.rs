//! What processors of Intel and AMD have.

use std::arch::asm;
use std::arch::x86_64::{
    __m256, __m256i, __m512, __m512i, _mm256_add_epi32, _mm256_cvtepi32_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_loadu_si256,
    _mm256_madd_epi16, _mm256_max_ps, _mm256_min_ps, _mm256_mul_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_setzero_si256, _mm256_storeu_ps, _mm512_castpd_ps, _mm512_castps_pd, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps,
    _mm512_loadu_ps, _mm512_loadu_si512, _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_setzero_si512, _mm512_shuffle_f32x4, _mm512_storeu_ps, _mm512_unpackhi_pd, _mm512_unpackhi_ps, _mm512_unpacklo_pd,
    _mm512_unpacklo_ps,
};

use crate::isa::{Isa, Width};

/// Haswell and Zen on: 16 registers of 256 bits.
#[derive(Clone, Copy)]
pub(crate) struct Avx2;

impl Isa for Avx2 {
    const FUSED: bool = true;
    // Twelve of 16 registers hold sums.
    const ROWS: usize = 6;
    const WORDS: Width = Width::Words;
    const BYTES: Width = Width::Words;
    const SIGNED: bool = false;
    type Floats = [__m256; 2];
    type Ints = [__m256i; 2];

    #[inline(always)]
    unsafe fn zeros() -> [__m256; 2] {
        // SAFETY: the caller's promise that the instructions are there, and that pointers are good for what is read or written.
        unsafe { [_mm256_setzero_ps(); 2] }
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> [__m256; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_set1_ps(value); 2] }
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> [__m256; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))] }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, values: [__m256; 2]) {
        // SAFETY: as above.
        unsafe {
            _mm256_storeu_ps(to, values[0]);
            _mm256_storeu_ps(to.add(8), values[1]);
        }
    }
    #[inline(always)]
    unsafe fn madd(a: [__m256; 2], b: [__m256; 2], c: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }
    #[inline(always)]
    unsafe fn mul(a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn lesser(a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_min_ps(a[0], b[0]), _mm256_min_ps(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn greater(a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn int_zeros() -> [__m256i; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_setzero_si256(); 2] }
    }
    #[inline(always)]
    unsafe fn to_floats(values: [__m256i; 2]) -> [__m256; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_cvtepi32_ps(values[0]), _mm256_cvtepi32_ps(values[1])] }
    }
    #[inline(always)]
    unsafe fn load_ints(from: *const i32) -> [__m256i; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(8).cast())] }
    }
    #[inline(always)]
    unsafe fn splat_int(value: i32) -> [__m256i; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_set1_epi32(value); 2] }
    }
    #[inline(always)]
    unsafe fn add_pairs(sums: [__m256i; 2], a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: as above.
        unsafe { [_mm256_add_epi32(sums[0], _mm256_madd_epi16(a[0], b[0])), _mm256_add_epi32(sums[1], _mm256_madd_epi16(a[1], b[1]))] }
    }
    #[inline(always)]
    unsafe fn add_fours(_: [__m256i; 2], _: [__m256i; 2], _: [__m256i; 2]) -> [__m256i; 2] {
        unreachable!("bytes are widened for this level, whose product of bytes saturates: this is a bug")
    }
}

/// Cascade Lake, Ice Lake and Zen 4 on: 32 registers of 512 bits, and sums of products in one instruction.
#[derive(Clone, Copy)]
pub(crate) struct Avx512;

impl Isa for Avx512 {
    const FUSED: bool = true;
    // With four vectors a row, 24 of 32 registers hold sums.
    const ROWS: usize = 6;
    const WORDS: Width = Width::Words;
    const BYTES: Width = Width::Bytes;
    const SIGNED: bool = false;
    type Floats = __m512;
    type Ints = __m512i;

    #[inline(always)]
    unsafe fn zeros() -> __m512 {
        // SAFETY: the caller's promise that the instructions are there, and that pointers are good for what is read or written.
        unsafe { _mm512_setzero_ps() }
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_set1_ps(value) }
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, values: __m512) {
        // SAFETY: as above.
        unsafe { _mm512_storeu_ps(to, values) }
    }
    #[inline(always)]
    unsafe fn madd(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn lesser(a: __m512, b: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_min_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn greater(a: __m512, b: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        // SAFETY: as above.
        unsafe {
            let rows: [__m512; 16] = std::array::from_fn(|row| _mm512_loadu_ps(from.add(row * from_stride)));
            // Each step takes places that are twice as far apart to one vector: 1, 2, 4, then 8 rows.
            let ones: [__m512; 16] = std::array::from_fn(|to| {
                let (a, b) = (rows[to & !1], rows[to | 1]);
                if to & 1 == 0 { _mm512_unpacklo_ps(a, b) } else { _mm512_unpackhi_ps(a, b) }
            });
            let twos: [__m512; 16] = std::array::from_fn(|to| {
                let half = (to >> 1) & 1;
                let (a, b) = (ones[(to & !3) | half], ones[(to & !3) | 2 | half]);
                let (a, b) = (_mm512_castps_pd(a), _mm512_castps_pd(b));
                _mm512_castpd_ps(if to & 1 == 0 { _mm512_unpacklo_pd(a, b) } else { _mm512_unpackhi_pd(a, b) })
            });
            // Now `twos[4 * block + c]` has, in its four parts, columns `c`, `c + 4`, `c + 8`, `c + 12` of four rows.
            for column in 0..4 {
                let [a, b, c, d] = [twos[column], twos[4 + column], twos[8 + column], twos[12 + column]];
                let (even_low, odd_low) = (_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
                let (even_high, odd_high) = (_mm512_shuffle_f32x4::<0x88>(c, d), _mm512_shuffle_f32x4::<0xdd>(c, d));
                let columns = [
                    _mm512_shuffle_f32x4::<0x88>(even_low, even_high),
                    _mm512_shuffle_f32x4::<0x88>(odd_low, odd_high),
                    _mm512_shuffle_f32x4::<0xdd>(even_low, even_high),
                    _mm512_shuffle_f32x4::<0xdd>(odd_low, odd_high),
                ];
                for (block, values) in columns.into_iter().enumerate() {
                    _mm512_storeu_ps(to.add((4 * block + column) * to_stride), values);
                }
            }
        }
    }
    #[inline(always)]
    unsafe fn int_zeros() -> __m512i {
        // SAFETY: as above.
        unsafe { _mm512_setzero_si512() }
    }
    #[inline(always)]
    unsafe fn to_floats(values: __m512i) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_cvtepi32_ps(values) }
    }
    #[inline(always)]
    unsafe fn load_ints(from: *const i32) -> __m512i {
        // SAFETY: as above.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }
    #[inline(always)]
    unsafe fn splat_int(value: i32) -> __m512i {
        // SAFETY: as above.
        unsafe { _mm512_set1_epi32(value) }
    }
    #[inline(always)]
    unsafe fn add_pairs(sums: __m512i, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: as above.
        unsafe { add_pairs_at_once(sums, a, b) }
    }
    #[inline(always)]
    unsafe fn add_fours(sums: __m512i, unsigned: __m512i, signed: __m512i) -> __m512i {
        // SAFETY: as above.
        unsafe { _mm512_dpbusd_epi32(sums, unsigned, signed) }
    }
}

/// Written out, because the compiler takes `_mm512_dpwssd_epi32` apart into a product and a sum, which takes twice as long.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn add_pairs_at_once(mut sums: __m512i, a: __m512i, b: __m512i) -> __m512i {
    // SAFETY: one instruction on registers, which the features above have.
    unsafe {
        asm!(
            "vpdpwssd {sums}, {a}, {b}",
            sums = inout(zmm_reg) sums,
            a = in(zmm_reg) a,
            b = in(zmm_reg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}
