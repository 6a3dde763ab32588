//! The rule about the site tag.

use super::Found;
use super::facts::SiteTagFacts;
use super::words::roughly;
use crate::domain::Millis;

/// How long it may take until the tag is on a page, in milliseconds.
pub(super) const FIRST_LOAD_MS: i64 = Millis::HOUR;

pub(super) fn never_loaded(facts: &SiteTagFacts) -> Found {
    let SiteTagFacts { tag, now } = facts;
    let age = roughly(now.since(tag.waits_since));
    let text = format!("No page has loaded its site tag, {age} after its first source. Without it no arrival is seen.");
    Some((text, "Show the tag", format!("/admin/sources?advertiser_id={}", tag.advertiser_id)))
}
