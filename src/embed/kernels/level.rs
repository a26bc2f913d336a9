//! Which instructions a machine has, and the one step into code that uses them.

use std::fmt;

#[cfg(target_arch = "x86_64")]
use crate::isa::{Avx2, Avx512};
use crate::isa::{Isa, Narrowest, Portable};

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
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "other machines have one level"))]
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
        }
    }

    /// The narrowest numbers whose products are added in one instruction.
    pub(crate) const fn narrowest(self) -> Narrowest {
        match self.0 {
            Kind::Portable => Portable::NARROWEST,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => Avx2::NARROWEST,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => Avx512::NARROWEST,
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
