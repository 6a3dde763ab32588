//! Decisions to judge anew as the tables hold them: those of the log, and those by which a derived file was made. A file
//! is always explained by its own, whatever was decided since. What they mean is `domain/rejudging.rs`.

use rusqlite::{Connection, Row};

use super::log_end;
use super::named_columns::insert;
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
    let decision =
        Rejudge { from: row.get("from_at")?, settings: row.get("settings")?, exposures: row.get("exposures")? };
    Ok(Rejudgement { upto: row.get("upto")?, decision })
}

/// Gives a new derived file the decisions that it is to be made by.
pub(super) fn copy(derived: &Connection, decisions: &Rejudgements) -> rusqlite::Result<()> {
    for Rejudgement { upto, decision } in &decisions.0 {
        insert!(
            derived,
            rejudged { upto: upto, from_at: decision.from, settings: decision.settings, exposures: decision.exposures }
        )?;
    }
    Ok(())
}

/// Appends a decision to the log.
pub(super) fn log(tx: &Connection, at: Millis, taken: &Rejudgement) -> rusqlite::Result<()> {
    let decision = taken.decision;
    insert!(
        tx,
        rejudgements {
            seq: log_end::last_seq(tx)?.0 + 1,
            at: at,
            upto: taken.upto,
            from_at: decision.from,
            settings: decision.settings,
            exposures: decision.exposures,
        }
    )?;
    Ok(())
}
