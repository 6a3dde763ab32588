//! Undoes a run as a whole: its costs count no longer, and what it replaced counts again unless a later run replaces it.

use std::collections::BTreeMap;
use std::ops::Bound;

use rusqlite::params;

use super::cover::Cover;
use super::rows;
use crate::domain::{Caller, Cost, CostRun, CostRunId, Day, Editor};
use crate::store::db::columns;
use crate::store::db::list::{all, find};
use crate::store::definitions::audit_note;
use crate::store::{Store, StoreError, Tx};

impl Store {
    /// Undoes a run in one transaction. What it replaced counts again, unless a later run replaces it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Integrity`] if it was undone before.
    pub async fn undo_cost_run(&self, by: &Editor, id: CostRunId) -> Result<CostRun, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| undo(tx, &who, id)).await
    }
}

fn undo(tx: &mut Tx<'_>, who: &Caller, id: CostRunId) -> Result<CostRun, StoreError> {
    let run: CostRun = find(tx.conn, who.scope, id.0)?;
    if let Some(at) = run.undone_at {
        let by = run.undone_by.unwrap_or_default();
        return Err(StoreError::Integrity(format!("run {id} was undone before, by {by} at {at}")));
    }
    let before = audit_note::snapshot(tx.conn, "cost_runs", id.0)?;
    let sql = "UPDATE costs SET state = 'undone', replaced_by = NULL, last_modified = ?2 WHERE run_id = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![id, tx.now])?;
    columns::update(tx.conn, "cost_runs", id.0, &[("undone_by", &who.name), ("undone_at", &tx.now)])?;
    let mut brought_back: BTreeMap<Day, Vec<Cost>> = BTreeMap::new();
    for cost in all::<Cost>(tx.conn, "replaced_by = ?1", [id])? {
        brought_back.entry(cost.figure.day).or_default().push(cost);
    }
    for (day, costs) in brought_back {
        bring_back(tx, &run, day, &costs)?;
    }
    audit_note::note(tx, who, "cost_runs", id.0, before)?;
    find(tx.conn, who.scope, id.0)
}

/// Lets these costs of one day count again, or notes the next run that replaces them.
fn bring_back(tx: &Tx<'_>, run: &CostRun, day: Day, costs: &[Cost]) -> Result<(), StoreError> {
    let first = costs.iter().map(|cost| cost.run_id).min().unwrap_or(run.id);
    let mut covers: BTreeMap<CostRunId, Cover> = BTreeMap::new();
    for cost in rows::later_of_day(tx.conn, run, day, first)? {
        covers.entry(cost.run_id).or_default().add(&cost.figure);
    }
    let mut mark =
        tx.conn.prepare_cached("UPDATE costs SET state = ?2, replaced_by = ?3, last_modified = ?4 WHERE id = ?1")?;
    for cost in costs {
        let later = covers.range((Bound::Excluded(cost.run_id), Bound::Unbounded));
        let by = later.into_iter().find(|(_, cover)| cover.replaces(&cost.figure)).map(|(run, _)| *run);
        let state = if by.is_some() { "replaced" } else { "live" };
        mark.execute(params![cost.id, state, by, tx.now])?;
    }
    Ok(())
}
