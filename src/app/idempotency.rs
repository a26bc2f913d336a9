//! Requests that are sent again: one effect, one answer.

use crate::app::App;
use crate::app::error::Error;
use crate::domain::time::Timestamp;
use crate::domain::user::Actor;
use crate::store;
use crate::store::idempotency::{Claim, Request};

pub use crate::store::idempotency::StoredResponse;

/// A claim without an answer belongs to a process that died once it is so old; a call is given up long before.
const ABANDONED_SECONDS: i64 = 600;

/// A request that names a key; `hash` stands for what it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Who asks: keys of different actors never meet.
    pub actor: Actor,
    /// The key, as the caller chose it.
    pub key: String,
    /// The sha256 of what is asked, in hexadecimal.
    pub hash: String,
}

/// What is known of a keyed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it is this caller's to do, and to end with [`App::keep_answer`] or [`App::give_up_claim`].
    Fresh(Claimed),
    /// It is being done by an earlier call.
    Running,
    /// It was done, and answered so.
    Answered(StoredResponse),
    /// The key stands for another request.
    Mismatch,
}

/// The right to do a keyed request, since a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    request: KeyedRequest,
    at: Timestamp,
}

impl App {
    /// Claims a keyed request, so that no other call does it meanwhile.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn claim(&self, request: KeyedRequest) -> Result<Known, Error> {
        let now = self.now();
        let mut tx = self.store().begin().await?;
        let claim = store::idempotency::claim(&mut tx, &row(&request), now, now.plus_seconds(-ABANDONED_SECONDS)).await?;
        tx.commit().await?;
        Ok(match claim {
            Claim::Fresh => Known::Fresh(Claimed { request, at: now }),
            Claim::Running => Known::Running,
            Claim::Replay(response) => Known::Answered(response),
            Claim::Mismatch => Known::Mismatch,
        })
    }

    /// Keeps the answer to a request that was done.
    ///
    /// # Errors
    /// Whatever the store says; also when the claim was taken for abandoned.
    pub async fn keep_answer(&self, claimed: &Claimed, response: &StoredResponse) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        store::idempotency::finish(&mut tx, &row(&claimed.request), claimed.at, response).await?;
        Ok(tx.commit().await?)
    }

    /// Frees the key of a request that had no effect, so that it can be mended and sent again.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn give_up_claim(&self, claimed: &Claimed) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        store::idempotency::release(&mut tx, &row(&claimed.request), claimed.at).await?;
        Ok(tx.commit().await?)
    }
}

fn row(request: &KeyedRequest) -> Request<'_> {
    Request { workspace: request.actor.workspace, actor: &request.actor.name, key: &request.key, request_hash: &request.hash }
}
