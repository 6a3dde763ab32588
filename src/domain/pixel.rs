//! The conversion pixel: trigger type, windows, repeat rule, values, piggybacks, and the rules of a valid one
//! (`spec/api.md`, *Pixel fields*; seed `001`).

use super::{AdvertiserId, Checks, FieldError, Micros, Millis, Minutes, PixelId};

/// The longest post-click window: 90 days.
pub const MAX_CLICK_WINDOW_MINS: u32 = 129_600;
/// The longest post-view window: 30 days.
pub const MAX_VIEW_WINDOW_MINS: u32 = 43_200;
/// The longest repeat interval: 32,767 minutes, some 22 days.
pub const MAX_REPEAT_MINS: u32 = 32_767;

/// A word from a closed list, with the text it is published and stored under.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every word's text, in order.
            pub const WORDS: &'static [&'static str] = &[$($text),+];

            /// The published text.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// Reads the published text, exactly.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(super) use words;

words! {
    /// Whether an object is in use.
    Status {
        /// In use.
        Active = "active",
        /// Kept, but not in use.
        Inactive = "inactive",
    }
}

words! {
    /// Which exposures may earn credit.
    TriggerType {
        /// Impressions only.
        View = "view",
        /// Clicks only.
        Click = "click",
        /// Both; any eligible click beats every impression.
        Hybrid = "hybrid",
    }
}

words! {
    /// How a piggyback is fired.
    PiggybackKind {
        /// As a script, from a script tag.
        Script = "js",
        /// As an image: by redirect from an image tag, by injection from a script tag.
        Image = "img",
    }
}

/// A further pixel that is fired by ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piggyback {
    /// Script or image.
    pub kind: PiggybackKind,
    /// An absolute http(s) URL of at most 255 characters; may hold macros such as `${ORDER_ID}`.
    pub url: String,
}

/// How often one visitor may convert: `min_minutes_per_conv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatRule {
    /// One per visitor, ever (null).
    Once,
    /// Every one (0).
    All,
    /// One per so many minutes.
    Every(Minutes),
}

impl RepeatRule {
    /// The rule as published, in `min_minutes_per_conv`.
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

/// The category of a conversion, 2 to 8 as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversionEvent(u8);

impl ConversionEvent {
    /// The published names, with what each means to a person.
    pub const ALL: [(u8, &'static str, &'static str); 7] = [
        (2, "LandingPage", "Visit landing page"),
        (3, "ItemView", "Item view"),
        (4, "AddToCart", "Add to cart"),
        (5, "InitiateCheckout", "Initiate checkout"),
        (6, "AddPaymentInfo", "Add payment info"),
        (7, "Purchase", "Purchase"),
        (8, "Lead", "Generate lead"),
    ];

    /// The category with this number, 2 to 8.
    pub fn new(id: i64) -> Option<Self> {
        u8::try_from(id).ok().filter(|id| (2..=8).contains(id)).map(ConversionEvent)
    }

    /// Its number.
    pub fn id(self) -> u8 {
        self.0
    }

    /// Its published name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(id, ..)| *id == self.0).map_or("", |(_, name, _)| name)
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|(id, ..)| *id == self.0).map_or("", |(.., label)| label)
    }
}

/// A conversion pixel's definition. The fields bear the published API's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixel {
    /// Its number.
    pub id: PixelId,
    /// Whose it is; cannot change.
    pub advertiser_id: AdvertiserId,
    /// At most 100 characters, unique within the advertiser.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// An inactive pixel's fires are logged, and never attributed.
    pub state: Status,
    /// Which exposures may earn credit.
    pub trigger_type: TriggerType,
    /// Null: one per visitor; 0: all; else one per so many minutes, at most 32,767.
    pub min_minutes_per_conv: Option<u32>,
    /// Minutes, 0 to 129,600; null or 0: the maximum.
    pub post_click_expire_mins: Option<u32>,
    /// Minutes, 0 to 43,200; null or 0: the maximum.
    pub post_view_expire_mins: Option<u32>,
    /// What a post-click conversion is worth where the line item does not say.
    pub post_click_value: Option<Micros>,
    /// What a post-view conversion is worth where the line item does not say.
    pub post_view_value: Option<Micros>,
    /// Further pixels fired by ours, in order; at most one image.
    pub piggyback_pixels: Vec<Piggyback>,
    /// The category.
    pub pixel_conversion_event: Option<ConversionEvent>,
    /// Ours: an order id that this pixel has already counted is not counted again.
    pub count_each_order_once: bool,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
    pub last_modified: Millis,
}

impl Pixel {
    /// A pixel as the published API makes one when only the name is given: trigger `click`, one per visitor,
    /// the longest windows.
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
            piggyback_pixels: Vec::new(),
            pixel_conversion_event: None,
            count_each_order_once: false,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// The repeat rule in force.
    pub fn repeat_rule(&self) -> RepeatRule {
        self.min_minutes_per_conv.into()
    }

    /// The post-click window in force.
    pub fn click_window(&self) -> Minutes {
        window(self.post_click_expire_mins, MAX_CLICK_WINDOW_MINS)
    }

    /// The post-view window in force.
    pub fn view_window(&self) -> Minutes {
        window(self.post_view_expire_mins, MAX_VIEW_WINDOW_MINS)
    }

    /// Whether only a script tag can carry its piggybacks: scripts among them, or more than one.
    pub fn needs_script_tag(&self) -> bool {
        needs_script_tag(&self.piggyback_pixels)
    }

    /// Checks every rule that needs nothing but the pixel itself.
    ///
    /// # Errors
    /// All the broken rules, each naming its published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        at_most(&mut checks, "min_minutes_per_conv", self.min_minutes_per_conv, MAX_REPEAT_MINS, "22 days");
        at_most(&mut checks, "post_click_expire_mins", self.post_click_expire_mins, MAX_CLICK_WINDOW_MINS, "90 days");
        at_most(&mut checks, "post_view_expire_mins", self.post_view_expire_mins, MAX_VIEW_WINDOW_MINS, "30 days");
        check_piggybacks(&mut checks, &self.piggyback_pixels);
        checks.done()
    }
}

/// Whether only a script tag can carry these, for pixels and segments alike.
pub(super) fn needs_script_tag(piggybacks: &[Piggyback]) -> bool {
    piggybacks.len() > 1 || piggybacks.iter().any(|piggyback| piggyback.kind == PiggybackKind::Script)
}

/// Checks a list of piggybacks, for pixels and segments alike.
pub(super) fn check_piggybacks(checks: &mut Checks, piggybacks: &[Piggyback]) {
    let images = piggybacks.iter().filter(|p| p.kind == PiggybackKind::Image).count();
    checks.require(images <= 1, "piggyback_pixels", || {
        format!("may hold at most one pixel of type img, and holds {images}")
    });
    for (place, piggyback) in piggybacks.iter().enumerate() {
        let field = format!("piggyback_pixels[{place}].url");
        checks.text(&field, &piggyback.url, 255);
        let parsed = url::Url::parse(&piggyback.url);
        let good = parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        checks.require(good, &field, || format!("must be an absolute http or https URL, and is {:?}", piggyback.url));
    }
}

/// The window in force: null and 0 both mean the longest.
pub(super) fn window(minutes: Option<u32>, longest: u32) -> Minutes {
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
        for given in [None, Some(0), Some(43_200)] {
            assert_eq!(window(given, MAX_VIEW_WINDOW_MINS), Minutes(43_200));
        }
        assert_eq!(window(Some(5), MAX_VIEW_WINDOW_MINS), Minutes(5));
    }
}
