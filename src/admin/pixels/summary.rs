//! A pixel's settings as sentences. Pure.

use crate::domain::{Currency, Micros, Minutes, Pixel, PixelRules, RepeatRule, TriggerType};

use crate::admin::text::format::money;

/// The settings of a pixel, or of an earlier version of it.
pub struct PixelSettings {
    pub trigger_type: TriggerType,
    pub click_window: Minutes,
    pub view_window: Minutes,
    pub repeat: RepeatRule,
    pub once_an_order: bool,
}

impl From<&Pixel> for PixelSettings {
    fn from(pixel: &Pixel) -> Self {
        PixelSettings {
            trigger_type: pixel.trigger_type,
            click_window: pixel.click_window(),
            view_window: pixel.view_window(),
            repeat: pixel.repeat_rule(),
            once_an_order: pixel.count_each_order_once,
        }
    }
}

impl From<&PixelRules> for PixelSettings {
    fn from(rules: &PixelRules) -> Self {
        PixelSettings {
            trigger_type: rules.trigger_type,
            click_window: rules.click_window,
            view_window: rules.view_window,
            repeat: rules.repeat,
            once_an_order: rules.count_each_order_once,
        }
    }
}

impl PixelSettings {
    /// The conversions that count: `every conversion, each order once`.
    pub fn counts(&self) -> String {
        let how_often = match self.repeat {
            RepeatRule::Once => "one conversion per visitor".to_owned(),
            RepeatRule::All => "every conversion".to_owned(),
            RepeatRule::Every(minutes) => format!("a visitor's next conversion after {minutes}"),
        };
        format!("{how_often}{}", if self.once_an_order { ", each order once" } else { "" })
    }

    /// The exposures that earn credit: `a click up to 14 days before, else a view up to 1 day before`.
    pub fn credits(&self) -> String {
        let (click, view) = (self.click_window, self.view_window);
        match self.trigger_type {
            TriggerType::Hybrid => format!("a click up to {click} before, else a view up to {view} before"),
            TriggerType::Click => format!("a click up to {click} before"),
            TriggerType::View => format!("a view up to {view} before"),
        }
    }

    /// `hybrid: clicks and views`.
    pub fn trigger(&self) -> &'static str {
        match self.trigger_type {
            TriggerType::Hybrid => "hybrid: clicks and views",
            TriggerType::Click => "click: clicks only",
            TriggerType::View => "view: views only",
        }
    }
}

/// The pixel's own static values, in a sentence.
pub fn worth(pixel: &Pixel, currency: Currency) -> String {
    let text = |value: Micros| money(value, currency);
    match (pixel.post_click_value.map(text), pixel.post_view_value.map(text)) {
        (None, None) => "It has no value of its own: what a conversion is worth, the line item says.".to_owned(),
        (Some(click), None) => format!("Worth {click} after a click, unless the line item says otherwise."),
        (None, Some(view)) => format!("Worth {view} after a view, unless the line item says otherwise."),
        (Some(click), Some(view)) => {
            format!("Worth {click} after a click and {view} after a view, unless the line item says otherwise.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AdvertiserId;

    #[test]
    fn settings_read_as_sentences() {
        let mut pixel = Pixel::new(AdvertiserId(1), "Sale");
        let text = |pixel: &Pixel| {
            format!("{}; {}", PixelSettings::from(pixel).counts(), PixelSettings::from(pixel).credits())
        };
        assert_eq!(text(&pixel), "one conversion per visitor; a click up to 90 days before");
        pixel.trigger_type = TriggerType::Hybrid;
        (pixel.post_click_expire_mins, pixel.post_view_expire_mins) = (Some(14 * 1440), Some(1440));
        (pixel.min_minutes_per_conv, pixel.count_each_order_once) = (Some(0), true);
        assert_eq!(
            text(&pixel),
            "every conversion, each order once; a click up to 14 days before, else a view up to 1 day before"
        );
        (pixel.min_minutes_per_conv, pixel.trigger_type) = (Some(90), TriggerType::View);
        assert_eq!(
            text(&pixel),
            "a visitor's next conversion after 90 minutes, each order once; a view up to 1 day before"
        );
        pixel.post_view_value = Some(Micros(4_000_000));
        assert_eq!(worth(&pixel, Currency::USD), "Worth 4.00 USD after a view, unless the line item says otherwise.");
    }
}
