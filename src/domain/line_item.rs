//! The line item: the agreement with the advertiser. Which pixels count, and what a conversion is worth.

use super::{AdvertiserId, Checks, Currency, FieldError, LineItemId, Micros, Millis, PixelId, Status};

/// The most pixels a line item may hold (`LIMIT` beyond it).
pub const MAX_PIXELS_PER_LINE_ITEM: usize = 20;

/// A pixel's entry on a line item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItemPixel {
    /// The pixel, of the same advertiser.
    pub pixel_id: PixelId,
    /// An inactive entry earns no credit.
    pub state: Status,
    /// Static value of a post-click conversion; null: the pixel's own.
    pub post_click_revenue: Option<Micros>,
    /// Static value of a post-view conversion; null: the pixel's own.
    pub post_view_revenue: Option<Micros>,
}

/// A line item's definition, under the published names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// Its number.
    pub id: LineItemId,
    /// Whose it is; cannot change.
    pub advertiser_id: AdvertiserId,
    /// At most 100 characters, unique within the advertiser.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Exposures of an inactive line item earn no credit.
    pub state: Status,
    /// When its ads start to run. For the record: attribution goes by `state`, since windows outlive flights.
    pub start_date: Option<Millis>,
    /// When its ads stop running. For the record, like `start_date`.
    pub end_date: Option<Millis>,
    /// How the advertiser pays: `none`, `cpm`, `cpc`, `cpa` and so on; kept as given.
    pub revenue_type: Option<String>,
    /// How much the advertiser pays per unit of `revenue_type`.
    pub revenue_value: Option<Micros>,
    /// The currency of its static values; null: the advertiser's.
    pub currency: Option<Currency>,
    /// The pixels that count, at most 20, each once.
    pub pixels: Vec<LineItemPixel>,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
    pub last_modified: Millis,
}

impl LineItem {
    /// An active line item with nothing but a name.
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

    /// Checks every rule that needs nothing but the line item itself. The number of pixels is the store's to
    /// limit, since going over it is its own kind of error.
    ///
    /// # Errors
    /// All the broken rules, each naming its published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.text("revenue_type", self.revenue_type.as_deref().unwrap_or(""), 50);
        if let (Some(start), Some(end)) = (self.start_date, self.end_date) {
            checks.require(start <= end, "end_date", || format!("must not be before start_date, and is {end}"));
        }
        for (place, entry) in self.pixels.iter().enumerate() {
            let earlier = self.pixels.iter().take(place).any(|other| other.pixel_id == entry.pixel_id);
            checks.require(!earlier, &format!("pixels[{place}].id"), || {
                format!("must name each pixel once, and names {} again", entry.pixel_id)
            });
        }
        checks.done()
    }
}
