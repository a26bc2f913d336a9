//! The few operations that tiles are made of, for each set of instructions: vectors of 16 numbers of 32 bits.

/// How narrow the numbers of a product may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Narrowest {
    /// Four products of bytes.
    Bytes,
    /// Two products of 16 bits.
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
    /// The narrowest numbers whose products are added in one instruction.
    const NARROWEST: Narrowest;
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
    /// Adds to each sum four products, of an unsigned byte and a signed one each. Only for levels that multiply bytes.
    unsafe fn add_fours(sums: Self::Ints, unsigned: Self::Ints, signed: Self::Ints) -> Self::Ints;
}

/// `a * b + c` as the instructions do it best.
#[inline(always)]
pub(crate) fn madd<I: Isa>(a: f32, b: f32, c: f32) -> f32 {
    if I::FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// What every processor has: the compiler makes what it can of it (SSE2, NEON).
#[derive(Clone, Copy)]
pub(crate) struct Portable;

impl Isa for Portable {
    // Where the target has no such instruction, the function of that name is a slow library call.
    const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
    const ROWS: usize = if cfg!(target_arch = "aarch64") { 6 } else { 2 };
    const NARROWEST: Narrowest = Narrowest::Floats;
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

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::asm;
    use std::arch::x86_64::{
        __m256, __m256i, __m512, __m512i, _mm256_add_epi32, _mm256_cvtepi32_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_loadu_si256,
        _mm256_madd_epi16, _mm256_mul_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_setzero_si256, _mm256_storeu_ps,
        _mm512_castpd_ps, _mm512_castps_pd, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_loadu_si512,
        _mm512_mul_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps, _mm512_setzero_si512, _mm512_shuffle_f32x4, _mm512_storeu_ps,
        _mm512_unpackhi_pd, _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
    };

    use super::{Isa, Narrowest};

    /// Haswell and Zen on: 16 registers of 256 bits.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx2;

    impl Isa for Avx2 {
        const FUSED: bool = true;
        // Twelve of 16 registers hold sums.
        const ROWS: usize = 6;
        const NARROWEST: Narrowest = Narrowest::Words;
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
        const NARROWEST: Narrowest = Narrowest::Bytes;
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
}
