//! Checks the files for damage and the derived tables by rules, in one snapshot. `pixeld check` and the tests that kill the
//! server use it. It repairs nothing and judges nothing again: for that see `compare.rs`.

use rusqlite::{Connection, ErrorCode};

use super::arrival_rules;
use super::rules::RULES;
use crate::domain::{Reader, Reason, Seq};
use crate::store::costs::rules::RULES as COST_RULES;
use crate::store::derived::connect;
use crate::store::judge::click_ids::add_click_id_hash;
use crate::store::log::end;
use crate::store::{Store, StoreError};

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How far the log reaches.
    pub logged: Seq,
    /// How far the log is judged.
    pub judged: Seq,
    pub fires: i64,
    pub exposures: i64,
    /// Empty for a sound database.
    pub faults: Vec<Fault>,
}

/// A broken rule, or damage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The problem, as a sentence.
    pub what: String,
    /// How many rows have it.
    pub rows: i64,
    /// The first of these rows: its number in the log, or the hour or pixel of a sum.
    pub first: i64,
}

/// The tables that one sequence numbers.
const LOG: &[&str] = &[
    "fires",
    "exposures",
    "segment_loads",
    "adjustments",
    "pixel_versions",
    "line_item_versions",
    "segment_versions",
    "source_versions",
    "campaign_versions",
    "rejudgements",
];

/// The check reports no more damage than this.
const MOST_DAMAGES: usize = 20;

impl Store {
    /// Checks both files for damage, and the derived tables by their rules. It reads everything: that takes minutes for
    /// tens of millions of rows, and meanwhile the WAL cannot be reset.
    ///
    /// # Errors
    /// Why the check itself cannot be done. Problems of the database are in the [`Verification`].
    pub async fn verify(&self, _: &Reader) -> Result<Verification, StoreError> {
        self.read_report(|conn| verify(&*connect::snapshot(conn)?)).await
    }
}

fn verify(conn: &Connection) -> Result<Verification, StoreError> {
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get(0));
    add_click_id_hash(conn)?;
    let mut faults = damages(conn)?;
    // A damaged file cannot be read through.
    if faults.is_empty() {
        faults.extend(dangling(conn)?);
        faults.extend(broken(conn, "two rows have one number in the log", &shared_numbers())?);
        for (what, sql) in RULES.iter().chain(arrival_rules::RULES).chain(COST_RULES) {
            faults.extend(broken(conn, what, sql)?);
        }
        faults.extend(unknown_reasons(conn)?);
    }
    Ok(Verification {
        logged: end::last_seq(conn)?,
        judged: conn.query_row("SELECT seq FROM judge_cursor", [], |row| row.get(0))?,
        fires: number("SELECT count(*) FROM fires")?,
        exposures: number("SELECT count(*) FROM exposures")?,
        faults,
    })
}

/// The fault, if the query returns rows.
pub(in crate::store) fn broken(conn: &Connection, what: &str, sql: &str) -> Result<Option<Fault>, StoreError> {
    let sql = format!("WITH wrong (what) AS ({sql}) SELECT count(*), coalesce(min(what), 0) FROM wrong");
    let (rows, first) = conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((rows > 0).then(|| Fault { what: what.to_owned(), rows, first }))
}

/// Rows of two tables of the log with one number. It joins each pair of tables by rowid, since a sort of the whole log
/// would not fit in memory.
fn shared_numbers() -> String {
    let pairs = LOG.iter().enumerate().flat_map(|(n, one)| LOG.iter().skip(n + 1).map(move |other| (one, other)));
    let selects: Vec<_> = pairs.map(|(one, other)| format!("SELECT seq FROM {one} JOIN {other} USING (seq)")).collect();
    selects.join(" UNION ALL ")
}

/// Damage that SQLite reports of the two files.
fn damages(conn: &Connection) -> Result<Vec<Fault>, StoreError> {
    let mut faults = Vec::new();
    for (schema, file) in [("main", "the log's file is damaged"), ("derived", "the derived file is damaged")] {
        let mut damages = conn.prepare(&format!("PRAGMA {schema}.integrity_check"))?;
        let mut rows = damages.query([])?;
        loop {
            let what: String = match rows.next() {
                Ok(Some(row)) => row.get(0)?,
                Ok(None) => break,
                // The file is damaged so badly that SQLite cannot list the damage.
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => error.to_string(),
                Err(error) => return Err(error.into()),
            };
            if what != "ok" {
                faults.push(Fault { what: format!("{file}: {what}"), rows: 1, first: 0 });
            }
            if faults.len() >= MOST_DAMAGES {
                break;
            }
        }
    }
    Ok(faults)
}

/// Broken foreign keys.
fn dangling(conn: &Connection) -> Result<Vec<Fault>, StoreError> {
    let mut faults = Vec::new();
    let mut dangling = conn.prepare("PRAGMA foreign_key_check")?;
    let mut rows = dangling.query([])?;
    while let Some(row) = rows.next()? {
        let (table, id, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let what = format!("a row of {table} refers to no row of {parent}");
        faults.push(Fault { what, rows: 1, first: id.unwrap_or(0) });
    }
    Ok(faults)
}

/// Conversions whose reason does not belong to their outcome.
fn unknown_reasons(conn: &Connection) -> Result<Vec<Fault>, StoreError> {
    let mut pairs = conn.prepare("SELECT outcome, reason, count(*), min(seq) FROM conversions GROUP BY 1, 2")?;
    let mut rows = pairs.query([])?;
    let mut faults = Vec::new();
    while let Some(row) = rows.next()? {
        let (outcome, reason): (String, String) = (row.get(0)?, row.get(1)?);
        let known = Reason::parse(&reason).map(|reason| reason.outcome().kind().as_str());
        if known != Some(outcome.as_str()) {
            let what = format!("the outcome {outcome} cannot have the reason {reason}");
            faults.push(Fault { what, rows: row.get(2)?, first: row.get(3)? });
        }
    }
    Ok(faults)
}
