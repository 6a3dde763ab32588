//! The duplicates of a conversion: further fires of its event or order, in whose place it counts.

use rusqlite::params;

use super::conversions::find;
use crate::domain::{Conversion, Reader, Seq};
use crate::store::{Store, StoreError};

impl Store {
    /// The first duplicates of a conversion in the order of the log, `most` of them.
    pub async fn duplicates_of(&self, by: &Reader, seq: Seq, most: u32) -> Result<Vec<Conversion>, StoreError> {
        let by = *by;
        self.read(move |conn| {
            let sql = "SELECT seq FROM conversions WHERE duplicate_of = ?1 ORDER BY duplicate_by LIMIT ?2";
            let seqs: Vec<Seq> =
                conn.prepare_cached(sql)?.query_map(params![seq, most], |row| row.get(0))?.collect::<Result<_, _>>()?;
            // All of them are of its advertiser, since their pixel is the same.
            seqs.into_iter().map(|seq| find(conn, &by, seq)).collect()
        })
        .await
    }
}
