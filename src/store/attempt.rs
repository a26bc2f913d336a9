//! Tries to sign in: how often in a row an account or a network address failed, and until when it is held.

use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::key::digest;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::tx::Tx;

const TABLE: &str = "sign_in_attempts";
const NOTE: &str = "count a try to sign in";

/// How failures are answered: a few are free, then each waits twice as long as the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// So many tries in a row are answered at once.
    pub free: u32,
    /// The first wait, in seconds.
    pub first_seconds: i64,
    /// The longest wait, in seconds.
    pub longest_seconds: i64,
    /// After so many seconds without a try the count begins anew.
    pub forgotten_after_seconds: i64,
}

impl Backoff {
    /// How long a subject is held after so many failures in a row, in seconds.
    fn wait_seconds(&self, failures: i64) -> i64 {
        let doublings = failures - i64::from(self.free);
        if doublings < 0 {
            return 0;
        }
        let factor = 1_i64.checked_shl(u32::try_from(doublings).unwrap_or(u32::MAX)).filter(|factor| *factor > 0);
        factor.map_or(self.longest_seconds, |factor| self.first_seconds.saturating_mul(factor)).min(self.longest_seconds)
    }
}

/// Counts a try as failed before it is looked at, so that many at once cannot slip through; gives until when the subject is held, in
/// which case nothing was counted. A try that succeeded is taken back with [`forget`] or [`take_back`].
pub async fn note(tx: &mut Tx, subject: &str, now: Timestamp, backoff: &Backoff) -> Result<Option<Timestamp>, StoreError> {
    let sql = Sql::new(
        "INSERT INTO sign_in_attempts (subject, failures, last_at, held_until) VALUES ($1, 1, $2, 0)
         ON CONFLICT (subject) DO UPDATE SET last_at = excluded.last_at,
            failures = CASE WHEN sign_in_attempts.last_at < $3 THEN 1 ELSE sign_in_attempts.failures + 1 END
         WHERE sign_in_attempts.held_until <= $2
         RETURNING failures",
    );
    let sql = sql.text(digest(subject)).time(now).time(now.plus_seconds(-backoff.forgotten_after_seconds));
    if let Some(row) = tx.optional(NOTE, sql).await? {
        let wait = backoff.wait_seconds(Row::new(TABLE, &row).int("failures")?);
        if wait > 0 {
            let sql = Sql::new("UPDATE sign_in_attempts SET held_until = $2 WHERE subject = $1");
            tx.execute(NOTE, sql.text(digest(subject)).time(now.plus_seconds(wait))).await?;
        }
        return Ok(None);
    }
    let sql = Sql::new("SELECT held_until FROM sign_in_attempts WHERE subject = $1").text(digest(subject));
    let row = tx.optional(NOTE, sql).await?.ok_or(StoreError::Contended { tried: NOTE, source: None })?;
    Ok(Some(Row::new(TABLE, &row).time("held_until")?))
}

/// Forgets the failures of a subject that succeeded.
pub async fn forget(tx: &mut Tx, subject: &str) -> Result<(), StoreError> {
    tx.execute(NOTE, Sql::new("DELETE FROM sign_in_attempts WHERE subject = $1").text(digest(subject))).await?;
    Ok(())
}

/// Takes one try back that turned out well; those before it stay counted.
pub async fn take_back(tx: &mut Tx, subject: &str) -> Result<(), StoreError> {
    let sql = Sql::new("UPDATE sign_in_attempts SET failures = failures - 1, held_until = 0 WHERE subject = $1 AND failures > 0");
    tx.execute(NOTE, sql.text(digest(subject))).await?;
    Ok(())
}

/// Forgets subjects that nobody has tried since a moment; answers how many there were.
pub async fn sweep(tx: &mut Tx, since: Timestamp) -> Result<u64, StoreError> {
    let sql = Sql::new("DELETE FROM sign_in_attempts WHERE last_at < $1 AND held_until < $1").time(since);
    tx.execute("forget old tries to sign in", sql).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_longest() {
        let backoff = Backoff { free: 5, first_seconds: 30, longest_seconds: 900, forgotten_after_seconds: 3600 };
        for (failures, seconds) in [(1, 0), (4, 0), (5, 30), (6, 60), (9, 480), (10, 900), (70, 900), (i64::MAX, 900)] {
            assert_eq!(backoff.wait_seconds(failures), seconds, "{failures}");
        }
    }
}
