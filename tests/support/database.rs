//! A fresh database for each test: `SQLite` always, `PostgreSQL` when `BACKCHANNEL_TEST_POSTGRES_URL` names a server.

use std::path::Path;
use std::sync::Once;

use backchannel::store::{Backend, Options, Store, Tx};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;

const POSTGRES_URL: &str = "BACKCHANNEL_TEST_POSTGRES_URL";

/// A database that exists for one test.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) options: Options,
    folder: TempDir,
    url: String,
}

impl Database {
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the same database once more, as another process would.
    pub(crate) async fn open_again(&self) -> Store {
        Store::open(&self.options, self.folder()).await.unwrap()
    }

    pub(crate) async fn begin(&self) -> Tx {
        self.store.begin().await.unwrap()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.store.backend() == Backend::Postgres
    }

    /// Runs SQL behind the store's back, as somebody who owns the database can.
    pub(crate) async fn tamper(&self, sql: &str) {
        self.try_tamper(sql).await.unwrap();
    }

    /// The same, where the database may refuse.
    pub(crate) async fn try_tamper(&self, sql: &str) -> Result<(), sqlx::Error> {
        let mut connection = AnyConnection::connect(&self.url).await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await;
        connection.close().await.unwrap();
        done.map(|_| ())
    }

    /// Waits until somebody waits for a lock of `PostgreSQL`; on `SQLite` whoever writes waits for the writer in any case.
    pub(crate) async fn somebody_waits(&self) {
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while self.is_postgres() && self.number(waiting).await == 0 {
            tokio::task::yield_now().await;
        }
    }

    /// Asks for one number behind the store's back.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let mut connection = AnyConnection::connect(&self.url).await.unwrap();
        let number: i64 = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        number
    }
}

/// Runs a test on every database there is.
pub(crate) async fn each(test: impl AsyncFn(&Database)) {
    let database = sqlite().await;
    test(&database).await;
    database.store.close().await;
    let Ok(server) = std::env::var(POSTGRES_URL) else {
        static ONCE: Once = Once::new();
        ONCE.call_once(say_what_is_left_out);
        return;
    };
    let (name, database) = postgres(&server).await;
    test(&database).await;
    database.store.close().await;
    let mut connection = AnyConnection::connect(&server).await.unwrap();
    connection.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.unwrap();
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
fn say_what_is_left_out() {
    eprintln!("LEFT OUT: nothing is tested on PostgreSQL; set {POSTGRES_URL} (tests/support/postgres.sh starts one)");
}

async fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::default();
    let store = Store::open(&options, folder.path()).await.unwrap();
    let url = format!("sqlite://{}/backchannel.db", folder.path().display());
    Database { store, options, folder, url }
}

async fn postgres(server: &str) -> (String, Database) {
    sqlx::any::install_default_drivers();
    let name = format!("test_{:032x}", rand::random::<u128>());
    let mut connection = AnyConnection::connect(server).await.unwrap();
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    connection.close().await.unwrap();
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let options = Options { url: Some(url.as_str().into()), max_connections: 24, ..Options::default() };
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options, folder.path()).await.unwrap();
    (name, Database { store, options, folder, url })
}
