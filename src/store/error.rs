//! What can go wrong, by what the caller can do about it.

use std::path::PathBuf;

use sqlx::error::{DatabaseError, ErrorKind};

use crate::domain::id::{JobId, WorkspaceId};

/// A store operation that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be reached in time.
    #[error("the database did not answer when trying to {tried}: check that it runs and that `database.url` is right")]
    Unavailable {
        /// What was tried.
        tried: &'static str,
        /// What the driver said.
        source: sqlx::Error,
    },
    /// The file of the database is not one, or parts of it cannot be read.
    #[error(
        "the database file `backchannel.db` in the data folder is damaged, or is none: move it aside, together with `backchannel.db-wal` \
         and `backchannel.db-shm`, and put a backup in its place or begin anew"
    )]
    Damaged {
        /// What the driver said.
        source: sqlx::Error,
    },
    /// Another transaction was in the way; the same transaction can be tried again.
    #[error("another transaction was in the way when trying to {tried}: try again")]
    Contended {
        /// What was tried.
        tried: &'static str,
        /// What the driver said, unless the store noticed by itself.
        source: Option<sqlx::Error>,
    },
    /// Something with the same name is already there.
    #[error("already there: `{constraint}` allows it once")]
    Conflict {
        /// The constraint, named `{table}_{columns}_key`.
        constraint: String,
    },
    /// Something that this refers to is not there.
    #[error("cannot {tried}: what it refers to is not in this workspace")]
    Missing {
        /// What was tried.
        tried: &'static str,
    },
    /// A stored value is not what this version writes there.
    #[error(
        "column `{column}` of `{table}` holds a value that this version cannot read: restore a backup or run the version that wrote it"
    )]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The job is no longer this worker's: its lease ended and somebody else may run it.
    #[error("the lease on job `{job}` has ended: its result is not taken")]
    LeaseLost {
        /// The job.
        job: JobId,
    },
    /// The index of the workspace is no longer this holder's: its lease ended and somebody else took it.
    #[error("the lease on the index of workspace `{workspace}` has ended: somebody else writes there now")]
    IndexLeaseLost {
        /// The workspace.
        workspace: WorkspaceId,
    },
    /// The database's layout and this version's migrations do not fit.
    #[error("the database cannot be used by this version: {reason}")]
    Layout {
        /// Why, and what to do.
        reason: String,
    },
    /// The audit trail of this database was sealed with another key.
    #[error(
        "the audit key is not the one that this database was sealed with: copy `audit.key` from the first host's data directory, or set `database.audit_key`"
    )]
    ForeignAuditKey,
    /// The audit key cannot be read or made.
    #[error("the audit key `{path}` cannot be read or made")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The options are not usable.
    #[error("`{option}` is not usable: {reason}")]
    Options {
        /// The option.
        option: &'static str,
        /// Why, and what to write there.
        reason: String,
    },
    /// Anything else that the database refused: a fault of ours, or of its disk.
    #[error("the database refused to {tried}")]
    Refused {
        /// What was tried.
        tried: &'static str,
        /// What the driver said.
        source: sqlx::Error,
    },
}

impl StoreError {
    /// Sorts what the driver said by what the caller can do about it.
    pub(super) fn from_driver(tried: &'static str, source: sqlx::Error) -> Self {
        let Some(database) = source.as_database_error() else {
            return if matches!(
                source,
                sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed
            ) {
                Self::Unavailable { tried, source }
            } else {
                Self::Refused { tried, source }
            };
        };
        if matches!(database.kind(), ErrorKind::UniqueViolation) {
            return Self::Conflict { constraint: constraint_name(database) };
        }
        if matches!(database.kind(), ErrorKind::ForeignKeyViolation) {
            return Self::Missing { tried };
        }
        match database.code().as_deref() {
            // SQLite: busy, busy in recovery, stale snapshot, busy on timeout. PostgreSQL: serialisation, deadlock, lock not available.
            Some("5" | "261" | "517" | "773" | "40001" | "40P01" | "55P03") => Self::Contended { tried, source: Some(source) },
            // SQLite: no room on the disk. PostgreSQL: shutting down, crashed, starting, too many connections, no room on the disk or in
            // memory, read-only since another server took over.
            Some("13" | "57P01" | "57P02" | "57P03" | "53100" | "53200" | "53300" | "25006") => Self::Unavailable { tried, source },
            // SQLite: a malformed file (also of an index, or a sequence), and one that is no database.
            Some("11" | "26" | "267" | "523" | "779") => Self::Damaged { source },
            _ => Self::Refused { tried, source },
        }
    }

    /// Whether the same transaction may succeed when tried again at once.
    #[must_use]
    pub const fn is_contended(&self) -> bool {
        matches!(self, Self::Contended { .. })
    }
}

/// The constraint's name: `PostgreSQL` says it, `SQLite` says `UNIQUE constraint failed: table.column, table.column`.
fn constraint_name(error: &dyn DatabaseError) -> String {
    error.constraint().map_or_else(|| name_from_columns(error.message()), str::to_owned)
}

fn name_from_columns(message: &str) -> String {
    let columns = message.rsplit_once(": ").map_or(message, |(_, columns)| columns);
    let mut name = String::new();
    for (position, column) in columns.split(", ").enumerate() {
        let (table, column) = column.split_once('.').unwrap_or(("", column));
        if position == 0 {
            name.push_str(table);
        }
        name.push('_');
        name.push_str(column);
    }
    name + "_key"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_columns_give_the_name_that_postgresql_says() {
        let check = |message: &str, expected: &str| assert_eq!(name_from_columns(message), expected);
        check("UNIQUE constraint failed: workspaces.slug", "workspaces_slug_key");
        check("UNIQUE constraint failed: customers.workspace, customers.external_id", "customers_workspace_external_id_key");
    }
}
