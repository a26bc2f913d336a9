//! Opening the database, and the handle that everybody clones.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sqlx::any::{Any, AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, ConnectOptions, Connection, Pool, Transaction};
use tokio::sync::{Notify, Semaphore, watch};

use crate::store::error::StoreError;
use crate::store::key::AuditKey;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};
use crate::store::{customer, document, migration, ticket, workspace};

const TRIED: &str = "open the database";
const FILE: &str = "backchannel.db";
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const OPEN_ATTEMPTS: u32 = 40;
const OPEN_PAUSE: Duration = Duration::from_millis(50);

/// What every `SQLite` connection is told: wait for others, log ahead, and have commits on the disk before they are acknowledged.
const SQLITE_SETUP: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";

/// What every `PostgreSQL` connection is told: a commit is on the disk before it is acknowledged, whatever the server's default.
const POSTGRES_SETUP: &str = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Where the rows are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// `postgres://user:password@host/database`; without one, `backchannel.db` in the data directory (`SQLite`).
    pub url: Option<SecretString>,
    /// Connections held at most; default 8.
    pub max_connections: u32,
    /// The key that seals the audit trail, 32 characters or more; without one, `audit.key` in the data directory, made at the first start.
    pub audit_key: Option<SecretString>,
}

impl Default for Options {
    fn default() -> Self {
        Self { url: None, max_connections: 8, audit_key: None }
    }
}

/// Which database answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file of this machine; one process writes at a time.
    Sqlite,
    /// A server, shared by any number of processes.
    Postgres,
}

impl Backend {
    /// The backend's name in migrations and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What a look at a database finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// There is none yet.
    Absent,
    /// It answers, and opening it would make or change something: its layout, or the key of the audit trail.
    Unready,
    /// It answers, and opening it changes nothing.
    Ready,
}

/// The database; cloning shares the connections.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Any>,
    connect: AnyConnectOptions,
    shared: Arc<Shared>,
}

/// What all handles on one database share, whatever connections they hold.
pub(super) struct Shared {
    backend: Backend,
    /// Lets one transaction at a time into `SQLite`: waiting here is fair, waiting for its lock is not.
    writer: Option<Arc<Semaphore>>,
    pub(super) audit_key: AuditKey,
    pub(super) jobs: Arc<Notify>,
    pub(super) deliveries: Arc<Notify>,
    pub(super) events: watch::Sender<u64>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the options: they hold the database's password.
        f.debug_struct("Store").field("backend", &self.shared.backend).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, makes it when it is not there, and brings its layout up to date.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached; [`StoreError::Layout`] when a later version has changed it;
    /// [`StoreError::ForeignAuditKey`] when its audit trail was sealed with another key.
    pub async fn open(options: &Options, data_dir: &Path) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let (backend, connect) = connect_options(options, data_dir)?;
        let audit_key = AuditKey::obtain(options.audit_key.as_ref(), data_dir)?;
        let shared = Arc::new(Shared {
            backend,
            writer: (backend == Backend::Sqlite).then(|| Arc::new(Semaphore::new(1))),
            audit_key,
            jobs: Arc::new(Notify::new()),
            deliveries: Arc::new(Notify::new()),
            events: watch::Sender::new(0),
        });
        let pool = connect_patiently(backend, options.max_connections, &connect).await?;
        let store = Self { pool, connect, shared };
        store.migrate().await?;
        store.check_audit_key().await?;
        Ok(store)
    }

    /// Looks whether a database is there and answers; makes and changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached; [`StoreError::Layout`] when a later version has changed it.
    pub async fn look(options: &Options, data_dir: &Path) -> Result<Look, StoreError> {
        sqlx::any::install_default_drivers();
        let (backend, connect) = connect_options(options, data_dir)?;
        if backend == Backend::Sqlite && !data_dir.join(FILE).exists() {
            return Ok(Look::Absent);
        }
        let pool = connect_patiently(backend, 1, &connect).await?;
        let is_done = migration::is_done(&pool).await;
        pool.close().await;
        let is_ready = is_done? && AuditKey::is_there(options.audit_key.as_ref(), data_dir);
        Ok(if is_ready { Look::Ready } else { Look::Unready })
    }

    /// A handle with connections of its own, for another runtime: connections belong to the runtime that opened them.
    pub async fn with_own_connections(&self, max_connections: u32) -> Result<Self, StoreError> {
        let pool = connect_patiently(self.shared.backend, max_connections, &self.connect).await?;
        Ok(Self { pool, connect: self.connect.clone(), shared: Arc::clone(&self.shared) })
    }

    /// Starts a transaction; on `SQLite` waits until no other of this process is under way.
    ///
    /// # Cancel safety
    /// Dropping the future, or the [`Tx`], leaves nothing behind.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let permit = match &self.shared.writer {
            Some(writer) => Some(Arc::clone(writer).acquire_owned().await.expect("the writer's semaphore is never closed: this is a bug")),
            None => None,
        };
        Ok(Tx::new(self.begin_raw().await?, Arc::clone(&self.shared), permit))
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let ping = sqlx::query("SELECT 1").fetch_one(&self.pool).await;
        ping.map(|_| ()).map_err(|error| StoreError::from_driver("ask for a sign of life", error))
    }

    /// Closes this handle's connections once they are idle.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// What one `SQLite` connection is set to, for `doctor`; empty on `PostgreSQL`.
    pub async fn connection_settings(&self) -> Result<Vec<(&'static str, String)>, StoreError> {
        if self.shared.backend == Backend::Postgres {
            return Ok(Vec::new());
        }
        let sql = Sql::new(
            "SELECT CAST(s.synchronous AS TEXT) AS synchronous, CAST(f.foreign_keys AS TEXT) AS foreign_keys, j.journal_mode AS journal_mode
             FROM pragma_synchronous s, pragma_foreign_keys f, pragma_journal_mode j",
        );
        let row = Source::from(self).optional("ask for the connection's settings", sql).await?;
        let Some(row) = row else { return Ok(Vec::new()) };
        let row = Row::new("settings", &row);
        ["synchronous", "foreign_keys", "journal_mode"].into_iter().map(|name| Ok((name, row.text(name)?))).collect()
    }

    /// Which database answers.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.shared.backend
    }

    /// Told after each commit of this process that enqueued a job; one waiting worker wakes, and wakes the next when it found one.
    #[must_use]
    pub fn job_arrivals(&self) -> Arc<Notify> {
        Arc::clone(&self.shared.jobs)
    }

    /// Told after each commit of this process that left a message to a webhook to be sent at once; one waiting courier wakes.
    #[must_use]
    pub fn delivery_arrivals(&self) -> Arc<Notify> {
        Arc::clone(&self.shared.deliveries)
    }

    /// Changes after each commit of this process that appended events; events of other processes must be polled for.
    #[must_use]
    pub fn event_arrivals(&self) -> watch::Receiver<u64> {
        self.shared.events.subscribe()
    }

    pub(super) const fn pool(&self) -> &Pool<Any> {
        &self.pool
    }

    pub(super) fn audit_key(&self) -> &AuditKey {
        &self.shared.audit_key
    }

    async fn begin_raw(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let begun = match self.shared.backend {
            Backend::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await,
            Backend::Postgres => self.pool.begin().await,
        };
        begun.map_err(|error| StoreError::from_driver("start a transaction", error))
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let mut raw = self.begin_raw().await?;
        let found = migration::run(&mut raw, self.shared.backend).await?;
        let mut tx = Tx::new(raw, Arc::clone(&self.shared), None);
        // After the last step, because rows are read with the columns of this version.
        if found < migration::FOLDS {
            for workspace in workspace::list(&mut tx).await? {
                customer::fold_all(&mut tx, workspace.id).await?;
                ticket::fold_all(&mut tx, workspace.id).await?;
                document::fold_all(&mut tx, workspace.id).await?;
            }
        }
        tx.commit().await
    }

    /// Refuses a key that would break the chain instead of finding that out at the next verification.
    async fn check_audit_key(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let note = Sql::new("INSERT INTO settings (name, value) VALUES ('audit_key_check', $1) ON CONFLICT (name) DO NOTHING");
        tx.execute(TRIED, note.text(self.audit_key().code(&["audit key"]))).await?;
        let kept = tx.optional(TRIED, Sql::new("SELECT value FROM settings WHERE name = 'audit_key_check'")).await?;
        tx.commit().await?;
        let kept = kept.as_ref().map(|row| Row::new("settings", row).text("value")).transpose()?;
        if kept.is_some_and(|kept| self.audit_key().is_code(&["audit key"], &kept)) { Ok(()) } else { Err(StoreError::ForeignAuditKey) }
    }
}

fn connect_options(options: &Options, data_dir: &Path) -> Result<(Backend, AnyConnectOptions), StoreError> {
    let (backend, url) = match &options.url {
        Some(url) if url.expose_secret().starts_with("postgres://") || url.expose_secret().starts_with("postgresql://") => {
            (Backend::Postgres, url.clone())
        }
        Some(_) => {
            return Err(StoreError::Options {
                option: "database.url",
                reason: "it must start with `postgres://`; leave it out to keep the rows in the data directory".to_owned(),
            });
        }
        None => (Backend::Sqlite, sqlite_url(data_dir)?.into()),
    };
    let parsed: Result<AnyConnectOptions, sqlx::Error> = url.expose_secret().parse();
    match parsed {
        // Statements are not logged: their values are customers' words.
        Ok(connect) => Ok((backend, connect.disable_statement_logging())),
        Err(_) => Err(StoreError::Options {
            option: "database.url",
            reason: "it is not a URL such as `postgres://user:password@host/database`".to_owned(),
        }),
    }
}

/// The file's URL; bytes that mean something in a URL are written as `%XX`.
fn sqlite_url(data_dir: &Path) -> Result<String, StoreError> {
    let unusable = |reason: &str| StoreError::Options { option: "data.dir", reason: reason.to_owned() };
    let path = std::path::absolute(data_dir.join(FILE)).map_err(|_| unusable("it is not a path"))?;
    let path = path.to_str().ok_or_else(|| unusable("it is not UTF-8"))?;
    let mut url = String::from("sqlite://");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]);
        }
    }
    Ok(url + "?mode=rwc")
}

fn hex_digit(half: u8) -> char {
    char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase()
}

/// Opens the pool; when several processes make the same `SQLite` file at once, its lock is waited for.
async fn connect_patiently(backend: Backend, max_connections: u32, connect: &AnyConnectOptions) -> Result<Pool<Any>, StoreError> {
    let mut attempt = 0;
    loop {
        let opened = async {
            // A pool tries again whatever was wrong and tells nothing of it: one connection alone tells at once.
            if backend == Backend::Sqlite {
                let mut first = AnyConnection::connect_with(connect).await?;
                sqlx::raw_sql(SQLITE_SETUP).execute(&mut first).await?;
                first.close().await?;
            }
            pool_options(backend, max_connections).connect_with(connect.clone()).await
        };
        let opened = opened.await;
        match opened.map_err(|error| StoreError::from_driver(TRIED, error)) {
            Err(error) if error.is_contended() && attempt < OPEN_ATTEMPTS => {
                attempt += 1;
                tokio::time::sleep(OPEN_PAUSE).await;
            }
            done => return done,
        }
    }
}

fn pool_options(backend: Backend, max_connections: u32) -> AnyPoolOptions {
    let setup = match backend {
        Backend::Sqlite => SQLITE_SETUP,
        Backend::Postgres => POSTGRES_SETUP,
    };
    AnyPoolOptions::new()
        .max_connections(max_connections.max(1))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(backend == Backend::Postgres)
        .after_connect(move |connection, _| Box::pin(async move { sqlx::raw_sql(setup).execute(connection).await.map(|_| ()) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_any_name_becomes_a_url() {
        assert_eq!(sqlite_url(Path::new("/a b/50%?#é")).unwrap(), "sqlite:///a%20b/50%25%3F%23%C3%A9/backchannel.db?mode=rwc");
    }

    #[test]
    fn another_database_is_refused_without_showing_the_url() {
        let options = Options { url: Some("mysql://root:secret@host/db".into()), ..Options::default() };
        let error = connect_options(&options, Path::new("/tmp")).map(|_| ()).unwrap_err();
        assert!(!format!("{error:?}{error}").contains("secret"));
    }
}
