//! The facts of an event in three columns: the event itself, its credit and its pixel's settings, its browser and page.

use crate::admin::pixels::summary::PixelSettings;
use crate::admin::rows::conversion::{amount, refunded};
use crate::admin::shell::parts::Link;
use crate::admin::text::agent;
use crate::admin::text::format::money;
use crate::attribution::is_of_browser;
use crate::domain::{
    AdParameter, Conversion, ExposureKind, Flags, GoodClickId, Outcome, TagKind, Taken, TakenField, TriggerType,
};
use crate::judge::Explained;

use super::raw_request::{marks, sender};
use super::segment_changes::SegmentChange;

/// A label with its value.
pub struct EventFact {
    pub label: &'static str,
    pub text: String,
    /// The id and the name of a text with a copy button; empty for others.
    pub copy: (&'static str, &'static str),
    /// The address of a page with more; empty if there is none.
    pub link: String,
    /// The changes of segments, in place of a text.
    pub segments: Vec<SegmentChange>,
}

/// A column.
#[derive(Default)]
pub struct Facts(Vec<EventFact>);

/// The objects that a credit names, with their pages.
#[derive(Default)]
pub struct CreditNames {
    pub line_item: Option<Link>,
    pub placement: Option<Link>,
    pub campaign: Option<Link>,
    /// None for an ad that was imported, or that came with an arrival.
    pub tracker: Option<Link>,
    pub source: Option<Link>,
}

impl Facts {
    pub fn list(&self) -> &[EventFact] {
        &self.0
    }

    fn add(&mut self, label: &'static str, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.push(label, text, ("", ""), String::new());
        }
    }

    fn push(&mut self, label: &'static str, text: String, copy: (&'static str, &'static str), link: String) {
        self.0.push(EventFact { label, text, copy, link, segments: Vec::new() });
    }

    fn maybe(&mut self, label: &'static str, text: &Option<String>) {
        self.add(label, text.as_deref().unwrap_or_default());
    }

    fn copied(&mut self, label: &'static str, text: &Option<String>, copy: (&'static str, &'static str)) {
        if let Some(text) = text {
            self.push(label, text.clone(), copy, String::new());
        }
    }

    fn link(&mut self, label: &'static str, link: Option<&Link>) {
        if let Some(Link { address, name }) = link {
            self.push(label, name.clone(), ("", ""), address.clone());
        }
    }
}

/// The event itself.
pub fn of_event(explained: &Explained) -> Facts {
    let conversion = &explained.conversion;
    let (fire, details) = (&conversion.fire, &conversion.fire.details);
    let mut facts = Facts::default();
    facts.copied("Order ID", &conversion.order_id, ("order-id", "order ID"));
    facts.add("Order value", order_value(conversion));
    facts.add("Refunded", refund(conversion));
    facts.add("Payout", payout(explained));
    facts.copied("Event ID", &fire.event_id, ("event-id", "event ID"));
    facts.copied("Reference", &details.reference_id, ("reference-id", "reference ID"));
    facts.maybe("Updates", &details.parent_reference_id);
    facts.maybe("Other", &fire.other);
    facts.add("Articles", conversion.content_ids.join(", "));
    facts.add("Items", conversion.num_items.map(|items| items.to_string()).unwrap_or_default());
    facts.add("From duplicates", taken(&conversion.taken));
    facts.maybe("Reason code", &details.reason_code);
    facts.add("Recorded", format!("by {}", sender(fire.tag)));
    facts.copied("Number", &Some(fire.seq.to_string()), ("event-number", "event number"));
    facts
}

/// The credited ad, and the settings that decided.
pub fn of_credit(
    explained: &Explained,
    settings: &PixelSettings,
    pixel: &Link,
    credit: &CreditNames,
    click_ids: &[GoodClickId],
) -> Facts {
    let conversion = &explained.conversion;
    let mut facts = Facts::default();
    facts.link("Line item", credit.line_item.as_ref());
    facts.link("Placement", credit.placement.as_ref());
    facts.link("Campaign", credit.campaign.as_ref());
    facts.link("Tracker", credit.tracker.as_ref());
    match &credit.source {
        Some(Link { address, .. }) => facts.push("Source", source(explained), ("", ""), address.clone()),
        None => facts.add("Source", source(explained)),
    }
    let creative = conversion.credit.and_then(|credit| credit.creative_id);
    facts.add("Creative", creative.map(|id| id.to_string()).unwrap_or_default());
    facts.add("Click ID", if conversion.fire.exposure.is_some() { "sent, names one ad" } else { "" });
    for id in click_ids {
        let name = label(&id.name);
        facts.copied(name, &Some(id.value.clone()), (name, name));
    }
    facts.link("Pixel", Some(pixel));
    facts.add("Credit for", settings.trigger());
    facts.add("Windows", windows(settings));
    facts.add("Counts", settings.counts());
    let max_value = explained.pixel.max_value.map(|max| money(max.amount, max.currency));
    facts.add("Largest believable value", max_value.unwrap_or_default());
    facts.add("Pixel settings", format!("revision {}, in force then", conversion.pixel_version));
    facts
}

/// The source of the credited arrival, and what showed it: "Google Ads, by gclid".
fn source(explained: &Explained) -> String {
    let credited = explained.conversion.credit.and_then(|credit| explained.arrivals.get(&credit.exposure));
    let Some((row, (_, name))) = credited.and_then(|row| Some((row, row.source.as_ref()?))) else {
        return String::new();
    };
    match row.arrival.click_ids.first() {
        Some(id) => format!("{name}, by {}", id.name),
        None => name.clone(),
    }
}

/// The published name of a click id.
fn label(name: &str) -> &'static str {
    match AdParameter::of(name) {
        Some(AdParameter::ClickId(known)) => known.name,
        _ => "Ad click ID",
    }
}

/// The browser and the page.
pub fn of_browser(conversion: &Conversion, segments: Vec<SegmentChange>) -> Facts {
    let fire = &conversion.fire;
    let mut facts = Facts::default();
    facts.add("Browser", agent::with_version(fire.user_agent.as_deref().unwrap_or_default()));
    facts.add("Page", fire.referer.clone().unwrap_or_else(|| "not sent by the browser".to_owned()));
    match conversion.visitor_id {
        Some(id) => facts.copied("Visitor", &Some(id.to_string()), ("visitor-id", "visitor ID")),
        None => facts.add("Visitor", "unknown"),
    }
    if is_of_browser(fire.tag) && fire.visitor_id.is_some() {
        facts.add("Cookie", if fire.flags.new_visitor { "none sent by the browser" } else { "sent" });
    }
    facts.maybe("IP address", &fire.ip);
    facts.maybe("Consent", &fire.details.consent);
    facts.copied("E-mail, hashed", &fire.details.hashed_email, ("hashed-email", "hashed e-mail"));
    if !segments.is_empty() {
        let (label, text, link) = ("Segments", String::new(), String::new());
        facts.0.push(EventFact { label, text, copy: ("", ""), link, segments });
    }
    facts.add("Marked", marks(Flags { new_visitor: false, ..fire.flags }, ""));
    facts
}

/// How much of the value corrections took away; empty if none did.
fn refund(conversion: &Conversion) -> String {
    let now = conversion.current_value();
    match refunded(conversion.value, conversion.currency, now.value, now.currency) {
        Some(less) if !now.retracted => amount(Some(less), now.currency),
        _ => String::new(),
    }
}

/// The order value with its source, or why there is none.
fn order_value(conversion: &Conversion) -> String {
    let value = amount(conversion.value, conversion.currency);
    let taken = conversion.taken.iter().find(|taken| taken.field == TakenField::Value);
    let is_amount = |parameter: &str| matches!(parameter, "value" | "sale_amount" | "amount");
    match taken {
        Some(taken) => format!("{value}, from event {}", taken.from),
        None if conversion.fire.tag == TagKind::Server && !value.is_empty() => format!("{value}, from the server"),
        None if !value.is_empty() => format!("{value}, from the tag"),
        None if conversion.fire.warnings.iter().any(|warning| is_amount(&warning.parameter)) => {
            "none: the value sent was invalid".to_owned()
        }
        None => "none sent".to_owned(),
    }
}

fn taken(taken: &[Taken]) -> String {
    let word = |taken: &Taken| {
        let what = match taken.field {
            TakenField::Value => "order value",
            TakenField::OrderId => "order ID",
            TakenField::ContentIds => "articles",
            TakenField::NumItems => "number of items",
        };
        format!("{what} of event {}", taken.from)
    };
    taken.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// The payout with its source; empty for what is not credited.
fn payout(explained: &Explained) -> String {
    let Some(credit) = explained.conversion.credit else { return String::new() };
    let Some(value) = credit.static_value else { return "none set".to_owned() };
    let entry = explained.line_items.iter().find(|line_item| line_item.line_item_id == credit.line_item_id);
    let entry = entry.and_then(|rules| rules.entries.iter().find(|entry| entry.pixel_id == explained.pixel.pixel_id));
    let own = entry.and_then(|entry| match explained.conversion.outcome {
        Outcome::Attributed(ExposureKind::Click) => entry.post_click_revenue,
        _ => entry.post_view_revenue,
    });
    let source = if own.is_some() { "line item" } else { "pixel" };
    format!("{}, from the {source}", amount(Some(value), Some(credit.static_currency)))
}

fn windows(settings: &PixelSettings) -> String {
    let (click, view) = (settings.click_window, settings.view_window);
    match settings.trigger_type {
        TriggerType::Hybrid => format!("{click} after a click, {view} after a view"),
        TriggerType::Click => format!("{click} after a click"),
        TriggerType::View => format!("{view} after a view"),
    }
}
