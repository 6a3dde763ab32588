//! Impression and click trackers: tags that report an ad view or click that was served elsewhere.

use crate::domain::values::words::words;
use crate::domain::{AdvertiserId, Checks, FieldError, LineItemId, Millis, PublisherId, Status, TrackerId};

words! {
    /// The kind of exposure that a tracker reports.
    TrackerKind {
        /// Ad views, by `/imptr`.
        Impression = "imptracker",
        /// Ad clicks, by `/clktr`.
        Click = "clicktracker",
    }
}

/// A tracker. Its fields have the published API's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracker {
    /// Both kinds share one numbering.
    pub id: TrackerId,
    /// Cannot change.
    pub kind: TrackerKind,
    /// At most 100 characters, unique within the advertiser and kind.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Cannot change.
    pub advertiser_id: AdvertiserId,
    /// An inactive tracker records nothing. Its clicks still reach their landing page.
    pub state: Status,
    /// Where the ad runs.
    pub publisher_id: PublisherId,
    /// The line item of its exposures, of the same advertiser.
    pub line_item_id: LineItemId,
    /// The landing page of a click tracker: an absolute http(s) URL of at most 2,000 characters. It may hold macros.
    pub click_url: Option<String>,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl Tracker {
    pub fn new(
        kind: TrackerKind,
        advertiser_id: AdvertiserId,
        line_item_id: LineItemId,
        publisher_id: PublisherId,
        name: impl Into<String>,
    ) -> Self {
        Tracker {
            id: TrackerId(0),
            kind,
            code: None,
            name: name.into(),
            advertiser_id,
            state: Status::Active,
            publisher_id,
            line_item_id,
            click_url: None,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// The rules that need no other object.
    ///
    /// # Errors
    /// Every rule that it breaks, by published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        if let Some(click_url) = &self.click_url {
            checks
                .require(self.kind == TrackerKind::Click, "click_url", || "belongs to click trackers only".to_owned());
            checks.text("click_url", click_url, 2000);
            let parsed = url::Url::parse(click_url);
            let good = parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            checks
                .require(good, "click_url", || format!("must be an absolute http or https URL, and is {click_url:?}"));
        }
        checks.done()
    }
}
