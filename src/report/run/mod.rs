//! Runs a plan into a file: reads its rows in slices, and turns them into cells on threads for blocking work.

pub mod background;
mod points;
pub mod screen;
pub mod screen_rows;
pub mod screen_sums;

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use super::bounds::FileBounds;
use super::format::Sheet;
use super::format::cell;
use super::format::cell::{Cell, Value};
use super::format::file::ReportFile;
use super::request::sum_plan::SumPlan;
use super::request::{Plan, Work};
use super::{off_thread, unwritable};
use crate::domain::{Millis, Reader};
use crate::store::{ReportPlace, ReportQuery, Scalar, Store, StoreError, SumRow};
use background::ProgressCounter;

/// Rows read at a time.
const SLICE: u32 = 5_000;
/// The most rows that can be sorted otherwise than they come: memory holds them all.
const MOST_SORTED: usize = 1_000_000;

/// A file's size and the room on the disk are checked each time that so many rows are written.
const ROWS_BETWEEN_CHECKS: u64 = 1_000;

/// The rows of a query, slice by slice.
pub(super) struct Slices<'a> {
    store: &'a Store,
    by: &'a Reader,
    query: ReportQuery,
    now: Millis,
    progress: &'a ProgressCounter,
    place: Option<ReportPlace>,
    /// The time at the end of the first slice: progress counts from there.
    began: Option<Millis>,
    ended: bool,
}

impl<'a> Slices<'a> {
    pub(super) fn new(
        store: &'a Store,
        by: &'a Reader,
        query: ReportQuery,
        now: Millis,
        progress: &'a ProgressCounter,
    ) -> Self {
        Slices { store, by, query, now, progress, place: None, began: None, ended: false }
    }

    /// The next slice; none once all rows are read.
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

    /// By time, for rows that come in order of time.
    fn percent(&mut self) -> Option<u32> {
        let (_, to) = self.query.between?;
        let reached = self.place?.at();
        let began = *self.began.get_or_insert(reached);
        let way = to.min(self.now).since(began).max(1);
        u32::try_from(reached.since(began).saturating_mul(100) / way).ok()
    }
}

/// Writes the file `path`. Returns it with its rows and bytes.
pub(super) async fn run(
    store: &Store,
    by: &Reader,
    plan: Plan,
    path: PathBuf,
    bounds: FileBounds,
    progress: &ProgressCounter,
) -> Result<(ReportFile, u64, u64), StoreError> {
    let (work, now) = (plan.work.clone(), plan.now);
    let mut output = off_thread(move || Output::create(&path, plan, bounds)).await??;
    match work {
        Work::Sums(sums) => {
            let rows = sums.read(store, by).await?;
            output = off_thread(move || output.take_sums(&sums, rows)).await??;
        }
        Work::Scan(query) => {
            let mut slices = Slices::new(store, by, query, now, progress);
            while let Some(rows) = slices.next().await? {
                output = off_thread(move || output.take(stored(rows))).await??;
            }
        }
    }
    off_thread(move || output.finish()).await?
}

/// Rows on their way into a file. All of it blocks.
struct Output {
    plan: Plan,
    sheet: Sheet,
    file: ReportFile,
    bounds: FileBounds,
    /// Rows that wait to be sorted.
    held: Vec<Vec<Value>>,
    /// Rows that are written.
    count: u64,
}

impl Output {
    fn create(path: &Path, plan: Plan, bounds: FileBounds) -> Result<Self, StoreError> {
        let file = ReportFile::new(path);
        let names: Vec<&str> = plan.columns.iter().map(|column| column.name).collect();
        let sheet = Sheet::create(file.path(), plan.format, &names).map_err(unwritable)?;
        Ok(Output { plan, sheet, file, bounds, held: Vec::new(), count: 0 })
    }

    fn take_sums(self, sums: &SumPlan, mut rows: Vec<SumRow>) -> Result<Self, StoreError> {
        sums.keep_wanted(&mut rows);
        let cells = rows.iter().map(|row| sums.cells(&self.plan.columns, row)).collect();
        self.take(cells)
    }

    /// Writes rows that come in order; holds those that must be sorted first.
    fn take(mut self, rows: Vec<Vec<Value>>) -> Result<Self, StoreError> {
        if self.plan.orders.is_empty() {
            self.write(&rows)?;
            return Ok(self);
        }
        self.held.extend(rows);
        if self.held.len() > MOST_SORTED {
            return Err(StoreError::Limit(format!(
                "orders can sort at most {MOST_SORTED} rows; choose a shorter time, or leave orders out"
            )));
        }
        Ok(self)
    }

    fn write(&mut self, rows: &[Vec<Value>]) -> Result<(), StoreError> {
        for row in rows {
            if self.count.is_multiple_of(ROWS_BETWEEN_CHECKS) {
                self.bounds.check_room()?;
                self.bounds.check_size(self.sheet.size().map_err(unwritable)?)?;
            }
            let values = self.plan.columns.iter().zip(row);
            let cells: Vec<Cell> =
                values.map(|(column, value)| cell::show(column.kind, value, &self.plan.zone)).collect();
            self.sheet.row(&cells).map_err(unwritable)?;
            self.count += 1;
        }
        Ok(())
    }

    /// Writes the held rows, and gives the file its own name.
    fn finish(mut self) -> Result<(ReportFile, u64, u64), StoreError> {
        let mut held = std::mem::take(&mut self.held);
        held.sort_by(|one, other| by_columns(&self.plan.orders, one, other));
        self.write(&held)?;
        let size = self.sheet.finish().map_err(unwritable)?;
        self.bounds.check_size(size)?;
        self.file.finish().map_err(unwritable)?;
        Ok((self.file, self.count, size))
    }
}

/// The values of rows that the store has read.
pub(super) fn stored(rows: Vec<Vec<Scalar>>) -> Vec<Vec<Value>> {
    rows.into_iter().map(|row| row.into_iter().map(Value::Stored).collect()).collect()
}

/// Null sorts first; equal rows stay as they came.
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
