//! Idempotency keys: the answer to a request is kept in the transaction of its effect, and given again when the request comes again.

use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::Tx;

const TABLE: &str = "idempotency";
const TRIED: &str = "claim an idempotency key";

/// A request that names a key.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who asks, such as `token:<id>`: keys of different actors never meet.
    pub actor: &'a str,
    /// The key.
    pub key: &'a str,
    /// The sha256 of what was asked (method, path and body), in hexadecimal.
    pub request_hash: &'a str,
}

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// Its status code.
    pub status: u16,
    /// Its body.
    pub body: String,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: do the work in this transaction, then [`finish`], then commit.
    Fresh,
    /// The same request was answered: give the same answer again and do nothing.
    Replay(StoredResponse),
    /// Another request used the key.
    Mismatch,
}

/// Claims a key. A second request with the same key waits here until the first has committed or rolled back.
pub async fn claim(tx: &mut Tx, request: &Request<'_>, now: Timestamp) -> Result<Claim, StoreError> {
    let Request { workspace, actor, key, request_hash } = *request;
    let sql = Sql::of(
        workspace,
        "INSERT INTO idempotency (workspace, actor, idempotency_key, request_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (workspace, actor, idempotency_key) DO NOTHING",
    );
    if tx.execute(TRIED, sql.text(actor).text(key).text(request_hash).time(now)).await? == 1 {
        return Ok(Claim::Fresh);
    }
    let sql = Sql::of(
        workspace,
        "SELECT request_hash, status, body FROM idempotency WHERE workspace = $1 AND actor = $2 AND idempotency_key = $3",
    );
    let row = tx.optional(TRIED, sql.text(actor).text(key)).await?.ok_or(StoreError::Contended { tried: TRIED, source: None })?;
    let row = Row::new(TABLE, &row);
    if row.text("request_hash")? != request_hash {
        return Ok(Claim::Mismatch);
    }
    let status = row.maybe_int("status")?.and_then(|status| u16::try_from(status).ok());
    match (status, row.maybe_text("body")?) {
        (Some(status), Some(body)) => Ok(Claim::Replay(StoredResponse { status, body })),
        // A transaction that claims and commits without an answer is a fault of ours: never do the work a second time for it.
        _ => Err(row.corrupt("status")),
    }
}

/// Keeps the answer, in the transaction that claimed the key.
pub async fn finish(tx: &mut Tx, request: &Request<'_>, response: &StoredResponse) -> Result<(), StoreError> {
    const TRIED: &str = "keep the answer to a request";
    let Request { workspace, actor, key, request_hash } = *request;
    let sql = Sql::of(
        workspace,
        "UPDATE idempotency SET status = $5, body = $6
         WHERE workspace = $1 AND actor = $2 AND idempotency_key = $3 AND request_hash = $4 AND status IS NULL",
    );
    let sql = sql.text(actor).text(key).text(request_hash).int(i64::from(response.status)).text(&response.body);
    if tx.execute(TRIED, sql).await? == 1 { Ok(()) } else { Err(StoreError::Missing { tried: TRIED }) }
}

/// Forgets the keys that were claimed before a moment; answers how many there were.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute("forget old idempotency keys", Sql::new("DELETE FROM idempotency WHERE created_at < $1").time(before)).await
}
