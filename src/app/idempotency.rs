//! Requests that are sent again: one effect, one answer.

use std::time::Duration;

use crate::app::App;
use crate::app::error::{Error, Fault};
use crate::domain::time::Timestamp;
use crate::domain::user::Actor;
use crate::store;
use crate::store::idempotency::{Claim, Request};

pub use crate::store::idempotency::StoredResponse;

/// A claim that is so old and has no answer is taken for one whose process died.
const ABANDONED_SECONDS: i64 = 600;
/// So often an answer is tried to be kept while the database does not answer, with a pause between.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(300);

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
    /// Nothing: it is this caller's to do, and to end with [`App::keep_answer`], [`App::give_up_claim`] or
    /// [`App::leave_open`].
    Fresh(Claimed),
    /// It is being done by an earlier call.
    Running,
    /// It broke, or the process that did it died: whether it took effect is not known.
    Unknown,
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
        let claim = store::idempotency::claim(&mut tx, &row(&request), now).await?;
        tx.commit().await?;
        Ok(match claim {
            Claim::Fresh => Known::Fresh(Claimed { request, at: now }),
            Claim::Running(since) if now.seconds_since(since) < ABANDONED_SECONDS => Known::Running,
            Claim::Running(_) | Claim::Broken => Known::Unknown,
            Claim::Replay(response) => Known::Answered(response),
            Claim::Mismatch => Known::Mismatch,
        })
    }

    /// Keeps the answer to a request that was done; tries again for a while when the database does not answer.
    ///
    /// # Errors
    /// Whatever the store says at the last try.
    pub async fn keep_answer(&self, claimed: &Claimed, response: &StoredResponse) -> Result<(), Error> {
        self.end(claimed, Some(response)).await
    }

    async fn try_to_end(&self, claimed: &Claimed, answer: Option<&StoredResponse>) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        match answer {
            Some(answer) => store::idempotency::finish(&mut tx, &row(&claimed.request), claimed.at, answer).await?,
            None => store::idempotency::leave_open(&mut tx, &row(&claimed.request), claimed.at).await?,
        }
        Ok(tx.commit().await?)
    }

    /// Notes that a request broke, and that nobody knows whether it took effect; tries again for a while like [`App::keep_answer`].
    ///
    /// # Errors
    /// Whatever the store says at the last try; the claim is then taken for abandoned after a while, which means the same.
    pub async fn leave_open(&self, claimed: &Claimed) -> Result<(), Error> {
        self.end(claimed, None).await
    }

    async fn end(&self, claimed: &Claimed, answer: Option<&StoredResponse>) -> Result<(), Error> {
        let mut left = TRIES;
        loop {
            left -= 1;
            match self.try_to_end(claimed, answer).await {
                Err(error) if error.fault() == Fault::Outside && left > 0 => tokio::time::sleep(PAUSE).await,
                ended => return ended,
            }
        }
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
