//! Runs a plan: reads its rows in slices, shows them, and writes them to a file.

use std::cmp::Ordering;
use std::path::Path;

use super::cell::{self, Cell, Value};
use super::request::{Plan, Work};
use super::sheet::Sheet;
use super::under_way::Progress;
use super::unwritable;
use crate::domain::{Millis, Reader};
use crate::store::{ReportPlace, ReportQuery, Scalar, Store, StoreError};

/// Rows read at a time.
const SLICE: u32 = 5_000;
/// The most rows that are sorted otherwise than they come: they must all be held in memory.
const MOST_SORTED: usize = 1_000_000;

/// The rows of a query, slice by slice.
pub(super) struct Slices<'a> {
    store: &'a Store,
    by: &'a Reader,
    query: ReportQuery,
    now: Millis,
    progress: &'a Progress,
    place: Option<ReportPlace>,
    /// The time of the first slice's end, from which progress is told.
    began: Option<Millis>,
    ended: bool,
}

impl<'a> Slices<'a> {
    pub(super) fn new(
        store: &'a Store,
        by: &'a Reader,
        query: ReportQuery,
        now: Millis,
        progress: &'a Progress,
    ) -> Self {
        Slices { store, by, query, now, progress, place: None, began: None, ended: false }
    }

    /// The next slice; none once all are read.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Vec<Scalar>>>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let (rows, place) = self.store.report_rows(self.by, self.query.clone(), self.place, SLICE).await?;
        self.ended = place.is_none();
        self.place = place;
        self.progress.more(u64::try_from(rows.len()).unwrap_or(u64::MAX), self.percent());
        Ok(Some(rows))
    }

    /// By time, where the rows are in its order.
    fn percent(&mut self) -> Option<u32> {
        let (_, to) = self.query.between?;
        let reached = self.place?.at();
        let began = *self.began.get_or_insert(reached);
        let way = to.min(self.now).since(began).max(1);
        u32::try_from(reached.since(began).saturating_mul(100) / way).ok()
    }
}

/// Writes the file; answers how many rows and bytes it has.
pub(super) async fn run(
    store: &Store,
    by: &Reader,
    plan: Plan,
    path: &Path,
    progress: &Progress,
) -> Result<(u64, u64), StoreError> {
    let names: Vec<&str> = plan.columns.iter().map(|column| column.name).collect();
    let mut sheet = Sheet::create(path, plan.format, &names).map_err(unwritable)?;
    let (mut count, mut held) = (0, Vec::new());
    match &plan.work {
        Work::Sums(sums) => {
            let found = sums.found(store, by).await?;
            held = found.iter().map(|row| sums.cells(&plan.columns, row)).collect();
        }
        Work::Scan(query) => {
            let mut slices = Slices::new(store, by, query.clone(), plan.now, progress);
            while let Some(rows) = slices.next().await? {
                if plan.orders.is_empty() {
                    (sheet, count) = write(sheet, plan.clone(), stored(rows), count).await?;
                    continue;
                }
                held.extend(stored(rows));
                if held.len() > MOST_SORTED {
                    return Err(StoreError::Limit(format!(
                        "orders can sort at most {MOST_SORTED} rows; choose a shorter time, or leave orders out"
                    )));
                }
            }
        }
    }
    if !held.is_empty() {
        let orders = plan.orders.clone();
        let sorted = tokio::task::spawn_blocking(move || {
            held.sort_by(|one, other| by_columns(&orders, one, other));
            held
        });
        let rows = sorted.await.map_err(StoreError::fault)?;
        (sheet, count) = write(sheet, plan, rows, count).await?;
    }
    let size = tokio::task::spawn_blocking(move || sheet.finish()).await.map_err(StoreError::fault)?;
    Ok((count, size.map_err(unwritable)?))
}

/// The values of rows that the store has read.
pub(super) fn stored(rows: Vec<Vec<Scalar>>) -> Vec<Vec<Value>> {
    rows.into_iter().map(|row| row.into_iter().map(Value::Stored).collect()).collect()
}

/// Writes rows on a thread for blocking work.
async fn write(mut sheet: Sheet, plan: Plan, rows: Vec<Vec<Value>>, before: u64) -> Result<(Sheet, u64), StoreError> {
    let written = tokio::task::spawn_blocking(move || {
        let mut count = before;
        for row in &rows {
            let values = plan.columns.iter().zip(row);
            let cells: Vec<Cell> = values.map(|(column, value)| cell::show(column.kind, value, &plan.zone)).collect();
            sheet.row(&cells)?;
            count += 1;
        }
        Ok((sheet, count))
    });
    written.await.map_err(StoreError::fault)?.map_err(unwritable)
}

/// Nothing goes first; equal rows stay as they came.
pub(super) fn by_columns(orders: &[(usize, bool)], one: &[Value], other: &[Value]) -> Ordering {
    let compared = orders.iter().map(|(column, descending)| {
        let ordering = match (one.get(*column), other.get(*column)) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        };
        if *descending { ordering.reverse() } else { ordering }
    });
    compared.fold(Ordering::Equal, Ordering::then)
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Figure(one), Value::Figure(other)) => one.cmp(other),
        (Value::Stored(Scalar::Int(one)), Value::Stored(Scalar::Int(other))) => one.cmp(other),
        (Value::Stored(Scalar::Text(one)), Value::Stored(Scalar::Text(other))) => one.cmp(other),
        _ => rank(one).cmp(&rank(other)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Stored(Scalar::Null) => 0,
        Value::Figure(_) | Value::Stored(Scalar::Int(_)) => 1,
        Value::Stored(Scalar::Text(_)) => 2,
    }
}
