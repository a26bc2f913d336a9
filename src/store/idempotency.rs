//! Idempotency keys: a request claims its key before it is done, and its answer is given again when the same request comes again.

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
    /// Where the thing is that it made, as its header `Location` said.
    pub location: Option<String>,
    /// Its body.
    pub body: String,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: commit, do the work, then [`finish`], [`release`] or [`leave_open`].
    Fresh,
    /// The same request was claimed at this moment and not answered yet.
    Running(Timestamp),
    /// The same request broke: nobody knows whether it took effect.
    Broken,
    /// The same request was answered: give the same answer again and do nothing.
    Replay(StoredResponse),
    /// Another request used the key.
    Mismatch,
}

/// Claims a key; `now` names the claim: only who gives it again may end it.
///
/// A claim whose holder died stays: whether its request took effect is known to nobody, and doing it again could do it twice.
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
        "SELECT request_hash, status, location, body, created_at FROM idempotency WHERE workspace = $1 AND actor = $2 AND idempotency_key = $3",
    );
    let row = tx.optional(TRIED, sql.text(actor).text(key)).await?.ok_or(StoreError::Contended { tried: TRIED, source: None })?;
    let row = Row::new(TABLE, &row);
    if row.text("request_hash")? != request_hash {
        return Ok(Claim::Mismatch);
    }
    let Some(status) = row.maybe_int("status")? else { return Ok(Claim::Running(row.time("created_at")?)) };
    let status = u16::try_from(status).map_err(|_| row.corrupt("status"))?;
    let Some(body) = row.maybe_text("body")? else { return Ok(Claim::Broken) };
    Ok(Claim::Replay(StoredResponse { status, location: row.maybe_text("location")?, body }))
}

/// Keeps the answer of a claimed request.
pub async fn finish(tx: &mut Tx, request: &Request<'_>, claimed: Timestamp, response: &StoredResponse) -> Result<(), StoreError> {
    const TRIED: &str = "keep the answer to a request";
    let Request { workspace, actor, key, request_hash } = *request;
    let sql = Sql::of(
        workspace,
        "UPDATE idempotency SET status = $6, location = $7, body = $8
         WHERE workspace = $1 AND actor = $2 AND idempotency_key = $3 AND request_hash = $4 AND created_at = $5 AND status IS NULL",
    );
    let sql = sql.text(actor).text(key).text(request_hash).time(claimed);
    let sql = sql.int(i64::from(response.status)).maybe_text(response.location.as_deref()).text(&response.body);
    if tx.execute(TRIED, sql).await? == 1 { Ok(()) } else { Err(StoreError::Missing { tried: TRIED }) }
}

/// Keeps that a claimed request broke: a status of 500 without an answer, for none was whole.
pub async fn leave_open(tx: &mut Tx, request: &Request<'_>, claimed: Timestamp) -> Result<(), StoreError> {
    let Request { workspace, actor, key, request_hash } = *request;
    let sql = Sql::of(
        workspace,
        "UPDATE idempotency SET status = 500
         WHERE workspace = $1 AND actor = $2 AND idempotency_key = $3 AND request_hash = $4 AND created_at = $5 AND status IS NULL",
    );
    tx.execute("keep that a request broke", sql.text(actor).text(key).text(request_hash).time(claimed)).await?;
    Ok(())
}

/// Frees a claimed key that has no answer.
pub async fn release(tx: &mut Tx, request: &Request<'_>, claimed: Timestamp) -> Result<(), StoreError> {
    let Request { workspace, actor, key, request_hash } = *request;
    let sql = Sql::of(
        workspace,
        "DELETE FROM idempotency
         WHERE workspace = $1 AND actor = $2 AND idempotency_key = $3 AND request_hash = $4 AND created_at = $5 AND status IS NULL",
    );
    tx.execute("free an idempotency key", sql.text(actor).text(key).text(request_hash).time(claimed)).await?;
    Ok(())
}

/// Forgets the keys that were claimed before a moment; answers how many there were.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute("forget old idempotency keys", Sql::new("DELETE FROM idempotency WHERE created_at < $1").time(before)).await
}
