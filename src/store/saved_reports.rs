//! Definitions of reports that somebody gave a name. Who is limited to one advertiser sees those about it.

use rusqlite::{Row, ToSql};

use super::entity::{Entity, Listed};
use super::parties::advertiser_exists;
use super::sql_types::get;
use super::{StoreError, Tx};
use crate::domain::{AdvertiserId, Field, FieldError, Millis, SavedReport, SavedReportId, fields};

impl Listed for SavedReport {
    const WHAT: &'static str = "saved report";
    const TABLE: &'static str = "saved_reports";
    const HAS_CODE: bool = false;
    const FIELDS: &'static [Field] = fields::SAVED_REPORT;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(SavedReport {
            id: get(row, "id")?,
            name: get(row, "name")?,
            advertiser_id: get(row, "advertiser_id")?,
            owner: get(row, "owner")?,
            definition: get(row, "definition")?,
            created_on: get(row, "created_on")?,
            last_modified: get(row, "last_modified")?,
        })
    }
}

impl Entity for SavedReport {
    fn id(&self) -> i64 {
        self.id.0
    }

    fn set_id(&mut self, id: i64) {
        self.id = SavedReportId(id);
    }

    fn stamps(&mut self) -> (&mut Millis, &mut Millis) {
        (&mut self.created_on, &mut self.last_modified)
    }

    fn advertiser(&self) -> Option<AdvertiserId> {
        self.advertiser_id
    }

    fn code(&self) -> Option<&str> {
        None
    }

    fn check(&self) -> Result<(), Vec<FieldError>> {
        SavedReport::check(self)
    }

    fn columns(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            ("name", &self.name),
            ("advertiser_id", &self.advertiser_id),
            ("owner", &self.owner),
            ("definition", &self.definition),
            ("created_on", &self.created_on),
            ("last_modified", &self.last_modified),
        ]
    }

    fn fits(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        self.advertiser_id.map_or(Ok(()), |id| advertiser_exists(tx.conn, id))
    }

    fn saved(&self, _: &mut Tx<'_>, _: Option<&Self>) -> Result<(), StoreError> {
        Ok(())
    }

    fn deleting(&self, _: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}
