//! Sign-in links and sessions: both are known by the hash of a secret that only the visitor holds.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::LinkPurpose;
use crate::store::error::StoreError;
use crate::store::key::digest;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

/// A link that signs somebody in once.
#[derive(Clone, Copy)]
pub struct SignInLink<'a> {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who is signed in by it.
    pub user: UserId,
    /// Why it was made.
    pub purpose: LinkPurpose,
    /// What the link carries; only its hash is kept.
    pub secret: &'a str,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A link as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLink {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who is signed in by it.
    pub user: UserId,
    /// Why it was made.
    pub purpose: LinkPurpose,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was used, or a newer one took its place.
    pub used_at: Option<Timestamp>,
}

/// So long a link that is over can still be told from one that never was, in seconds.
const LINKS_KEPT_SECONDS: i64 = 30 * 24 * 3600;

/// A session to be started.
#[derive(Clone, Copy)]
pub struct NewSession<'a> {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who signed in.
    pub user: UserId,
    /// What the cookie carries; only its hash is kept.
    pub secret: &'a str,
    /// What every form of the session must carry.
    pub csrf: &'a str,
    /// When it started.
    pub created_at: Timestamp,
    /// When it ends unless used before.
    pub idle_until: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

/// A session that goes on.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who signed in.
    pub user: UserId,
    /// What every form of the session must carry.
    pub csrf: String,
    /// When it started.
    pub created_at: Timestamp,
    /// When it ends unless used before.
    pub idle_until: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

/// Keeps a sign-in link.
pub async fn insert_link(tx: &mut Tx, link: &SignInLink<'_>) -> Result<(), StoreError> {
    let SignInLink { workspace, user, purpose, secret, expires_at } = *link;
    let sql = Sql::of(workspace, "INSERT INTO sign_in_links (workspace, user_id, purpose, hash, expires_at) VALUES ($1, $2, $3, $4, $5)");
    tx.execute("keep a sign-in link", sql.id(user).id(purpose).text(digest(secret)).time(expires_at)).await?;
    Ok(())
}

/// The link with this secret, used and expired ones too; asking does not use it up.
pub async fn link(source: impl Into<Source<'_>>, secret: &str) -> Result<Option<KeptLink>, StoreError> {
    let sql = Sql::new(format!("SELECT {LINK} FROM sign_in_links WHERE hash = $1")).text(digest(secret));
    source.into().optional("read a sign-in link", sql).await?.as_ref().map(link_from_row).transpose()
}

/// Uses a sign-in link up; `None` when it is unknown, used or expired.
pub async fn redeem_link(tx: &mut Tx, secret: &str, now: Timestamp) -> Result<Option<KeptLink>, StoreError> {
    let sql =
        Sql::new(format!("UPDATE sign_in_links SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING {LINK}"));
    tx.optional("use a sign-in link", sql.text(digest(secret)).time(now)).await?.as_ref().map(link_from_row).transpose()
}

/// Makes every link of a user useless that was not used yet; answers how many there were.
pub async fn void_links(tx: &mut Tx, workspace: WorkspaceId, user: UserId, now: Timestamp) -> Result<u64, StoreError> {
    let sql = Sql::of(workspace, "UPDATE sign_in_links SET used_at = $3 WHERE workspace = $1 AND user_id = $2 AND used_at IS NULL");
    tx.execute("void a user's sign-in links", sql.id(user).time(now)).await
}

/// Until when a user's newest link for a purpose works, if they have one.
pub async fn open_link(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    user: UserId,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT MAX(expires_at) AS expires_at FROM sign_in_links
         WHERE workspace = $1 AND user_id = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $4",
    );
    let row = source.into().optional("read sign-in links", sql.id(user).id(purpose).time(now)).await?;
    Ok(row.as_ref().map(|row| Row::new("sign_in_links", row).maybe_time("expires_at")).transpose()?.flatten())
}

/// Until when each user's newest link for a purpose works, of those who have one.
pub async fn open_links(
    source: impl Into<Source<'_>>,
    workspace: WorkspaceId,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<BTreeMap<UserId, Timestamp>, StoreError> {
    let sql = Sql::of(
        workspace,
        "SELECT user_id, MAX(expires_at) AS expires_at FROM sign_in_links
         WHERE workspace = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 GROUP BY user_id",
    );
    let rows = source.into().all("read sign-in links", sql.id(purpose).time(now)).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("sign_in_links", row);
            Ok((row.parsed("user_id")?, row.time("expires_at")?))
        })
        .collect()
}

const LINK: &str = "workspace, user_id, purpose, expires_at, used_at";

fn link_from_row(row: &AnyRow) -> Result<KeptLink, StoreError> {
    let row = Row::new("sign_in_links", row);
    Ok(KeptLink {
        workspace: row.parsed("workspace")?,
        user: row.parsed("user_id")?,
        purpose: row.parsed("purpose")?,
        expires_at: row.time("expires_at")?,
        used_at: row.maybe_time("used_at")?,
    })
}

/// Keeps a link that makes the first admin.
pub async fn insert_setup_link(tx: &mut Tx, secret: &str, expires_at: Timestamp) -> Result<(), StoreError> {
    let sql = Sql::new("INSERT INTO setup_links (hash, expires_at) VALUES ($1, $2)").text(digest(secret)).time(expires_at);
    tx.execute("keep a set-up link", sql).await?;
    Ok(())
}

/// Uses up every set-up link if this one is known and not expired; answers whether it was.
///
/// Of several that try at once, one gets the answer yes, because all want to delete the same rows.
pub async fn redeem_setup_link(tx: &mut Tx, secret: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = Sql::new("DELETE FROM setup_links WHERE EXISTS (SELECT 1 FROM setup_links WHERE hash = $1 AND expires_at > $2)");
    Ok(tx.execute("use a set-up link", sql.text(digest(secret)).time(now)).await? > 0)
}

/// Starts a session.
pub async fn start(tx: &mut Tx, session: &NewSession<'_>) -> Result<(), StoreError> {
    let NewSession { workspace, user, secret, csrf, created_at, idle_until, expires_at } = *session;
    let sql = Sql::of(
        workspace,
        "INSERT INTO sessions (workspace, user_id, hash, csrf, created_at, idle_until, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let sql = sql.id(user).text(digest(secret)).text(csrf).time(created_at).time(idle_until).time(expires_at);
    tx.execute("start a session", sql).await?;
    Ok(())
}

/// The session of this secret; `None` when it is unknown or over.
pub async fn get(source: impl Into<Source<'_>>, secret: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
    let sql = Sql::new(
        "SELECT workspace, user_id, csrf, created_at, idle_until, expires_at FROM sessions WHERE hash = $1 AND idle_until > $2 AND expires_at > $2",
    );
    let row = source.into().optional("read a session", sql.text(digest(secret)).time(now)).await?;
    row.as_ref()
        .map(|row| {
            let row = Row::new("sessions", row);
            Ok(Session {
                workspace: row.parsed("workspace")?,
                user: row.parsed("user_id")?,
                csrf: row.text("csrf")?,
                created_at: row.time("created_at")?,
                idle_until: row.time("idle_until")?,
                expires_at: row.time("expires_at")?,
            })
        })
        .transpose()
}

/// Lets a live session go on until `idle_until`; answers whether it was live.
pub async fn touch(tx: &mut Tx, secret: &str, now: Timestamp, idle_until: Timestamp) -> Result<bool, StoreError> {
    let sql = Sql::new("UPDATE sessions SET idle_until = $3 WHERE hash = $1 AND idle_until > $2 AND expires_at > $2");
    Ok(tx.execute("prolong a session", sql.text(digest(secret)).time(now).time(idle_until)).await? == 1)
}

/// Ends a session; answers whether there was one.
pub async fn end(tx: &mut Tx, secret: &str) -> Result<bool, StoreError> {
    let sql = Sql::new("DELETE FROM sessions WHERE hash = $1").text(digest(secret));
    Ok(tx.execute("end a session", sql).await? == 1)
}

/// Ends every session of a user; answers how many there were.
pub async fn end_all(tx: &mut Tx, workspace: WorkspaceId, user: UserId) -> Result<u64, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM sessions WHERE workspace = $1 AND user_id = $2").id(user);
    tx.execute("end a user's sessions", sql).await
}

/// Ends every session of a user but one; answers how many there were.
pub async fn end_others(tx: &mut Tx, workspace: WorkspaceId, user: UserId, secret: &str) -> Result<u64, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM sessions WHERE workspace = $1 AND user_id = $2 AND hash <> $3");
    tx.execute("end a user's other sessions", sql.id(user).text(digest(secret))).await
}

/// Forgets sessions that are over, and links that have been for long; answers how many there were.
pub async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let sql = Sql::new("DELETE FROM sessions WHERE idle_until <= $1 OR expires_at <= $1").time(now);
    let sessions = tx.execute("forget old sessions", sql).await?;
    let sql = Sql::new("DELETE FROM sign_in_links WHERE expires_at <= $1").time(now.plus_seconds(-LINKS_KEPT_SECONDS));
    let links = tx.execute("forget old sign-in links", sql).await?;
    let sql = Sql::new("DELETE FROM setup_links WHERE expires_at <= $1").time(now);
    Ok(sessions + links + tx.execute("forget old set-up links", sql).await?)
}
