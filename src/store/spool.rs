//! Sorts texts by time, more than memory holds: in a database of its own that SQLite keeps in a temporary file, which is
//! gone with the process, however that ends. It knows nothing of what the texts say.

use rusqlite::{Connection, params};

use super::StoreError;
use crate::domain::Millis;

/// Texts with their times; first all are put in, then they are taken out in order.
pub struct Spool {
    conn: Connection,
    texts: u64,
    /// After which it goes on: time, rank, number.
    last: (Millis, u8, i64),
}

/// A text as it is taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spooled {
    /// Under which number it was put in.
    pub number: i64,
    /// The text.
    pub text: Vec<u8>,
}

impl Spool {
    /// An empty one, in the system's directory for temporary files (`TMPDIR`, `/var/tmp`).
    ///
    /// # Errors
    /// There is no room, or no such directory.
    pub fn new() -> Result<Self, StoreError> {
        let conn = Connection::open("")?;
        // Nothing of it outlives a crash in any case. 16 MiB are held in memory.
        conn.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -16384;
            CREATE TABLE texts (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, rank INTEGER NOT NULL, text BLOB NOT NULL);
            BEGIN",
        )?;
        Ok(Spool { conn, texts: 0, last: (Millis(i64::MIN), 0, i64::MIN) })
    }

    /// Puts a text in; of one time the lower rank comes out first, then the lower number.
    ///
    /// # Errors
    /// There is no room.
    pub fn put(&mut self, number: i64, at: Millis, rank: u8, text: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO texts (number, at, rank, text) VALUES (?1, ?2, ?3, ?4)";
        self.conn.prepare_cached(sql)?.execute(params![number, at, rank, text])?;
        self.texts += 1;
        Ok(())
    }

    /// How many were put in.
    pub fn len(&self) -> u64 {
        self.texts
    }

    /// Whether none was put in.
    pub fn is_empty(&self) -> bool {
        self.texts == 0
    }

    /// Sorts them, once all are there.
    ///
    /// # Errors
    /// There is no room.
    pub fn sort(&mut self) -> Result<(), StoreError> {
        // A long text stands behind its time, in pages that the sorting does not read.
        Ok(self.conn.execute_batch("COMMIT; CREATE INDEX by_time ON texts (at, rank, number)")?)
    }

    /// Takes out the next, at most so many; none at the end.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn take(&mut self, most: u32) -> Result<Vec<Spooled>, StoreError> {
        let sql = "SELECT at, rank, number, text FROM texts INDEXED BY by_time WHERE (at, rank, number) > (?1, ?2, ?3)
            ORDER BY at, rank, number LIMIT ?4";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![self.last.0, self.last.1, self.last.2, most])?;
        let mut taken = Vec::new();
        while let Some(row) = rows.next()? {
            self.last = (row.get(0)?, row.get(1)?, row.get(2)?);
            taken.push(Spooled { number: row.get(2)?, text: row.get(3)? });
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
                all.push((*at, *rank, Spooled { number, text: text.clone() }));
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
