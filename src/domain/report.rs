//! Reports that were run: what became of a request for one. What reports there are stands in `report`.

use super::{AdvertiserId, Checks, FieldError, Millis, SavedReportId, words::words};

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

/// A report's definition that somebody gave a name, to be run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedReport {
    /// Its number.
    pub id: SavedReportId,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// The advertiser that it is about; none: about all, so that who is limited to one does not see it.
    pub advertiser_id: Option<AdvertiserId>,
    /// The name of who made it, as it was then.
    pub owner: String,
    /// What to run, as the query string of the page's address; at most 8,000 characters.
    pub definition: String,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
    pub last_modified: Millis,
}

impl SavedReport {
    /// A new one.
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

    /// Checks every rule that needs nothing but the saved report itself.
    ///
    /// # Errors
    /// All the broken rules, each naming its field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.text("definition", &self.definition, 8_000);
        checks.done()
    }
}
