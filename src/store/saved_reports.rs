//! Saved reports. A caller limited to one advertiser sees the reports about that advertiser.

use super::definition_rules::advertiser_exists;
use super::entity::Entity;
use super::record::entity;
use super::{StoreError, Tx};
use crate::domain::{SavedReport, SavedReportId, fields};

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
