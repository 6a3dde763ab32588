//! Runs of reports, and saved reports. The module `report` defines the types of reports.

use super::values::words::words;
use super::{AdvertiserId, Checks, FieldError, Millis, SavedReportId};

words! {
    /// The progress of a run.
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
    /// The format of a report's file.
    ReportFormat {
        /// Separated by commas.
        Csv = "csv",
        /// Separated by tabs, with a byte order mark, for Excel.
        Excel = "excel",
        /// An Office Open XML workbook.
        Xlsx = "xlsx",
        /// An array of objects, one a row.
        Json = "json",
    }
}

/// A request for a report, and its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRun {
    /// 32 hexadecimal digits.
    pub id: String,
    pub name: String,
    /// The advertiser that its user or token is limited to.
    pub advertiser_id: Option<AdvertiserId>,
    /// JSON, as the client sent it.
    pub request: String,
    pub format: ReportFormat,
    pub status: ReportStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// Without the header.
    pub row_count: Option<u64>,
    /// Bytes.
    pub report_size: Option<u64>,
    pub created_on: Millis,
}

/// A named definition of a report, to run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedReport {
    pub id: SavedReportId,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// The advertiser that it is about. None: about all, which users limited to one advertiser cannot see.
    pub advertiser_id: Option<AdvertiserId>,
    /// The name of the user or token that created it, at that time.
    pub owner: String,
    /// The query string of the report page's address, at most 8,000 characters.
    pub definition: String,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl SavedReport {
    pub fn new(name: impl Into<String>, owner: impl Into<String>, definition: impl Into<String>) -> Self {
        SavedReport {
            id: SavedReportId(0),
            name: name.into(),
            advertiser_id: None,
            owner: owner.into(),
            definition: definition.into(),
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// The rules that need no other object.
    ///
    /// # Errors
    /// Every rule that it breaks, by field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.text("definition", &self.definition, 8_000);
        checks.done()
    }
}
