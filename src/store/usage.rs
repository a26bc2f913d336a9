//! Usage: how often something was used on a day.

use std::collections::BTreeMap;

use crate::domain::event::Usage;
use crate::domain::id::WorkspaceId;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::{Source, Tx};

/// Adds to a day's count when the transaction commits.
pub fn add(tx: &mut Tx, usage: &Usage) {
    let Usage { workspace, what, day, count } = usage;
    let kept = tx.late().usage.entry((workspace.to_string(), what.clone(), day.clone())).or_default();
    *kept = kept.saturating_add(*count);
}

/// The counts of the days from `from_day` to `to_day`, both included, in the order of days.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId, from_day: &str, to_day: &str) -> Result<Vec<Usage>, StoreError> {
    let sql =
        Sql::of(workspace, "SELECT what, day, count FROM usage_counts WHERE workspace = $1 AND day >= $2 AND day <= $3 ORDER BY day, what");
    let rows = source.into().all("read usage", sql.text(from_day).text(to_day)).await?;
    rows.iter()
        .map(|row| {
            let row = Row::new("usage_counts", row);
            Ok(Usage { workspace, what: row.text("what")?, day: row.text("day")?, count: row.int("count")? })
        })
        .collect()
}

/// Writes the counts in the order of their keys, so that two transactions never wait for each other in a circle.
pub(super) async fn write(tx: &mut Tx, counts: BTreeMap<(String, String, String), i64>) -> Result<(), StoreError> {
    for ((workspace, what, day), count) in counts {
        let sql = Sql::new(
            "INSERT INTO usage_counts (workspace, what, day, count) VALUES ($1, $2, $3, $4)
             ON CONFLICT (workspace, what, day) DO UPDATE SET count = usage_counts.count + excluded.count",
        );
        tx.execute("count usage", sql.text(workspace).text(what).text(day).int(count)).await?;
    }
    Ok(())
}
