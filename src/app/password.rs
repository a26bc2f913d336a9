//! Hashing passwords: slow on purpose, off the threads that answer calls, and only a few at once.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

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

/// How a hash is made of a password, and compared with one: both take as long.
pub trait Scheme: Debug + Send + Sync {
    /// The hash of a password, with its parameters and a fresh salt.
    ///
    /// # Errors
    /// [`Error::Internal`] where that cannot be.
    fn hash(&self, password: &Password) -> Result<String, Error>;

    /// Whether a hash is the one of a password.
    ///
    /// # Errors
    /// [`Error::Internal`] for a hash that cannot be read.
    fn fits(&self, password: &Password, hash: &str) -> Result<bool, Error>;
}

/// The scheme that is used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Argon2id;

impl Scheme for Argon2id {
    fn hash(&self, password: &Password) -> Result<String, Error> {
        let hash = argon2()?.hash_password_with_salt(password.expose().as_bytes(), &random::<16>());
        hash.map(|hash: PasswordHash| hash.to_string()).map_err(|_| Error::internal("a password cannot be hashed"))
    }

    fn fits(&self, password: &Password, hash: &str) -> Result<bool, Error> {
        let hash = PasswordHash::new(hash).map_err(|_| Error::internal("a password's hash cannot be read"))?;
        Ok(argon2()?.verify_password(password.expose().as_bytes(), &hash).is_ok())
    }
}

/// What makes and checks hashes; cheap to clone.
#[derive(Debug, Clone)]
pub struct Hasher {
    scheme: Arc<dyn Scheme>,
    turns: Arc<Semaphore>,
    longest_wait: Duration,
    /// The hash of a password that nobody has: checked where there is no other, so that the answer takes as long.
    decoy: Arc<OnceLock<String>>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new(Arc::new(Argon2id), LONGEST_WAIT)
    }
}

impl Hasher {
    /// One at which nobody waits longer for a turn.
    #[must_use]
    pub fn new(scheme: Arc<dyn Scheme>, longest_wait: Duration) -> Self {
        Self { scheme, turns: Arc::new(Semaphore::new(AT_ONCE)), longest_wait, decoy: Arc::default() }
    }

    /// The hash of a password, with its parameters and a fresh salt.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait for a turn.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Error> {
        let scheme = Arc::clone(&self.scheme);
        self.take_turn(move || scheme.hash(&password)).await?
    }

    /// Whether a password is the one of a hash; never, but after as long a time, where one of them is missing.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait for a turn.
    pub(crate) async fn is_right(&self, password: Option<Password>, kept: Option<String>) -> Result<bool, Error> {
        let (decoy, scheme) = (Arc::clone(&self.decoy), Arc::clone(&self.scheme));
        self.take_turn(move || {
            // Made at the first try of all, whoever it is for, so that the first unknown name takes no longer than a known one.
            let decoy = if let Some(decoy) = decoy.get() {
                decoy
            } else {
                let made = scheme.hash(&Password::typed(&hex::encode(random::<32>())).ok_or_else(too_long)?)?;
                decoy.get_or_init(|| made)
            };
            let (password, is_possible) = match password {
                Some(password) => (password, kept.is_some()),
                None => (Password::typed("").ok_or_else(too_long)?, false),
            };
            Ok(scheme.fits(&password, kept.as_ref().unwrap_or(decoy))? && is_possible)
        })
        .await?
    }

    /// # Cancel safety
    /// A hash that was begun is made to its end, and its turn is over only then.
    async fn take_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
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

fn too_long() -> Error {
    Error::internal("a short text is no password")
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| Error::internal("the parameters of argon2id are refused"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Counts what it does.
    #[derive(Debug, Default)]
    struct Counted(AtomicU64);

    impl Scheme for Counted {
        fn hash(&self, password: &Password) -> Result<String, Error> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Argon2id.hash(password)
        }

        fn fits(&self, password: &Password, hash: &str) -> Result<bool, Error> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Argon2id.fits(password, hash)
        }
    }

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
            let counted = Arc::new(Counted::default());
            let hasher = Hasher::new(counted.clone(), LONGEST_WAIT);
            // The first of all makes the decoy, whoever it is; from then on each is one comparison.
            for hashes in [2, 3] {
                assert!(!hasher.is_right(typed.clone(), kept.clone()).await.unwrap());
                assert_eq!(counted.0.load(Ordering::Relaxed), hashes, "{} {}", typed.is_some(), kept.is_some());
            }
        }
    }

    #[tokio::test]
    async fn whoever_would_wait_too_long_is_told_to_come_back() {
        let hasher = Hasher::new(Arc::new(Argon2id), Duration::ZERO);
        let turns = hasher.turns.acquire_many(u32::try_from(AT_ONCE).unwrap()).await.unwrap();
        let refused = hasher.hash(password("kelp-otter 9")).await;
        assert!(matches!(refused, Err(Error::Overloaded { .. })), "{refused:?}");
        drop(turns);
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
