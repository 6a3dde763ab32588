//! Lets the oldest entries of the bin go for good, a few at a time.

use rusqlite::{Connection, Row};

use super::since;
use crate::domain::{AuditObject, Caller, Millis};
use crate::store::definitions::audit_note::note_purged;
use crate::store::{StoreError, Tx};

/// How many entries go in one transaction.
const AT_ONCE: u32 = 20;

/// Whether an entry is due.
pub(in crate::store) fn is_due(conn: &Connection, now: Millis) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM bin WHERE deleted_on <= ?1 LIMIT 1")?.exists([since(now)])
}

/// Removes the oldest entries that are due.
///
/// # Errors
/// Database faults.
pub(in crate::store) fn purge(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT id, object_type, object_id, object_name FROM bin WHERE deleted_on <= ?1 ORDER BY deleted_on LIMIT {AT_ONCE}"
    );
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let due: Vec<(i64, AuditObject, i64, String)> =
        tx.conn.prepare_cached(&sql)?.query_map([since(tx.now)], read)?.collect::<Result<_, _>>()?;
    let who = Caller::upkeep();
    for (entry, object, id, name) in due {
        tx.conn.prepare_cached("DELETE FROM bin WHERE id = ?1")?.execute([entry])?;
        note_purged(tx, &who, object, id, &name)?;
    }
    Ok(())
}
