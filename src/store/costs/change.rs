//! Changes or deletes one cost that counts.

use crate::domain::{Caller, Cost, CostId, CostState, Editor, FieldError};
use crate::store::db::columns;
use crate::store::db::list::find;
use crate::store::definitions::audit_note;
use crate::store::{Store, StoreError, Tx};

use super::rows::count;

/// What never changes of a cost: it decides what the cost replaces.
const FIXED: &str = "cannot change: delete this cost, and create another";

impl Store {
    /// Changes the amount, currency, views or clicks of a cost that counts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], the errors of `change`, the rules that it breaks; [`StoreError::Integrity`] if it does not
    /// count.
    pub async fn change_cost<F>(
        &self,
        by: &Editor,
        id: CostId,
        allow_negative: bool,
        change: F,
    ) -> Result<Cost, StoreError>
    where
        F: FnOnce(&mut Cost) -> Result<(), Vec<FieldError>> + Send + 'static,
    {
        let who = by.caller().clone();
        self.write(move |tx| self::change(tx, &who, id, allow_negative, change)).await
    }

    /// Deletes a cost that counts. What it replaced stays replaced; [`Store::undo_cost_run`] brings that back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Integrity`] if it does not count.
    pub async fn delete_cost(&self, by: &Editor, id: CostId) -> Result<(), StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            counting(tx, &who, id)?;
            let before = audit_note::snapshot(tx.conn, "costs", id.0)?;
            let row = [("state", &CostState::Deleted as &dyn rusqlite::ToSql), ("last_modified", &tx.now)];
            columns::update(tx.conn, "costs", id.0, &row)?;
            audit_note::note_deleted(tx, &who, "costs", id.0, before)
        })
        .await
    }
}

fn change<F>(tx: &Tx<'_>, who: &Caller, id: CostId, allow_negative: bool, change: F) -> Result<Cost, StoreError>
where
    F: FnOnce(&mut Cost) -> Result<(), Vec<FieldError>>,
{
    let before = counting(tx, who, id)?;
    let noted = audit_note::snapshot(tx.conn, "costs", id.0)?;
    let mut cost = before.clone();
    change(&mut cost)?;
    let (old, new) = (&before.figure, &cost.figure);
    let fixed = [
        ("advertiser_id", before.advertiser_id == cost.advertiser_id),
        ("profile", before.profile == cost.profile),
        ("day", old.day == new.day),
        ("line_item_id", old.key.line_item_id == new.key.line_item_id),
        ("campaign_id", old.key.campaign_id == new.key.campaign_id),
        ("publisher_id", old.key.publisher_id == new.key.publisher_id),
        ("account", old.account == new.account),
        ("label", old.label == new.label),
    ];
    let fixed = fixed.into_iter().filter(|(_, same)| !same);
    let fixed = fixed.map(|(field, _)| FieldError { field: field.to_owned(), message: FIXED.to_owned() });
    // The day was checked when it came.
    let broken: Vec<_> = fixed.chain(new.check(new.day, allow_negative)).collect();
    if !broken.is_empty() {
        return Err(StoreError::Invalid(broken));
    }
    let (imps, clicks) = (count(new.imps), count(new.clicks));
    let row: [columns::Column<'_>; 5] = [
        ("currency", &new.currency),
        ("amount", &new.amount),
        ("imps", &imps),
        ("clicks", &clicks),
        ("last_modified", &tx.now),
    ];
    columns::update(tx.conn, "costs", id.0, &row)?;
    audit_note::note(tx, who, "costs", id.0, noted)?;
    find(tx.conn, who.scope, id.0)
}

/// The cost, if it counts.
fn counting(tx: &Tx<'_>, who: &Caller, id: CostId) -> Result<Cost, StoreError> {
    let cost: Cost = find(tx.conn, who.scope, id.0)?;
    let why = match (cost.state, cost.replaced_by) {
        (CostState::Live, _) => return Ok(cost),
        (CostState::Replaced, Some(run)) => format!("was replaced by run {run}"),
        (CostState::Replaced, None) => "was replaced".to_owned(),
        (CostState::Undone, _) => format!("was undone with run {}", cost.run_id),
        (CostState::Deleted, _) => "was deleted".to_owned(),
    };
    Err(StoreError::Integrity(format!("cost {id} {why}, and no longer counts; only costs that count can be changed")))
}
