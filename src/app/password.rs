//! Hashing passwords: slow on purpose, off the threads that answer calls, and only a few at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::clock::random;
use crate::app::error::Error;
use crate::domain::password::Password;

/// Memory, passes and lanes: 19 MiB, 2 and 1.
///
/// The least that the OWASP Password Storage Cheat Sheet advises for argon2id, section "Argon2id": m=19456 (19 MiB), t=2, p=1. A hash
/// carries its parameters, so that raising them later leaves the old ones readable.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// So many hashes are made at once: each takes its memory and a core.
const AT_ONCE: usize = 2;
/// Whoever waits longer for a turn is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// What makes and checks hashes; cheap to clone.
#[derive(Debug, Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    longest_wait: Duration,
    /// The hash of a password that nobody has: checked where there is no other, so that the answer takes as long.
    decoy: Arc<OnceLock<String>>,
    counts: Arc<Counts>,
}

/// What a hasher did since it was made.
#[derive(Debug, Default)]
struct Counts {
    asked: AtomicU64,
    hashed: AtomicU64,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::waiting_at_most(LONGEST_WAIT)
    }
}

impl Hasher {
    /// One at which nobody waits longer for a turn.
    #[must_use]
    pub fn waiting_at_most(longest_wait: Duration) -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), longest_wait, decoy: Arc::default(), counts: Arc::default() }
    }

    /// Takes every turn until what it gives is dropped: meanwhile whoever comes waits.
    pub async fn pause(&self) -> Paused {
        let turns = Arc::clone(&self.turns).acquire_many_owned(u32::try_from(AT_ONCE).unwrap_or(u32::MAX)).await;
        Paused { _turns: turns.ok() }
    }

    /// How many came for a turn so far.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.counts.asked.load(Ordering::Relaxed)
    }

    /// How many hashes were computed so far, to keep one or to compare with one: each takes the same time.
    #[must_use]
    pub fn hashed(&self) -> u64 {
        self.counts.hashed.load(Ordering::Relaxed)
    }

    /// The hash of a password, with its parameters and a fresh salt.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait for a turn.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Error> {
        let counts = Arc::clone(&self.counts);
        self.take_turn(move || hash(&password, &counts)).await?
    }

    /// Whether a password is the one of a hash; never, but after as long a time, where one of them is missing.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait for a turn.
    pub(crate) async fn is_right(&self, password: Option<Password>, kept: Option<String>) -> Result<bool, Error> {
        let (decoy, counts) = (Arc::clone(&self.decoy), Arc::clone(&self.counts));
        self.take_turn(move || {
            // Made at the first try of all, whoever it is for, so that the first unknown name takes no longer than a known one.
            let decoy = if let Some(decoy) = decoy.get() {
                decoy
            } else {
                let made = hash(&Password::typed(&hex::encode(random::<32>())).ok_or_else(too_long)?, &counts)?;
                decoy.get_or_init(|| made)
            };
            let (password, is_possible) = match password {
                Some(password) => (password, kept.is_some()),
                None => (Password::typed("").ok_or_else(too_long)?, false),
            };
            let kept =
                PasswordHash::new(kept.as_ref().unwrap_or(decoy)).map_err(|_| Error::internal("a password's hash cannot be read"))?;
            counts.hashed.fetch_add(1, Ordering::Relaxed);
            let fits = argon2()?.verify_password(password.expose().as_bytes(), &kept).is_ok();
            Ok(fits && is_possible)
        })
        .await?
    }

    /// # Cancel safety
    /// A hash that was begun is made to its end, and its turn is over only then.
    async fn take_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        self.counts.asked.fetch_add(1, Ordering::Relaxed);
        let turn = tokio::time::timeout(self.longest_wait, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| Error::Overloaded { retry_after_seconds: 2 })?.map_err(Error::internal)?;
        let work = move || {
            let done = work();
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// Every turn of a hasher: while it is held, nothing is hashed.
#[derive(Debug)]
pub struct Paused {
    _turns: Option<OwnedSemaphorePermit>,
}

fn hash(password: &Password, counts: &Counts) -> Result<String, Error> {
    counts.hashed.fetch_add(1, Ordering::Relaxed);
    let hash = argon2()?.hash_password_with_salt(password.expose().as_bytes(), &random::<16>());
    hash.map(|hash: PasswordHash| hash.to_string()).map_err(|_| Error::internal("a password cannot be hashed"))
}

fn too_long() -> Error {
    Error::internal("a short text is no password")
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| Error::internal("the parameters of argon2id are refused"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::choose(text).unwrap()
    }

    #[tokio::test]
    async fn a_hash_says_how_it_was_made_and_fits_its_password_alone() {
        let hasher = Hasher::default();
        let one = hasher.hash(password("kelp-otter 9")).await.unwrap();
        let two = hasher.hash(password("kelp-otter 9")).await.unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two, "each hash has a salt of its own");
        assert!(hasher.is_right(Some(password("kelp-otter 9")), Some(one.clone())).await.unwrap());
        assert!(!hasher.is_right(Some(password("kelp-otter 8")), Some(one.clone())).await.unwrap());
        assert!(!hasher.is_right(None, Some(one)).await.unwrap());
        assert!(!hasher.is_right(Some(password("kelp-otter 9")), None).await.unwrap());
    }

    #[tokio::test]
    async fn whoever_has_no_password_costs_as_many_hashes_as_whoever_has_one() {
        let kept = Hasher::default().hash(password("kelp-otter 9")).await.unwrap();
        let typed = || Some(password("kelp-otter 8"));
        for (typed, kept) in [(typed(), Some(kept.clone())), (typed(), None), (None, Some(kept)), (None, None)] {
            let hasher = Hasher::default();
            // The first of all makes the decoy, whoever it is; from then on each is one comparison.
            for hashes in [2, 3] {
                assert!(!hasher.is_right(typed.clone(), kept.clone()).await.unwrap());
                assert_eq!(hasher.hashed(), hashes, "{} {}", typed.is_some(), kept.is_some());
            }
        }
    }

    #[tokio::test]
    async fn whoever_would_wait_too_long_is_told_to_come_back() {
        let hasher = Hasher::waiting_at_most(Duration::ZERO);
        let paused = hasher.pause().await;
        let refused = hasher.hash(password("kelp-otter 9")).await;
        assert!(matches!(refused, Err(Error::Overloaded { .. })), "{refused:?}");
        drop(paused);
        hasher.hash(password("kelp-otter 9")).await.unwrap();
    }

    #[tokio::test]
    async fn a_burst_waits_for_its_turn_and_is_answered() {
        let hasher = Hasher::default();
        let kept = hasher.hash(password("kelp-otter 9")).await.unwrap();
        let tries = (0..8).map(|_| hasher.is_right(Some(password("kelp-otter 9")), Some(kept.clone())));
        assert!(futures::future::join_all(tries).await.into_iter().all(|right| right.unwrap()));
        assert_eq!(hasher.turns.available_permits(), AT_ONCE);
    }
}
