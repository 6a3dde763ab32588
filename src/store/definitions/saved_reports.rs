//! Saved reports. A caller limited to one advertiser sees the reports about that advertiser.

use super::Entity;
use super::record::entity;
use super::rules::advertiser_exists;
use crate::domain::{SavedReport, SavedReportId, Scope, fields};
use crate::store::{StoreError, Tx};

/// The most reports that one user saves.
const MOST_SAVED: u32 = 100;

entity! {
    SavedReport {
        id: SavedReportId,
        what: "saved report",
        table: "saved_reports",
        fields: fields::SAVED_REPORT,
        advertiser: |report| report.advertiser_id,
        code: |_| None,
        columns: [name, advertiser_id, owner, definition],
    }
}

impl Entity for SavedReport {
    fn fits(&self, tx: &Tx<'_>, _: Scope) -> Result<(), StoreError> {
        advertiser_exists(tx.conn, self.advertiser_id)
    }

    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError> {
        let sql = "SELECT count(*) FROM saved_reports WHERE owner = ?1";
        let count: u32 = tx.conn.prepare_cached(sql)?.query_row([&self.owner], |row| row.get(0))?;
        if before.is_none() && count > MOST_SAVED {
            return Err(StoreError::Limit(format!(
                "name is one too many: {MOST_SAVED} reports are saved by you already; delete one first"
            )));
        }
        Ok(())
    }
}
