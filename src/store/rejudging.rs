//! Decisions to judge anew as the tables hold them: those of the log, and those by which a derived file was made. A file
//! is always explained by its own, whatever was decided since. What they mean is `domain/rejudging.rs`.

use rusqlite::{Connection, Row, params};

use super::log_end;
use crate::domain::{Millis, Rejudge, Rejudgement, Rejudgements};

/// Those that the log holds.
pub(super) fn taken(conn: &Connection) -> rusqlite::Result<Rejudgements> {
    all(conn, "SELECT upto, from_at, settings, exposures FROM rejudgements ORDER BY seq")
}

/// Those by which what is derived was made.
pub(super) fn applied(conn: &Connection) -> rusqlite::Result<Rejudgements> {
    all(conn, "SELECT upto, from_at, settings, exposures FROM rejudged ORDER BY rowid")
}

fn all(conn: &Connection, sql: &str) -> rusqlite::Result<Rejudgements> {
    let mut statement = conn.prepare_cached(sql)?;
    let found = statement.query_map([], rejudgement)?;
    Ok(Rejudgements(found.collect::<Result<_, _>>()?))
}

fn rejudgement(row: &Row<'_>) -> rusqlite::Result<Rejudgement> {
    let decision = Rejudge { from: row.get(1)?, settings: row.get(2)?, exposures: row.get(3)? };
    Ok(Rejudgement { upto: row.get(0)?, decision })
}

/// Gives a new derived file the decisions that it is to be made by.
pub(super) fn copy(derived: &Connection, decisions: &Rejudgements) -> rusqlite::Result<()> {
    let mut insert = derived.prepare("INSERT INTO rejudged VALUES (?1, ?2, ?3, ?4)")?;
    for Rejudgement { upto, decision } in &decisions.0 {
        insert.execute(params![upto, decision.from, decision.settings, decision.exposures])?;
    }
    Ok(())
}

/// Writes a decision into the log, at its next place.
pub(super) fn log(tx: &Connection, at: Millis, taken: &Rejudgement) -> rusqlite::Result<()> {
    let (seq, decision) = (log_end::last_seq(tx)?.0 + 1, taken.decision);
    let sql = "INSERT INTO rejudgements VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.execute(sql, params![seq, at, taken.upto, decision.from, decision.settings, decision.exposures])?;
    Ok(())
}
