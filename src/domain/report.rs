//! Reports that were run: what became of a request for one. What reports there are stands in `report`.

use super::{AdvertiserId, Millis, pixel::words};

words! {
    /// How far a report has come.
    ReportStatus {
        /// It waits for its turn.
        Pending = "pending",
        /// Its rows are being written.
        Processing = "processing",
        /// It can be downloaded.
        Ready = "ready",
        /// It failed, and says why.
        Error = "error",
    }
}

words! {
    /// The form in which a report's rows are written.
    ReportFormat {
        /// Separated by commas.
        Csv = "csv",
        /// Separated by tabs, as spreadsheets paste it.
        Excel = "excel",
        /// An Office Open XML workbook.
        Xlsx = "xlsx",
        /// An array of objects, one a row.
        Json = "json",
    }
}

/// A report that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRun {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The only advertiser that whoever ran it may see.
    pub advertiser_id: Option<AdvertiserId>,
    /// The request as it was sent.
    pub request: String,
    /// The form of its file.
    pub format: ReportFormat,
    /// How far it has come.
    pub status: ReportStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// Rows in its file, without the header.
    pub row_count: Option<u64>,
    /// Bytes of its file.
    pub report_size: Option<u64>,
    /// When it was asked for.
    pub created_on: Millis,
}
