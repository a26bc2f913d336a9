//! One lazily opened thing a workspace, with the locks that keep its users apart.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};

use crate::domain::id::WorkspaceId;

/// The slots of all workspaces seen since the start.
#[derive(Debug)]
pub(super) struct Slots<T>(Mutex<HashMap<WorkspaceId, Arc<Slot<T>>>>);

/// The place of one workspace. `upkeep` is always taken before `open`, and `writing` after it.
#[derive(Debug)]
pub(super) struct Slot<T> {
    /// Held by an optimisation from beginning to end, and by whoever opens or closes the value: an optimisation goes on using it without
    /// holding `open`, so that searches need not wait.
    pub(super) upkeep: Mutex<()>,
    /// Read by whoever uses the value, written by whoever opens or closes it.
    pub(super) open: RwLock<Option<T>>,
    /// Held by one writer at a time.
    pub(super) writing: Mutex<()>,
    /// Whether something was written that has not been flushed.
    pub(super) unflushed: AtomicBool,
    /// Whether something was written that can no longer be flushed.
    pub(super) lost: AtomicBool,
}

impl<T> Slots<T> {
    /// No slots yet.
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// The slot of a workspace, made when it is first asked for.
    pub(super) fn of(&self, workspace: WorkspaceId) -> Arc<Slot<T>> {
        let fresh = || {
            Arc::new(Slot {
                upkeep: Mutex::new(()),
                open: RwLock::new(None),
                writing: Mutex::new(()),
                unflushed: AtomicBool::new(false),
                lost: AtomicBool::new(false),
            })
        };
        Arc::clone(lock(&self.0).entry(workspace).or_insert_with(fresh))
    }
}

// A lock whose holder panicked is taken all the same: what these locks guard is either whole or closed.

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

pub(super) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
