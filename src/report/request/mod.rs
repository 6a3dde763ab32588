//! A request for a report as its sender wrote it, and the plan that a good request becomes.

mod check;
pub mod condition;
pub mod interval;
mod json;
pub mod sum_plan;

use jiff::tz::TimeZone;

use super::definition::Column;
use crate::domain::{Millis, ReportFormat, ReportRun, ReportStatus};
use crate::store::{ReportQuery, StoreError};
use condition::Condition;
use sum_plan::SumPlan;

/// The published names of formats.
pub const FORMATS: &[&str] = ReportFormat::WORDS;

/// A span of time: the first moment, and the first after.
pub(super) type Between = (Millis, Millis);

/// A column to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The column's name.
    pub column: String,
    /// Largest first.
    pub descending: bool,
}

/// A request for a report, as a user typed it or a script sent it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Which report.
    pub report_type: String,
    /// The owner's name for it; without one, the report type.
    pub name: Option<String>,
    /// The columns, in this order.
    pub columns: Vec<String>,
    /// Which rows are read or added up.
    pub filters: Vec<Condition>,
    /// Which sums the report keeps, by their figures.
    pub group_filters: Vec<Condition>,
    /// A named span of time.
    pub report_interval: Option<String>,
    /// Instead of `report_interval`: the first moment.
    pub start_date: Option<String>,
    /// The first moment after the span.
    pub end_date: Option<String>,
    /// The columns to sort by; none sorts by time.
    pub orders: Vec<Order>,
    /// An IANA time zone; UTC if left out.
    pub timezone: Option<String>,
    /// One of [`FORMATS`]; CSV if left out.
    pub format: Option<String>,
    /// The request as it came, to be shown again.
    pub as_sent: String,
}

/// A request that can be run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The rows.
    pub(super) work: Work,
    /// Their columns.
    pub(super) columns: Vec<&'static Column>,
    /// The indexes of the columns to sort by, and whether descending. None keeps the source's order.
    pub(super) orders: Vec<(usize, bool)>,
    /// The zone that moments are shown in.
    pub(super) zone: TimeZone,
    /// The form of the file.
    pub(super) format: ReportFormat,
    /// Remarks for the user, such as parameters without effect.
    pub(super) notes: Vec<String>,
    /// The time of the request.
    pub(super) now: Millis,
}

/// Where the rows come from.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// The store reads them one by one.
    Scan(ReportQuery),
    /// The store adds them up.
    Sums(SumPlan),
}

impl Request {
    /// The new run, which waits for its turn.
    pub(super) fn into_run(self, format: ReportFormat) -> Result<ReportRun, StoreError> {
        Ok(ReportRun {
            id: super::format::file::fresh_id()?,
            name: self.name.unwrap_or(self.report_type),
            advertiser_id: None,
            request: self.as_sent,
            format,
            status: ReportStatus::Pending,
            error: None,
            row_count: None,
            report_size: None,
            created_on: Millis(0),
        })
    }
}
