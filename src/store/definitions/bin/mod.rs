//! The bin. A deletion moves the rows of the object, and of all that goes with it, into an entry of the bin. For 30 days a
//! restore puts them back under the same ids, as new versions from then on. Past figures never move.

pub mod entries;
pub mod purge;
pub mod restore;
mod rows;

use rusqlite::{Connection, OptionalExtension, params};

use super::audit_note::{object_of, snapshot};
use crate::domain::{AdvertiserId, AuditObject, Caller, Millis};
use crate::store::db::columns;
use crate::store::db::columns::Column;
use crate::store::{StoreError, Tx};
use rows::BinRow;

/// How long an entry can be restored, in days.
pub const BIN_DAYS: i64 = 30;

/// The entries after this moment can be restored.
fn since(now: Millis) -> Millis {
    now.plus(-BIN_DAYS * Millis::DAY)
}

/// What a deletion is about to remove.
pub(super) struct Going {
    object: AuditObject,
    id: i64,
    name: String,
    advertiser: Option<AdvertiserId>,
    rows: Vec<BinRow>,
}

impl Going {
    /// Reads the rows before they go: `cascade` names the tables whose rows go with their advertiser.
    pub(super) fn read(
        conn: &Connection,
        (table, name_column): (&'static str, &'static str),
        id: i64,
        advertiser: Option<AdvertiserId>,
        cascade: &[&'static str],
    ) -> Result<Self, StoreError> {
        let object = object_of(table).ok_or_else(|| StoreError::Fault(format!("{table} has no bin").into()))?;
        let name = snapshot(conn, table, id)?
            .and_then(|columns| Some(columns.get(name_column)?.as_str()?.to_owned()))
            .unwrap_or_default();
        let rows = rows::going(conn, table, id, cascade)?;
        Ok(Going { object, id, name, advertiser, rows })
    }

    /// Keeps them as an entry of the bin.
    pub(super) fn keep(self, tx: &Tx<'_>, who: &Caller) -> Result<(), StoreError> {
        let row: [Column<'_>; 6] = [
            ("deleted_on", &tx.now),
            ("user_name", &who.name),
            ("object_type", &self.object),
            ("object_id", &self.id),
            ("object_name", &self.name),
            ("advertiser_id", &self.advertiser),
        ];
        let entry = columns::insert(tx.conn, "bin", &row)?;
        (0_i64..).zip(&self.rows).try_for_each(|(place, row)| row.keep(tx.conn, entry, place))
    }
}

/// The entry of the bin that holds this object, if it can be restored.
fn entry_with(conn: &Connection, table: &str, id: i64, now: Millis) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT b.id FROM bin_rows r JOIN bin b ON b.id = r.bin_id
        WHERE r.table_name = ?1 AND r.object_id = ?2 AND b.deleted_on > ?3 ORDER BY b.id DESC LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row(params![table, id, since(now)], |row| row.get(0)).optional()?)
}
