//! The rules about line items to which no ad reports.

use super::Found;
use super::facts::LineItemFacts;
use super::words::{plural, roughly};
use crate::domain::Millis;

/// How long it may take until a new line item has an ad, in milliseconds.
const FIRST_AD_MS: i64 = Millis::HOUR;

pub(super) fn none_credited(facts: &LineItemFacts) -> Found {
    (facts.uncredited > 0).then(|| {
        let events = plural(facts.uncredited, "event");
        let text = format!("{events} in 7 days, none credited: no ad reports to this line item yet.");
        (text, "Create an ad", new_ad(facts))
    })
}

pub(super) fn no_ad(facts: &LineItemFacts) -> Found {
    let age = facts.now.since(facts.line_item.created_on);
    (facts.uncredited == 0 && age > FIRST_AD_MS).then(|| {
        let text = format!("No ad reports to this line item yet, {} after it was created.", roughly(age));
        (text, "Create an ad", new_ad(facts))
    })
}

fn new_ad(facts: &LineItemFacts) -> String {
    format!("/admin/ads/new?line_item_id={}", facts.line_item.id)
}
