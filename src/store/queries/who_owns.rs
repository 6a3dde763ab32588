//! Finds the advertiser of a conversion that an adjustment names without its advertiser. It reads what the judge has
//! derived, so the caller first waits for the judge ([`Store::caught_up`]).

use rusqlite::Connection;

use crate::domain::{AdvertiserId, Collector, ConversionName};
use crate::store::{Store, StoreError};

// The index finds orders regardless of case.
const BY_ORDER: &str = "SELECT DISTINCT advertiser_id FROM conversions
    WHERE order_id = ?1 COLLATE NOCASE AND order_id = ?1 AND advertiser_id > 0 LIMIT 2";
const BY_NUMBER: &str = "SELECT advertiser_id FROM conversions WHERE seq = CAST(?1 AS INTEGER) AND advertiser_id > 0";
const BY_EVENT: &str = "SELECT DISTINCT advertiser_id FROM pixels
    WHERE EXISTS (SELECT 1 FROM names_seen n WHERE n.pixel_id = pixels.id AND n.kind = 1 AND n.name = ?1) LIMIT 2";

impl Store {
    /// The advertiser for each name, if exactly one advertiser has conversions with that name. None for a reference, since
    /// only a search of the whole log could find it.
    pub async fn who_owns(
        &self,
        _: &Collector,
        names: Vec<ConversionName>,
    ) -> Result<Vec<Option<AdvertiserId>>, StoreError> {
        self.look_up(move |conn| names.iter().map(|name| owner(conn, name)).collect()).await
    }
}

fn owner(conn: &Connection, name: &ConversionName) -> Result<Option<AdvertiserId>, StoreError> {
    let sql = match name {
        ConversionName::OrderId(_) => BY_ORDER,
        ConversionName::EventId(_) => BY_EVENT,
        ConversionName::ConversionId(_) => BY_NUMBER,
        ConversionName::ReferenceId(_) => return Ok(None),
    };
    let mut rows = conn.prepare_cached(sql)?;
    let owners = rows.query_map([name.field().1], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    match owners.as_slice() {
        [one] => Ok(Some(*one)),
        _ => Ok(None),
    }
}
