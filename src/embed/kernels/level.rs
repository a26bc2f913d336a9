//! Which instructions a machine has, and the one step into code that uses them.

#[cfg(target_arch = "aarch64")]
use std::arch::is_aarch64_feature_detected;
use std::fmt;

#[cfg(target_arch = "aarch64")]
use crate::isa::Neon;
#[cfg(target_arch = "x86_64")]
use crate::isa::{Avx2, Avx512};
use crate::isa::{Isa, Portable, Width};

/// A set of instructions that this machine has; only this module makes one, so whoever holds it may use it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Level(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "aarch64")]
    Neon,
    #[cfg(target_arch = "aarch64")]
    NeonDot,
}

/// Work that is compiled for every level; `WIDE` is how many vectors of 16 columns a tile has.
pub(crate) trait Task {
    /// Does it. Must be `#[inline(always)]`, as everything that it calls, to be compiled for the level's instructions.
    ///
    /// # Safety
    /// The instructions must be there.
    unsafe fn run<I: Isa, const WIDE: usize>(self);
}

impl Level {
    /// The best that this machine has.
    pub fn best() -> Self {
        Self::all().pop().unwrap_or(Self(Kind::Portable))
    }

    /// All that this machine has, the best last.
    pub fn all() -> Vec<Self> {
        #[cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), expect(unused_mut, reason = "others have one level"))]
        let mut kinds = vec![Kind::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                kinds.push(Kind::Avx2);
            }
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni")
                && is_x86_feature_detected!("fma")
            {
                kinds.push(Kind::Avx512);
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            if is_aarch64_feature_detected!("neon") {
                kinds.push(Kind::Neon);
                if is_aarch64_feature_detected!("dotprod") {
                    kinds.push(Kind::NeonDot);
                }
            }
        }
        kinds.into_iter().map(Self).collect()
    }

    /// The level of this key, if this machine has it.
    ///
    /// # Errors
    /// The keys of those it has.
    pub fn find(key: &str) -> Result<Self, Vec<&'static str>> {
        let all = Self::all();
        all.iter().copied().find(|level| level.key() == key).ok_or_else(|| all.into_iter().map(Self::key).collect())
    }

    /// What it is called in settings.
    pub const fn key(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "neon",
            #[cfg(target_arch = "aarch64")]
            Kind::NeonDot => "neon-dotprod",
        }
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "AVX-512 VNNI",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "NEON",
            #[cfg(target_arch = "aarch64")]
            Kind::NeonDot => "NEON with dot products",
        }
    }

    /// How many columns a tile has: the width of the panels that weights are packed in.
    pub(crate) const fn panel(self) -> usize {
        match self.0 {
            Kind::Portable => 16,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => 16,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => 64,
            #[cfg(target_arch = "aarch64")]
            Kind::Neon | Kind::NeonDot => 16,
        }
    }

    /// What whole numbers of up to 16 bits are multiplied in.
    pub(crate) const fn words(self) -> Width {
        match self.0 {
            Kind::Portable => Portable::WORDS,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => Avx2::WORDS,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => Avx512::WORDS,
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => Neon::<false>::WORDS,
            #[cfg(target_arch = "aarch64")]
            Kind::NeonDot => Neon::<true>::WORDS,
        }
    }

    /// What bytes are multiplied in.
    pub(crate) const fn bytes(self) -> Width {
        match self.0 {
            Kind::Portable => Portable::BYTES,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => Avx2::BYTES,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => Avx512::BYTES,
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => Neon::<false>::BYTES,
            #[cfg(target_arch = "aarch64")]
            Kind::NeonDot => Neon::<true>::BYTES,
        }
    }

    /// How many rows a tile has.
    pub(crate) const fn rows(self) -> usize {
        match self.0 {
            Kind::Portable => Portable::ROWS,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => Avx2::ROWS,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => Avx512::ROWS,
            #[cfg(target_arch = "aarch64")]
            Kind::Neon | Kind::NeonDot => Neon::<true>::ROWS,
        }
    }

    /// Does a task with these instructions.
    pub(crate) fn run(self, task: impl Task) {
        match self.0 {
            // SAFETY: every processor has what this is made of.
            Kind::Portable => unsafe { task.run::<Portable, 1>() },
            // SAFETY: a level is only made where the processor has its instructions.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { avx2(task) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { avx512(task) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => unsafe { neon(task) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Kind::NeonDot => unsafe { neon_dot(task) },
        }
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2(task: impl Task) {
    // SAFETY: they are among the features above, which the caller has seen to.
    unsafe { task.run::<Avx2, 1>() };
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma")]
fn avx512(task: impl Task) {
    // SAFETY: as above.
    unsafe { task.run::<Avx512, 4>() };
}

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "neon")]
fn neon(task: impl Task) {
    // SAFETY: as above.
    unsafe { task.run::<Neon<false>, 1>() };
}

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "neon,dotprod")]
fn neon_dot(task: impl Task) {
    // SAFETY: as above.
    unsafe { task.run::<Neon<true>, 1>() };
}
