//! Brings the database's layout up to this version: forward only, all in one transaction, one process at a time.

use sqlx::any::{Any, AnyRow};
use sqlx::{AssertSqlSafe, Pool, Transaction};

use crate::store::error::StoreError;
use crate::store::key::digest;
use crate::store::pool::Backend;
use crate::store::row::Row;
use crate::store::sql::Sql;

const TRIED: &str = "bring the layout up to date";
const APPLIED: &str = "SELECT version, sum FROM schema_migrations ORDER BY version";

/// Any number: who holds it in `PostgreSQL` migrates, the others wait.
const ADVISORY_LOCK: &str = "SELECT pg_advisory_xact_lock(7311420260921)";

struct Migration {
    version: i64,
    sql: &'static str,
}

macro_rules! migrations {
    ($($version:literal $file:literal,)*) => {
        const MIGRATIONS: &[Migration] = &[$(Migration { version: $version, sql: include_str!(concat!("../../migrations/", $file)) },)*];
        #[cfg(test)]
        const FILES: &[&str] = &[$($file,)*];
    };
}

migrations! {
    1 "0001_create_workspaces.sql",
    2 "0002_create_desk.sql",
    3 "0003_create_threads.sql",
    4 "0004_create_documents.sql",
    5 "0005_create_panels.sql",
    6 "0006_create_jobs.sql",
    7 "0007_create_trail.sql",
    8 "0008_guard_audit.sql",
    9 "0009_keep_locations.sql",
    10 "0010_create_setup_links.sql",
    11 "0011_create_index_leases.sql",
    12 "0012_mark_early_panels.sql",
    13 "0013_count_setbacks.sql",
    14 "0014_track_knowledge.sql",
    15 "0015_add_passwords.sql",
    16 "0016_add_availability.sql",
    17 "0017_create_attachments.sql",
    18 "0018_create_excerpts.sql",
    19 "0019_fold_searched_text.sql",
    20 "0020_follow_knowledge.sql",
    21 "0021_keep_views.sql",
    22 "0022_set_suggestions_aside.sql",
    23 "0023_fold_accents.sql",
    24 "0024_find_unsolved.sql",
    25 "0025_filter_by_intent.sql",
    26 "0026_keep_webhooks.sql",
    27 "0027_keep_heads.sql",
    28 "0028_create_incidents.sql",
    29 "0029_keep_said_duplicates.sql",
    30 "0030_send_messages.sql",
    31 "0031_keep_asks.sql",
    32 "0032_hold_chats.sql",
    33 "0033_keep_chat_events.sql",
    35 "0035_tell_tries_apart.sql",
}

/// The first layout whose rows are folded as they are today when they are written: whoever comes from an earlier one has some that are not.
pub(super) const FOLDS: usize = 23;

/// Runs what has not been run, inside a transaction that the caller commits; gives the layout that was found.
pub(super) async fn run(tx: &mut Transaction<'_, Any>, backend: Backend) -> Result<usize, StoreError> {
    if backend == Backend::Postgres {
        raw(tx, ADVISORY_LOCK.to_owned()).await?;
    }
    raw(tx, "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, sum TEXT NOT NULL)".to_owned()).await?;
    let applied = applied(tx).await?;
    check(&applied)?;
    let done = applied.len();
    for migration in MIGRATIONS.iter().skip(done) {
        raw(tx, for_backend(migration.sql, backend)).await?;
        let note =
            Sql::new("INSERT INTO schema_migrations (version, sum) VALUES ($1, $2)").int(migration.version).text(digest(migration.sql));
        note.build().execute(&mut **tx).await.map_err(|error| StoreError::from_driver(TRIED, error))?;
        tracing::info!(store.migration = migration.version, "brought the layout one step up");
    }
    Ok(done)
}

/// Whether nothing is left to run; changes nothing.
pub(super) async fn is_done(pool: &Pool<Any>) -> Result<bool, StoreError> {
    // A database that answers and does not have the table is a new one.
    let Ok(rows) = Sql::new(APPLIED).build().fetch_all(pool).await else { return Ok(false) };
    let applied = from_rows(&rows)?;
    check(&applied)?;
    Ok(applied.len() == MIGRATIONS.len())
}

async fn raw(tx: &mut Transaction<'_, Any>, sql: String) -> Result<(), StoreError> {
    // The text is compiled into this binary: no value is in it.
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map_err(|error| StoreError::from_driver(TRIED, error))?;
    Ok(())
}

async fn applied(tx: &mut Transaction<'_, Any>) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = Sql::new(APPLIED).build().fetch_all(&mut **tx).await.map_err(|error| StoreError::from_driver(TRIED, error))?;
    from_rows(&rows)
}

fn from_rows(rows: &[AnyRow]) -> Result<Vec<(i64, String)>, StoreError> {
    rows.iter()
        .map(|row| {
            let row = Row::new("schema_migrations", row);
            Ok((row.int("version")?, row.text("sum")?))
        })
        .collect()
}

/// Refuses a layout that this version does not know.
fn check(applied: &[(i64, String)]) -> Result<(), StoreError> {
    for (position, (version, sum)) in applied.iter().enumerate() {
        let reason = match MIGRATIONS.get(position) {
            None => format!("its layout {version} is newer; run the version that wrote it, or a later one"),
            Some(known) if known.version != *version => {
                format!("layout step {} is missing before {version}; restore a backup", known.version)
            }
            Some(known) if digest(known.sql) != *sum => format!("layout step {version} is not the one that was run; restore a backup"),
            Some(_) => continue,
        };
        return Err(StoreError::Layout { reason });
    }
    Ok(())
}

/// Leaves out what stands between `-- only: <other backend>` and `-- end`.
fn for_backend(sql: &str, backend: Backend) -> String {
    let mut kept = true;
    let mut text = String::with_capacity(sql.len());
    for line in sql.lines() {
        if let Some(only) = line.strip_prefix("-- only: ") {
            kept = only.trim() == backend.as_str();
        } else if line.trim() == "-- end" {
            kept = true;
        } else if kept {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_run_in_order() {
        let mut names: Vec<String> = fs_err::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, FILES);
        for (migration, file) in MIGRATIONS.iter().zip(FILES) {
            assert!(file.starts_with(&format!("{:04}_", migration.version)), "{file}");
        }
    }

    #[test]
    fn a_section_for_the_other_database_is_left_out() {
        let sql = "a\n-- only: sqlite\nb\n-- end\n-- only: postgres\nc\n-- end\nd\n";
        assert_eq!(for_backend(sql, Backend::Sqlite), "a\nb\nd\n");
        assert_eq!(for_backend(sql, Backend::Postgres), "a\nc\nd\n");
    }

    #[test]
    fn a_newer_or_altered_layout_is_refused() {
        let own: Vec<(i64, String)> = MIGRATIONS.iter().map(|known| (known.version, digest(known.sql))).collect();
        assert!(check(&own).is_ok());
        let mut newer = own.clone();
        newer.push((999, String::new()));
        assert!(check(&newer).is_err());
        let mut altered = own;
        altered[0].1 = String::new();
        assert!(check(&altered).is_err());
    }
}
