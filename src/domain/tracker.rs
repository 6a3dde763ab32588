//! Impression and click trackers: tags that report an ad view or click that was served elsewhere.

use super::{AdvertiserId, Checks, FieldError, LineItemId, Millis, PublisherId, Status, TrackerId, pixel::words};

words! {
    /// What a tracker reports.
    TrackerKind {
        /// Ad views, by `/imptr`.
        Impression = "imptracker",
        /// Ad clicks, by `/clktr`.
        Click = "clicktracker",
    }
}

/// A tracker's definition, under the published names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracker {
    /// Its number; both kinds share one numbering.
    pub id: TrackerId,
    /// Impression or click; cannot change.
    pub kind: TrackerKind,
    /// At most 100 characters, unique within the advertiser and kind.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Whose it is; cannot change.
    pub advertiser_id: AdvertiserId,
    /// An inactive tracker records nothing; its clicks still reach their landing page.
    pub state: Status,
    /// Where the ad runs.
    pub publisher_id: PublisherId,
    /// The line item its exposures belong to, of the same advertiser.
    pub line_item_id: LineItemId,
    /// Click trackers: the landing page, an absolute http(s) URL of at most 2,000 characters; may hold macros.
    pub click_url: Option<String>,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
    pub last_modified: Millis,
}

impl Tracker {
    /// An active tracker.
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

    /// Checks every rule that needs nothing but the tracker itself.
    ///
    /// # Errors
    /// All the broken rules, each naming its published field.
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
