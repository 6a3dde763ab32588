//! Saved reports. A caller limited to one advertiser sees the reports about that advertiser.

use super::Entity;
use super::record::entity;
use super::rules::advertiser_exists;
use crate::domain::{SavedReport, SavedReportId, fields};
use crate::store::{StoreError, Tx};

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
    fn fits(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        advertiser_exists(tx.conn, self.advertiser_id)
    }
}
