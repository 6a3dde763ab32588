//! The conversion pixel: its trigger type, windows, repeat rule and values, and the rules of a valid pixel.

use super::piggyback;
use crate::domain::values::words::words;
use crate::domain::{
    AdvertiserId, Checks, FieldError, ListLength, Micros, Millis, Minutes, Piggyback, PixelId, Status,
};

/// The longest post-click window: 90 days.
pub const MAX_CLICK_WINDOW_MINS: u32 = 129_600;
/// The longest post-view window: 30 days.
pub const MAX_VIEW_WINDOW_MINS: u32 = 43_200;
/// The longest repeat interval: 32,767 minutes, some 22 days.
pub const MAX_REPEAT_MINS: u32 = 32_767;

words! {
    /// Which exposures may earn credit.
    TriggerType {
        /// Impressions only.
        View = "view",
        /// Clicks only.
        Click = "click",
        /// Both. Any eligible click beats every impression.
        Hybrid = "hybrid",
    }
}

/// How often one visitor may convert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatRule {
    /// One conversion per visitor, ever.
    Once,
    /// Every conversion.
    All,
    /// One conversion in this time.
    Every(Minutes),
}

impl RepeatRule {
    /// The published form: null for once, 0 for all.
    pub fn min_minutes_per_conv(self) -> Option<u32> {
        match self {
            RepeatRule::Once => None,
            RepeatRule::All => Some(0),
            RepeatRule::Every(Minutes(minutes)) => Some(minutes),
        }
    }
}

impl From<Option<u32>> for RepeatRule {
    fn from(min_minutes_per_conv: Option<u32>) -> Self {
        match min_minutes_per_conv {
            None => RepeatRule::Once,
            Some(0) => RepeatRule::All,
            Some(minutes) => RepeatRule::Every(Minutes(minutes)),
        }
    }
}

/// The category of a conversion, by its published number from 2 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConversionEvent(u8);

impl ConversionEvent {
    /// Number, published name, and label for people.
    pub const ALL: [(u8, &'static str, &'static str); 7] = [
        (2, "LandingPage", "Visit landing page"),
        (3, "ItemView", "Item view"),
        (4, "AddToCart", "Add to cart"),
        (5, "InitiateCheckout", "Initiate checkout"),
        (6, "AddPaymentInfo", "Add payment info"),
        (7, "Purchase", "Purchase"),
        (8, "Lead", "Generate lead"),
    ];

    /// None if no category has this number.
    pub fn new(id: i64) -> Option<Self> {
        u8::try_from(id).ok().filter(|id| (2..=8).contains(id)).map(ConversionEvent)
    }

    pub fn id(self) -> u8 {
        self.0
    }

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(id, ..)| *id == self.0).map_or("", |(_, name, _)| name)
    }

    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|(id, ..)| *id == self.0).map_or("", |(.., label)| label)
    }
}

/// A conversion pixel. Its fields have the published API's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixel {
    pub id: PixelId,
    /// Cannot change.
    pub advertiser_id: AdvertiserId,
    /// At most 100 characters, unique within the advertiser.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Fires of an inactive pixel are logged and never attributed.
    pub state: Status,
    /// Which exposures may earn credit.
    pub trigger_type: TriggerType,
    /// None: one conversion per visitor. 0: every conversion. N: one in N minutes, at most 32,767.
    pub min_minutes_per_conv: Option<u32>,
    /// Minutes, 0 to 129,600. None or 0: the maximum.
    pub post_click_expire_mins: Option<u32>,
    /// Minutes, 0 to 43,200. None or 0: the maximum.
    pub post_view_expire_mins: Option<u32>,
    /// Value of a post-click conversion if the line item names none.
    pub post_click_value: Option<Micros>,
    /// Value of a post-view conversion if the line item names none.
    pub post_view_value: Option<Micros>,
    /// The largest believable value of one fire, in the advertiser's currency. None: no bound. The published API has no
    /// such field.
    pub max_value: Option<Micros>,
    /// In order, at most one image.
    pub piggyback_pixels: Vec<Piggyback>,
    pub pixel_conversion_event: Option<ConversionEvent>,
    /// Counts an order id once for this pixel. The published API has no such field.
    pub count_each_order_once: bool,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl Pixel {
    /// A pixel with the published defaults: trigger `click`, one conversion per visitor, the longest windows.
    pub fn new(advertiser_id: AdvertiserId, name: impl Into<String>) -> Self {
        Pixel {
            id: PixelId(0),
            advertiser_id,
            code: None,
            name: name.into(),
            state: Status::Active,
            trigger_type: TriggerType::Click,
            min_minutes_per_conv: None,
            post_click_expire_mins: None,
            post_view_expire_mins: None,
            post_click_value: None,
            post_view_value: None,
            max_value: None,
            piggyback_pixels: Vec::new(),
            pixel_conversion_event: None,
            count_each_order_once: false,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    pub fn repeat_rule(&self) -> RepeatRule {
        self.min_minutes_per_conv.into()
    }

    pub fn click_window(&self) -> Minutes {
        window(self.post_click_expire_mins, MAX_CLICK_WINDOW_MINS)
    }

    pub fn view_window(&self) -> Minutes {
        window(self.post_view_expire_mins, MAX_VIEW_WINDOW_MINS)
    }

    /// Whether only a script tag can carry its piggybacks.
    pub fn needs_script_tag(&self) -> bool {
        piggyback::needs_script_tag(&self.piggyback_pixels)
    }

    /// How many piggybacks it has.
    pub fn list_length(&self) -> ListLength {
        piggyback::list_length(&self.piggyback_pixels)
    }

    /// The rules that need no other object.
    ///
    /// # Errors
    /// Every rule that it breaks, by published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        at_most(&mut checks, "min_minutes_per_conv", self.min_minutes_per_conv, MAX_REPEAT_MINS, "22 days");
        at_most(&mut checks, "post_click_expire_mins", self.post_click_expire_mins, MAX_CLICK_WINDOW_MINS, "90 days");
        at_most(&mut checks, "post_view_expire_mins", self.post_view_expire_mins, MAX_VIEW_WINDOW_MINS, "30 days");
        piggyback::check(&mut checks, &self.piggyback_pixels);
        checks.done()
    }
}

/// A window, at most the longest. None and 0 mean the longest.
pub(in crate::domain) fn window(minutes: Option<u32>, longest: u32) -> Minutes {
    Minutes(minutes.filter(|m| *m > 0).unwrap_or(longest).min(longest))
}

fn at_most(checks: &mut Checks, field: &str, value: Option<u32>, max: u32, words: &str) {
    if let Some(value) = value {
        checks.require(value <= max, field, || format!("must be from 0 to {max} minutes ({words}), and is {value}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PiggybackKind;

    fn broken(change: impl FnOnce(&mut Pixel)) -> Vec<String> {
        let mut pixel = Pixel::new(AdvertiserId(1), "Sale");
        change(&mut pixel);
        pixel.check().err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_smallest_pixel_is_valid() {
        assert_eq!(broken(|_| ()), Vec::<String>::new());
    }

    #[test]
    fn every_rule_names_its_field() {
        assert_eq!(broken(|p| p.name = " ".into()), ["name is required and must not be blank"]);
        assert_eq!(broken(|p| p.name = "é".repeat(256)), ["name must be at most 255 characters, and has 256"]);
        assert_eq!(
            broken(|p| p.post_view_expire_mins = Some(43_201)),
            ["post_view_expire_mins must be from 0 to 43200 minutes (30 days), and is 43201"]
        );
        let image = Piggyback { kind: PiggybackKind::Image, url: "https://a.example/p".into() };
        assert_eq!(
            broken(|p| p.piggyback_pixels = vec![image.clone(), image.clone()]),
            ["piggyback_pixels may hold at most one pixel of type img, and holds 2"]
        );
        for bad in ["javascript:alert(1)", "//a.example/p", "a.example", "ftp://a.example/", ""] {
            let piggyback = Piggyback { kind: PiggybackKind::Script, url: bad.into() };
            assert_eq!(broken(|p| p.piggyback_pixels = vec![piggyback]).len(), 1, "{bad}");
        }
    }

    #[test]
    fn null_and_zero_windows_are_the_longest() {
        for minutes in [None, Some(0), Some(43_200)] {
            assert_eq!(window(minutes, MAX_VIEW_WINDOW_MINS), Minutes(43_200));
        }
        assert_eq!(window(Some(5), MAX_VIEW_WINDOW_MINS), Minutes(5));
    }
}
