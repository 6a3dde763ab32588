//! Sorts more texts by time than fit into memory. SQLite keeps them in a temporary file, which the system removes when the
//! process ends.

use rusqlite::{Connection, params};

use crate::domain::Millis;
use crate::store::StoreError;

/// Texts with their times. Put all of them in, then sort, then take them out.
pub struct Spool {
    conn: Connection,
    texts: u64,
    /// The key of the last text that was taken out.
    last: SortKey,
}

struct SortKey {
    at: Millis,
    rank: u8,
    number: i64,
}

/// A text that was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpooledText {
    /// The number that it was put in under.
    pub number: i64,
    pub text: Vec<u8>,
}

impl Spool {
    /// An empty spool in the system's directory for temporary files (`TMPDIR`, `/var/tmp`).
    ///
    /// # Errors
    /// There is no room, or no such directory.
    pub fn new() -> Result<Self, StoreError> {
        let conn = Connection::open("")?;
        // No crash needs the file again, so it is never synced. The cache holds 16 MiB.
        conn.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -16384;
            CREATE TABLE texts (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, rank INTEGER NOT NULL, text BLOB NOT NULL);
            BEGIN",
        )?;
        Ok(Spool { conn, texts: 0, last: SortKey { at: Millis(i64::MIN), rank: 0, number: i64::MIN } })
    }

    /// Puts a text in. Among texts of one time, the lower rank comes out first, then the lower number.
    ///
    /// # Errors
    /// There is no room.
    pub fn put(&mut self, number: i64, at: Millis, rank: u8, text: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO texts (number, at, rank, text) VALUES (?1, ?2, ?3, ?4)";
        self.conn.prepare_cached(sql)?.execute(params![number, at, rank, text])?;
        self.texts += 1;
        Ok(())
    }

    pub fn len(&self) -> u64 {
        self.texts
    }

    pub fn is_empty(&self) -> bool {
        self.texts == 0
    }

    /// Sorts the texts, once all are in.
    ///
    /// # Errors
    /// There is no room.
    pub fn sort(&mut self) -> Result<(), StoreError> {
        // A long text lies behind its time, in pages that the sorting does not read.
        Ok(self.conn.execute_batch("COMMIT; CREATE INDEX by_time ON texts (at, rank, number)")?)
    }

    /// Takes out the next `most` texts; none at the end.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn take(&mut self, most: u32) -> Result<Vec<SpooledText>, StoreError> {
        let sql = "SELECT at, rank, number, text FROM texts INDEXED BY by_time WHERE (at, rank, number) > (?1, ?2, ?3)
            ORDER BY at, rank, number LIMIT ?4";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![self.last.at, self.last.rank, self.last.number, most])?;
        let mut taken = Vec::new();
        while let Some(row) = rows.next()? {
            let number = row.get("number")?;
            self.last = SortKey { at: row.get("at")?, rank: row.get("rank")?, number };
            taken.push(SpooledText { number, text: row.get("text")? });
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_come_out_by_time_then_rank_then_number(
            texts in prop::collection::vec((-3_i64..3, 0_u8..3, prop::collection::vec(any::<u8>(), 0..9)), 0..40),
            most in 1_u32..9,
        ) {
            let mut spool = Spool::new().unwrap();
            let mut all = Vec::new();
            for (number, (at, rank, text)) in (0_i64..).zip(&texts) {
                spool.put(number, Millis(*at), *rank, text).unwrap();
                all.push((*at, *rank, SpooledText { number, text: text.clone() }));
            }
            all.sort_by_key(|(at, rank, spooled)| (*at, *rank, spooled.number));
            spool.sort().unwrap();
            let mut taken = Vec::new();
            loop {
                let next = spool.take(most).unwrap();
                if next.is_empty() {
                    break;
                }
                taken.extend(next);
            }
            prop_assert_eq!(taken, all.into_iter().map(|(.., spooled)| spooled).collect::<Vec<_>>());
        }
    }
}
