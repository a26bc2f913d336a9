//! Filling in what searches look at, in rows that were there before its columns.

use sqlx::any::AnyRow;

use crate::domain::id::WorkspaceId;
use crate::store::error::StoreError;
use crate::store::sql::Sql;
use crate::store::tx::Tx;

const FOLD: &str = "fold what rows are found by";
/// So many rows are read at once.
const AT_ONCE: i64 = 256;

/// Goes through every row of a workspace that `columns` selects, by id; `folded` gives a row's id and the statement that fills it in.
pub(super) async fn all(
    tx: &mut Tx,
    workspace: WorkspaceId,
    columns: &str,
    folded: impl Fn(&AnyRow) -> Result<(String, Sql), StoreError>,
) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let sql = Sql::of(workspace, format!("{columns} AND id > $2 ORDER BY id LIMIT $3")).text(&after).int(AT_ONCE);
        let rows = tx.all(FOLD, sql).await?.iter().map(&folded).collect::<Result<Vec<_>, _>>()?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after.clone_from(last);
        for (_, sql) in rows {
            tx.execute(FOLD, sql).await?;
        }
    }
}
