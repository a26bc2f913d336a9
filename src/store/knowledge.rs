//! The revision of what a workspace knows: its documents and its playbook.
//!
//! It is random and set in every transaction that changes either. Whoever makes something of that knowledge reads the revision first and
//! keeps it beside the thing; another revision later means that the thing is behind.

use std::collections::BTreeSet;

use crate::domain::id::WorkspaceId;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

/// The revision of what a workspace knows; empty before it knew anything.
pub async fn revision(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<String, StoreError> {
    let sql = Sql::of(workspace, "SELECT revision FROM knowledge_state WHERE workspace = $1");
    let row = source.into().optional("read the knowledge's revision", sql).await?;
    row.as_ref().map_or(Ok(String::new()), |row| Row::new("knowledge_state", row).text("revision"))
}

/// Notes that a workspace knows something else once the transaction is committed.
pub(super) fn changed(tx: &mut Tx, workspace: WorkspaceId) {
    tx.late().knowledge.insert(workspace);
}

/// Writes the revisions of the workspaces that know something else; part of the commit.
pub(super) async fn write(tx: &mut Tx, workspaces: BTreeSet<WorkspaceId>) -> Result<(), StoreError> {
    let revision = format!("{:016x}", tx.revision());
    for workspace in workspaces {
        let sql = Sql::of(
            workspace,
            "INSERT INTO knowledge_state (workspace, revision) VALUES ($1, $2)
             ON CONFLICT (workspace) DO UPDATE SET revision = excluded.revision",
        );
        tx.execute("set the knowledge's revision", sql.text(&revision)).await?;
    }
    Ok(())
}
