//! What needs attention, before it costs a day: rules over facts, in one table, each with its name, its finding in words
//! and one act that helps. Pure but for `load`, which reads the facts.

pub mod facts;
mod line_items;
pub mod load;
mod pixels;
mod server;
mod site_tag;
mod trackers;
pub mod words;

pub use facts::{CookieFacts, Facts, LineItemFacts, PixelFacts, SiteTagFacts, TrackerFacts};
pub use pixels::is_overdue;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable name of the rule.
    pub rule: &'static str,
    /// Whether conversions are lost.
    pub danger: bool,
    /// What is wrong and what to do, in sentences.
    pub text: String,
    /// The label of the button.
    pub action: &'static str,
    /// The page that the button leads to.
    pub address: String,
}

impl Finding {
    /// Its weight in a list.
    pub fn kind(&self) -> &'static str {
        if self.danger { "bad" } else { "warn" }
    }
}

/// What a rule found: the text, the label of the button, its address.
pub type Found = Option<(String, &'static str, String)>;

/// A rule. One about other objects finds nothing.
pub struct Rule {
    /// The stable name, as the API publishes it.
    pub name: &'static str,
    /// Whether what it finds loses conversions.
    pub danger: bool,
    find: fn(&Facts) -> Found,
}

const fn rule(name: &'static str, danger: bool, find: fn(&Facts) -> Found) -> Rule {
    Rule { name, danger, find }
}

/// Every rule, the worst first.
pub const RULES: [Rule; 15] = [
    rule("silent", true, |facts| pixels::silent(facts.pixel()?)),
    rule("tags_only_here", true, |facts| server::tags_only_here(facts.server()?)),
    rule("tags_by_http", false, |facts| server::tags_by_http(facts.server()?)),
    rule("no_public_address", false, |facts| server::no_public_address(facts.server()?)),
    rule("none_credited_no_ad", false, |facts| line_items::none_credited(facts.line_item()?)),
    rule("none_credited", false, |facts| pixels::none_credited(facts.pixel()?)),
    rule("no_cookie", false, |facts| pixels::no_cookie(facts.pixel()?)),
    rule("private_visitors", false, |facts| pixels::private(facts.pixel()?)),
    rule("no_line_item", false, |facts| pixels::paused(facts.pixel()?)),
    rule("never_loaded", false, |facts| pixels::never(facts.pixel()?)),
    rule("many_warnings", false, |facts| pixels::many_warnings(facts.pixel()?)),
    rule("no_ad", false, |facts| line_items::no_ad(facts.line_item()?)),
    rule("site_tag_never_loaded", false, |facts| site_tag::never_loaded(facts.site_tag()?)),
    rule("never_reported", false, |facts| trackers::never_reported(facts.tracker()?)),
    rule("other_currency", false, |facts| server::other_currency(facts.advertiser()?)),
];

/// All that the rules find, the worst first.
pub fn findings(facts: &Facts) -> Vec<Finding> {
    let finding = |rule: &Rule| {
        let (text, action, address) = (rule.find)(facts)?;
        Some(Finding { rule: rule.name, danger: rule.danger, text, action, address })
    };
    RULES.iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests;
