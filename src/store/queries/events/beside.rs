//! The neighbours of an event in time.

use rusqlite::{Connection, OptionalExtension, params};

use super::EventPlace;
use crate::domain::{Reader, Seq};
use crate::store::db::sql_types::get;
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

impl Store {
    /// The event before this place in time, and the one after it, among those that the caller may see.
    ///
    /// # Errors
    /// Database faults.
    pub async fn beside(&self, by: &Reader, place: EventPlace) -> Result<(Option<Seq>, Option<Seq>), StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let next = |sign: &str, order: &str| next(&snapshot, own.map(|id| id.0), place, sign, order);
            Ok((next("<", "DESC")?, next(">", "ASC")?))
        })
        .await
    }
}

fn next(
    conn: &Connection,
    own: Option<i64>,
    EventPlace { at, seq }: EventPlace,
    sign: &str,
    order: &str,
) -> rusqlite::Result<Option<Seq>> {
    let whose = if own.is_some() { "advertiser_id = ?3" } else { "?3 IS NULL" };
    let sql = format!(
        "SELECT seq FROM conversions WHERE {whose} AND at {sign}= ?1 AND (at {sign} ?1 OR seq {sign} ?2)
        ORDER BY at {order}, seq {order} LIMIT 1"
    );
    conn.prepare_cached(&sql)?.query_row(params![at, seq, own], |row| get(row, "seq")).optional()
}
