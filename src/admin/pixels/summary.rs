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
    /// What it counts: `every event, each order once`.
    pub fn counts(&self) -> String {
        let how_often = match self.repeat {
            RepeatRule::Once => "one event per visitor".to_owned(),
            RepeatRule::All => "every event".to_owned(),
            RepeatRule::Every(minutes) => format!("a visitor's next event after {minutes}"),
        };
        format!("{how_often}{}", if self.once_an_order { ", each order once" } else { "" })
    }

    /// Who gets credit: `the last ad click of 14 days, otherwise the last ad view of 1 day`.
    pub fn credits(&self) -> String {
        let (click, view) = (self.click_window, self.view_window);
        match self.trigger_type {
            TriggerType::Hybrid => format!("the last ad click of {click}, otherwise the last ad view of {view}"),
            TriggerType::Click => format!("the last ad click of {click}"),
            TriggerType::View => format!("the last ad view of {view}"),
        }
    }

    /// `clicks and views`.
    pub fn trigger(&self) -> &'static str {
        match self.trigger_type {
            TriggerType::Hybrid => "clicks and views",
            TriggerType::Click => "clicks only",
            TriggerType::View => "views only",
        }
    }
}

/// The pixel's own payout; empty if it has none.
pub fn worth(pixel: &Pixel, currency: Currency) -> String {
    let text = |value: Micros| money(value, currency);
    match (pixel.post_click_value.map(text), pixel.post_view_value.map(text)) {
        (None, None) => String::new(),
        (Some(click), None) => format!("{click} after a click, unless the line item has its own"),
        (None, Some(view)) => format!("{view} after a view, unless the line item has its own"),
        (Some(click), Some(view)) => {
            format!("{click} after a click and {view} after a view, unless the line item has its own")
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
        assert_eq!(text(&pixel), "one event per visitor; the last ad click of 90 days");
        pixel.trigger_type = TriggerType::Hybrid;
        (pixel.post_click_expire_mins, pixel.post_view_expire_mins) = (Some(14 * 1440), Some(1440));
        (pixel.min_minutes_per_conv, pixel.count_each_order_once) = (Some(0), true);
        assert_eq!(
            text(&pixel),
            "every event, each order once; the last ad click of 14 days, otherwise the last ad view of 1 day"
        );
        (pixel.min_minutes_per_conv, pixel.trigger_type) = (Some(90), TriggerType::View);
        assert_eq!(text(&pixel), "a visitor's next event after 90 minutes, each order once; the last ad view of 1 day");
        pixel.post_view_value = Some(Micros(4_000_000));
        assert_eq!(worth(&pixel, Currency::USD), "4.00 USD after a view, unless the line item has its own");
    }
}
