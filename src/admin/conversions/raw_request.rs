//! A tracking request as it arrived, for an event's page and the live page. A site's developer looks here first.

use std::collections::HashMap;

use super::segment_changes;
use super::segment_changes::SegmentChange;
use crate::admin::text::format::Moment;
use crate::admin::text::warnings;
use crate::admin::visitors::page;
use crate::domain::{
    Adjustment, ClickIdValue, Exposure, Fire, Flags, Logged, Millis, Rejected, SegmentLoad, TagKind, VisitorId, Warning,
};

pub struct RequestView {
    pub facts: Vec<Fact>,
    /// When the request arrived, if it reports an earlier event.
    pub received: Option<Moment>,
    pub warnings: Vec<WarningRow>,
    /// The address, after the method unless that is GET.
    pub line: String,
    /// The body of a server's request; empty if the address holds everything.
    pub body: String,
}

/// A label with its text.
pub struct Fact {
    pub label: &'static str,
    pub text: String,
    /// Whether the page shows the text in code letters.
    pub code: bool,
    /// The address of a page with more; empty if there is none.
    pub link: String,
    /// The changes of segments, in place of a text.
    pub segments: Vec<SegmentChange>,
}

/// A parameter that broke a rule.
pub struct WarningRow {
    pub parameter: String,
    /// The parameter's text.
    pub raw: String,
    /// The rule, as the rest of a sentence.
    pub rule: String,
}

/// Collects facts, and leaves out empty ones.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, label: &'static str, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.0.push(Fact { label, text, code: false, link: String::new(), segments: Vec::new() });
        }
    }

    fn maybe(&mut self, label: &'static str, text: &Option<String>) {
        self.add(label, text.as_deref().unwrap_or_default());
    }

    fn segments(&mut self, segments: Vec<SegmentChange>) {
        if !segments.is_empty() {
            let (label, text, link) = ("Segments", String::new(), String::new());
            self.0.push(Fact { label, text, code: false, link, segments });
        }
    }

    fn visitor(&mut self, visitor: Option<VisitorId>) {
        match visitor {
            Some(id) => {
                let (text, link) = (id.to_string(), page::address(id));
                self.0.push(Fact { label: "Visitor", text, code: true, link, segments: Vec::new() });
            }
            None => self.add("Visitor", "unknown"),
        }
    }
}

impl RequestView {
    /// `segments` are the names of the segments that the event names, as far as the caller sees them.
    pub fn of_fire(fire: &Logged<Fire>, segments: &HashMap<i64, String>, now: Millis) -> Self {
        let mut facts = Facts::default();
        facts.add("Event", format!("{}, by {}", fire.seq, sender(fire.tag)));
        facts.visitor(fire.visitor_id);
        facts.maybe("Page", &fire.referer);
        facts.maybe("Order ID", &fire.order_id);
        facts.maybe("Event ID", &fire.event_id);
        facts.maybe("Other", &fire.other);
        let details = &fire.details;
        facts.segments(segment_changes::of_fire(fire, segments));
        facts.add("Platform click IDs", click_ids(&details.click_ids));
        facts.add("Articles", details.content_ids.join(", "));
        facts.add("Items", details.num_items.map(|items| items.to_string()).unwrap_or_default());
        facts.maybe("Reason code", &details.reason_code);
        facts.maybe("Reference", &details.reference_id);
        facts.maybe("Updates", &details.parent_reference_id);
        facts.maybe("Consent", &details.consent);
        facts.maybe("E-mail, hashed", &details.hashed_email);
        let token = if fire.exposure.is_some() { "with a click ID" } else { "" };
        facts.add("Marked", marks(fire.flags, token));
        facts.maybe("IP address", &fire.ip);
        facts.maybe("Browser", &fire.user_agent);
        RequestView {
            facts: facts.0,
            received: (fire.received != fire.at).then(|| Moment::exact(fire.received, now)),
            warnings: warnings(&fire.warnings),
            ..Self::to(path(fire.tag), &fire.query, matches!(fire.tag, TagKind::Server | TagKind::Import))
        }
    }

    pub fn of_exposure(exposure: &Logged<Exposure>, path: &str) -> Self {
        let mut facts = Facts::default();
        facts.add("Number", exposure.seq.to_string());
        facts.visitor(exposure.visitor_id);
        facts.maybe("Page", &exposure.referer);
        if let Some(arrival) = exposure.arrival.as_deref() {
            facts.maybe("Came from", &arrival.referrer_host);
            facts.add("Campaign", parameters(&arrival.parameters));
            facts.add("Platform click IDs", click_ids(&arrival.click_ids));
            facts.add("Click ID", arrival.named.map(|seq| format!("of ad view or click {seq}")).unwrap_or_default());
        }
        facts.add("Creative", exposure.creative_id.map(|id| id.to_string()).unwrap_or_default());
        facts.add("Media cost", exposure.ancost.map(|cost| cost.to_money()).unwrap_or_default());
        let token = if exposure.impression.is_some() { "with the ID of its ad view" } else { "" };
        facts.add("Marked", marks(exposure.flags, token));
        facts.maybe("IP address", &exposure.ip);
        facts.maybe("Browser", &exposure.user_agent);
        RequestView {
            facts: facts.0,
            warnings: warnings(&exposure.warnings),
            // An import keeps its line, which is an object.
            ..Self::to(path, &exposure.query, exposure.query.starts_with('{'))
        }
    }

    pub fn of_segment_load(load: &Logged<SegmentLoad>) -> Self {
        let mut facts = Facts::default();
        facts.add("Request", format!("{}, by {}", load.seq, sender(load.tag)));
        facts.visitor(load.visitor_id);
        facts.maybe("Page", &load.referer);
        facts.add("Marked", marks(load.flags, ""));
        facts.maybe("IP address", &load.ip);
        facts.maybe("Browser", &load.user_agent);
        let path = if load.tag == TagKind::Beacon { "POST /seg" } else { "/seg" };
        RequestView { facts: facts.0, warnings: warnings(&load.warnings), ..Self::to(path, &load.query, false) }
    }

    pub fn of_adjustment(adjustment: &Logged<Adjustment>) -> Self {
        let mut facts = Facts::default();
        facts.add("Number", adjustment.seq.to_string());
        facts.add("Pixel", adjustment.pixel_id.map(|id| id.to_string()).unwrap_or_default());
        facts.maybe("Reason code", &adjustment.reason_code);
        facts.add("Sent by", adjustment.source.clone());
        RequestView { facts: facts.0, ..Self::to("POST /adjustments", "", true) }
    }

    pub fn of_rejected(rejected: &Rejected) -> Self {
        let mut facts = Facts::default();
        facts.add("Reason", rejected.reason.clone());
        facts.add("Error", rejected.message.clone());
        facts.maybe("Page", &rejected.referer);
        facts.maybe("IP address", &rejected.ip);
        let path = match rejected.method.as_str() {
            "" | "GET" => rejected.path.clone(),
            method => format!("{method} {}", rejected.path),
        };
        let body = rejected.method == "POST" && matches!(rejected.path.as_str(), "/conversions" | "/adjustments");
        RequestView { facts: facts.0, ..Self::to(&path, &rejected.query, body) }
    }

    /// The title of the values that broke a rule.
    pub fn warned(&self) -> &'static str {
        if self.warnings.len() == 1 {
            "An invalid value was corrected or ignored"
        } else {
            "Invalid values were corrected or ignored"
        }
    }

    /// The request in short: `GET /px, 14 parameters`.
    pub fn summary(&self) -> String {
        let (path, query) = self.line.split_once('?').unwrap_or((&self.line, ""));
        let method = if path.starts_with('/') { "GET " } else { "" };
        match query.split('&').filter(|pair| !pair.is_empty()).count() {
            0 => format!("{method}{path}"),
            1 => format!("{method}{path}, 1 parameter"),
            many => format!("{method}{path}, {many} parameters"),
        }
    }

    /// A request to a path, with `text` as its body or as its query string.
    fn to(path: &str, text: &str, in_body: bool) -> Self {
        let (line, body) = match (in_body, text) {
            (true, _) => (path.to_owned(), text.to_owned()),
            (false, "") => (path.to_owned(), String::new()),
            (false, query) => (format!("{path}?{query}"), String::new()),
        };
        RequestView { facts: Vec::new(), received: None, warnings: Vec::new(), line, body }
    }
}

/// A page's host and path, without what may be long or private.
pub fn place(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(url) => format!("{}{}", url.host_str().unwrap_or_default(), url.path().trim_end_matches('/')),
        Err(_) => address.to_owned(),
    }
}

/// A page's path alone; of a home page its host.
pub fn page_path(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(url) if url.path().len() > 1 => url.path().to_owned(),
        _ => place(address),
    }
}

/// Click ids of ad platforms: `gclid Cj0KCQ, fbclid not kept`.
pub(super) fn click_ids(ids: &[ClickIdValue]) -> String {
    let text = |id: &ClickIdValue| format!("{} {}", id.name, id.value.as_deref().unwrap_or("not kept"));
    ids.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Campaign parameters: `utm_source google, utm_campaign autumn`.
fn parameters(parameters: &[(String, String)]) -> String {
    parameters.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}

pub(super) fn marks(flags: Flags, token: &str) -> String {
    let marks = [
        (flags.test, "test"),
        (flags.bot, "bot"),
        (flags.prefetch, "prefetch"),
        (flags.new_visitor, "no cookie sent"),
        (!token.is_empty(), token),
    ];
    marks.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

fn warnings(warnings: &[Warning]) -> Vec<WarningRow> {
    let row = |Warning { parameter, raw, rule, .. }: &Warning| WarningRow {
        parameter: parameter.clone(),
        raw: raw.clone(),
        rule: warnings::words(rule),
    };
    warnings.iter().map(row).collect()
}

/// The kind of sender: "the image tag", "the shop's server".
pub(super) fn sender(tag: TagKind) -> &'static str {
    match tag {
        TagKind::Image => "the image tag",
        TagKind::Script => "the script tag",
        TagKind::Beacon => "a script of the page",
        TagKind::Server => "the shop's server",
        TagKind::Postback => "a postback of the shop's server",
        TagKind::Invoca => "a tag with Invoca's address",
        TagKind::Import => "an import",
    }
}

/// The address that a tag of this kind requests.
fn path(tag: TagKind) -> &'static str {
    match tag {
        TagKind::Image | TagKind::Script => "/px",
        TagKind::Beacon => "POST /px",
        TagKind::Server => "POST /conversions",
        TagKind::Postback => "/sspx",
        TagKind::Invoca => "/pixels/conversion",
        TagKind::Import => "pixeld import",
    }
}
