//! Line items: agreements with an advertiser. A line item says which pixels count and how much a conversion is worth.

use std::collections::HashSet;

use crate::domain::{AdvertiserId, Checks, Currency, FieldError, LineItemId, Micros, Millis, PixelId, Status};

/// The most pixels that a line item may hold; one more is the API's error `LIMIT`.
pub const MAX_PIXELS_PER_LINE_ITEM: usize = 20;

/// A pixel on a line item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItemPixel {
    /// A pixel of the same advertiser.
    pub pixel_id: PixelId,
    /// An inactive entry earns no credit.
    pub state: Status,
    /// Value of a post-click conversion. None: the pixel's `post_click_value`.
    pub post_click_revenue: Option<Micros>,
    /// Value of a post-view conversion. None: the pixel's `post_view_value`.
    pub post_view_revenue: Option<Micros>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    pub id: LineItemId,
    /// Cannot change.
    pub advertiser_id: AdvertiserId,
    /// At most 100 characters, unique within the advertiser.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Exposures of an inactive line item earn no credit.
    pub state: Status,
    /// When its ads start to run. Attribution ignores it and goes by `state`, since windows outlast flights.
    pub start_date: Option<Millis>,
    /// When its ads stop running. Attribution ignores it too.
    pub end_date: Option<Millis>,
    /// How the advertiser pays, as the client writes it: `none`, `cpm`, `cpc`, `cpa`.
    pub revenue_type: Option<String>,
    /// How much the advertiser pays per unit of `revenue_type`.
    pub revenue_value: Option<Micros>,
    /// The currency of its revenues. None: the advertiser's.
    pub currency: Option<Currency>,
    /// At most 20, each once.
    pub pixels: Vec<LineItemPixel>,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl LineItem {
    pub fn new(advertiser_id: AdvertiserId, name: impl Into<String>) -> Self {
        LineItem {
            id: LineItemId(0),
            advertiser_id,
            code: None,
            name: name.into(),
            state: Status::Active,
            start_date: None,
            end_date: None,
            revenue_type: None,
            revenue_value: None,
            currency: None,
            pixels: Vec::new(),
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// The rules that need no other object. The store limits the number of pixels, since that is another kind of error.
    ///
    /// # Errors
    /// Every rule that it breaks, by published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.text("revenue_type", self.revenue_type.as_deref().unwrap_or(""), 50);
        if let (Some(start), Some(end)) = (self.start_date, self.end_date) {
            checks.require(start <= end, "end_date", || format!("must not be before start_date, and is {end}"));
        }
        let mut named = HashSet::new();
        for (index, entry) in self.pixels.iter().enumerate() {
            checks.require(named.insert(entry.pixel_id), &format!("pixels[{index}].id"), || {
                format!("must name each pixel once, and names {} again", entry.pixel_id)
            });
        }
        checks.done()
    }
}
