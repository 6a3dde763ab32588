//! Decisions to judge fires again, as the tables hold them: the log's, and those that a derived file applies. An explanation
//! follows the derived file's, whatever was decided since. `domain/rejudging.rs` says what they mean.

use rusqlite::{Connection, Row, params};

use crate::domain::{Millis, Reader, Rejudge, Rejudgement, Rejudgements};
use crate::store::db::sql_types::get;
use crate::store::log::end;
use crate::store::{Store, StoreError};

impl Store {
    /// The decisions that the current derived file applies.
    ///
    /// # Errors
    /// Database faults.
    pub async fn rejudgements(&self, _: &Reader) -> Result<Rejudgements, StoreError> {
        self.read(|conn| Ok(applied(conn)?)).await
    }
}

/// The decisions in the log.
pub(in crate::store) fn taken(conn: &Connection) -> rusqlite::Result<Rejudgements> {
    all(conn, "SELECT upto, from_at, settings, exposures FROM rejudgements ORDER BY seq")
}

/// The decisions that the derived file applies.
pub(in crate::store) fn applied(conn: &Connection) -> rusqlite::Result<Rejudgements> {
    all(conn, "SELECT upto, from_at, settings, exposures FROM rejudged ORDER BY rowid")
}

fn all(conn: &Connection, sql: &str) -> rusqlite::Result<Rejudgements> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], rejudgement)?;
    Ok(Rejudgements(rows.collect::<Result<_, _>>()?))
}

fn rejudgement(row: &Row<'_>) -> rusqlite::Result<Rejudgement> {
    let decision =
        Rejudge { from: get(row, "from_at")?, settings: get(row, "settings")?, exposures: get(row, "exposures")? };
    Ok(Rejudgement { upto: get(row, "upto")?, decision })
}

/// Writes the decisions into a new derived file.
pub(in crate::store) fn copy(derived: &Connection, decisions: &Rejudgements) -> rusqlite::Result<()> {
    let sql = "INSERT INTO rejudged (upto, from_at, settings, exposures) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = derived.prepare(sql)?;
    for Rejudgement { upto, decision } in &decisions.0 {
        insert.execute(params![upto, decision.from, decision.settings, decision.exposures])?;
    }
    Ok(())
}

/// Writes a decision into the log, at its next place.
pub(in crate::store) fn log(tx: &Connection, at: Millis, taken: &Rejudgement) -> rusqlite::Result<()> {
    let (seq, decision) = (end::last_seq(tx)?.0 + 1, taken.decision);
    let sql = "INSERT INTO rejudgements (seq, at, upto, from_at, settings, exposures) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.execute(sql, params![seq, at, taken.upto, decision.from, decision.settings, decision.exposures])?;
    Ok(())
}
