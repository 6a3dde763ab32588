//! Segments: named groups of visitors, with expiry.

use super::{AdvertiserId, Checks, FieldError, Millis, Piggyback, SegmentId, State, pixel::check_piggybacks};

/// A segment's definition, under the published names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its number.
    pub id: SegmentId,
    /// At most 50 letters, digits, `_` and `-`; unique regardless of case.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub short_name: String,
    /// At most 500 characters.
    pub description: Option<String>,
    /// Whether it takes new members.
    pub state: State,
    /// Whose it is; null: for every advertiser.
    pub advertiser_id: Option<AdvertiserId>,
    /// How long a membership lasts, in minutes; null: 180 days; 0: not kept.
    pub expire_minutes: Option<u32>,
    /// Further pixels fired with it.
    pub piggyback_pixels: Vec<Piggyback>,
    /// Kept for clients that send it.
    pub max_usersync_pixels: Option<u32>,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
    pub last_modified: Millis,
}

impl Segment {
    /// An active segment for every advertiser.
    pub fn new(short_name: impl Into<String>) -> Self {
        Segment {
            id: SegmentId(0),
            code: None,
            short_name: short_name.into(),
            description: None,
            state: State::Active,
            advertiser_id: None,
            expire_minutes: None,
            piggyback_pixels: Vec::new(),
            max_usersync_pixels: None,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// Checks every rule that needs nothing but the segment itself.
    ///
    /// # Errors
    /// All the broken rules, each naming its published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("short_name", &self.short_name, 255);
        checks.text("description", self.description.as_deref().unwrap_or(""), 500);
        checks.code(self.code.as_deref(), 50);
        let plain = |code: &str| code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        checks.require(self.code.as_deref().is_none_or(plain), "code", || {
            format!("may hold only letters, digits, _ and -, and is {:?}", self.code.as_deref().unwrap_or(""))
        });
        check_piggybacks(&mut checks, &self.piggyback_pixels);
        checks.done()
    }
}
