//! Runs a plan: reads its rows in slices, shows them, and writes them to a file.

use std::cmp::Ordering;
use std::path::Path;

use super::cell::{self, Cell};
use super::request::{Plan, Work};
use super::sheet::Sheet;
use super::unwritable;
use crate::domain::Reader;
use crate::store::{Scalar, Store, StoreError};

/// Rows read at a time.
const SLICE: u32 = 5_000;
/// The most rows that are sorted otherwise than they come: they must all be held in memory.
const MOST_SORTED: usize = 1_000_000;

/// Writes the file; answers how many rows and bytes it has.
pub(super) async fn run(store: &Store, by: &Reader, plan: Plan, path: &Path) -> Result<(u64, u64), StoreError> {
    let names: Vec<&str> = plan.columns.iter().map(|column| column.name).collect();
    let mut sheet = Sheet::create(path, plan.format, &names).map_err(unwritable)?;
    let (mut count, mut held) = (0, Vec::new());
    match &plan.work {
        Work::Sums(sums) => held = sums.rows(store, by, &plan.columns).await?,
        Work::Scan(query) => {
            let mut place = None;
            loop {
                let (rows, next) = store.report_rows(by, query.clone(), place, SLICE).await?;
                if plan.orders.is_empty() {
                    (sheet, count) = write(sheet, plan.clone(), rows, count).await?;
                } else {
                    held.extend(rows);
                    if held.len() > MOST_SORTED {
                        return Err(StoreError::Limit(format!(
                            "orders can sort at most {MOST_SORTED} rows; choose a shorter time, or leave orders out"
                        )));
                    }
                }
                place = next;
                if place.is_none() {
                    break;
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

/// Writes rows on a thread for blocking work.
async fn write(mut sheet: Sheet, plan: Plan, rows: Vec<Vec<Scalar>>, before: u64) -> Result<(Sheet, u64), StoreError> {
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
fn by_columns(orders: &[(usize, bool)], one: &[Scalar], other: &[Scalar]) -> Ordering {
    let compared = orders.iter().map(|(column, descending)| {
        let ordering = match (one.get(*column), other.get(*column)) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        };
        if *descending { ordering.reverse() } else { ordering }
    });
    compared.fold(Ordering::Equal, Ordering::then)
}

fn compare(one: &Scalar, other: &Scalar) -> Ordering {
    match (one, other) {
        (Scalar::Int(one), Scalar::Int(other)) => one.cmp(other),
        (Scalar::Text(one), Scalar::Text(other)) => one.cmp(other),
        _ => rank(one).cmp(&rank(other)),
    }
}

fn rank(scalar: &Scalar) -> u8 {
    match scalar {
        Scalar::Null => 0,
        Scalar::Int(_) => 1,
        Scalar::Text(_) => 2,
    }
}
