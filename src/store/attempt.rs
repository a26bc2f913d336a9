//! Tries to sign in: how often an account or a network address failed of late, and until when it is held.
//!
//! `last_at` is the moment up to which failures have healed: at most one period before the last try.

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
    /// One failure is forgotten each time so many seconds have passed.
    pub heals_every_seconds: i64,
}

impl Backoff {
    /// What is left of some failures, and up to when they have healed.
    fn healed(&self, failures: i64, since: Timestamp, now: Timestamp) -> (i64, Timestamp) {
        let every = self.heals_every_seconds.max(1);
        let healed = now.seconds_since(since).max(0) / every;
        // The rest of a period counts on: else somebody who fails a little more often than failures heal would never be forgiven one.
        if healed >= failures { (0, now) } else { (failures - healed, since.plus_seconds(healed * every)) }
    }

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
/// which case nothing was counted. A try that did not fail is taken back with [`forget`] or [`take_back`].
pub async fn note(tx: &mut Tx, subject: &str, now: Timestamp, backoff: &Backoff) -> Result<Option<Timestamp>, StoreError> {
    // The update changes nothing, but makes others wait who want to count the same subject.
    let sql = Sql::new(
        "INSERT INTO sign_in_attempts (subject, failures, last_at, held_until) VALUES ($1, 0, $2, 0)
         ON CONFLICT (subject) DO UPDATE SET failures = sign_in_attempts.failures RETURNING failures, last_at, held_until",
    );
    let row = tx.optional(NOTE, sql.text(digest(subject)).time(now)).await?.ok_or(StoreError::Contended { tried: NOTE, source: None })?;
    let row = Row::new(TABLE, &row);
    let held_until = row.time("held_until")?;
    if held_until > now {
        return Ok(Some(held_until));
    }
    let (failures, since) = backoff.healed(row.int("failures")?, row.time("last_at")?, now);
    let failures = failures.saturating_add(1);
    let held_until = match backoff.wait_seconds(failures) {
        0 => Timestamp::from_micros(0),
        wait => now.plus_seconds(wait),
    };
    let sql = Sql::new("UPDATE sign_in_attempts SET failures = $2, last_at = $3, held_until = $4 WHERE subject = $1");
    tx.execute(NOTE, sql.text(digest(subject)).int(failures).time(since).time(held_until)).await?;
    Ok(None)
}

/// Forgets the failures of a subject that succeeded; answers how many there were.
pub async fn forget(tx: &mut Tx, subject: &str) -> Result<i64, StoreError> {
    let sql = Sql::new("DELETE FROM sign_in_attempts WHERE subject = $1 RETURNING failures").text(digest(subject));
    tx.optional(NOTE, sql).await?.map_or(Ok(0), |row| Row::new(TABLE, &row).int("failures"))
}

/// Takes so many tries back that did not fail, or are forgiven, with the hold that the last of them made; the others stay counted.
pub async fn take_back(tx: &mut Tx, subject: &str, count: i64) -> Result<(), StoreError> {
    let sql = Sql::new(
        "UPDATE sign_in_attempts SET failures = CASE WHEN failures > $2 THEN failures - $2 ELSE 0 END, held_until = 0 WHERE subject = $1",
    );
    tx.execute(NOTE, sql.text(digest(subject)).int(count)).await?;
    Ok(())
}

/// Forgets subjects whose failures have all healed, at the pace of the backoff that heals the slowest; answers how many there were.
pub async fn sweep(tx: &mut Tx, now: Timestamp, slowest: &Backoff) -> Result<u64, StoreError> {
    let sql = Sql::new("DELETE FROM sign_in_attempts WHERE held_until < $1 AND failures <= ($1 - last_at) / $2").time(now);
    tx.execute("forget old tries to sign in", sql.int(slowest.heals_every_seconds.max(1).saturating_mul(1_000_000))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_longest() {
        let backoff = Backoff { free: 5, first_seconds: 30, longest_seconds: 900, heals_every_seconds: 3600 };
        for (failures, seconds) in [(1, 0), (4, 0), (5, 30), (6, 60), (9, 480), (10, 900), (70, 900), (i64::MAX, 900)] {
            assert_eq!(backoff.wait_seconds(failures), seconds, "{failures}");
        }
    }

    #[test]
    fn failures_heal_one_by_one_and_no_time_is_lost_between_tries() {
        let backoff = Backoff { free: 5, first_seconds: 30, longest_seconds: 900, heals_every_seconds: 60 };
        let at = |seconds| Timestamp::from_micros(0).plus_seconds(seconds);
        for (failures, now, left) in
            [(3, 59, (3, 0)), (3, 61, (2, 60)), (3, 179, (1, 120)), (3, 180, (0, 180)), (0, 5, (0, 5)), (3, -9, (3, 0))]
        {
            assert_eq!(backoff.healed(failures, at(0), at(now)), (left.0, at(left.1)), "{failures} after {now}");
        }
    }
}
