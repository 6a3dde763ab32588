//! The terms of the pages, each in two sentences: for the ? beside a term, and the glossary of the help pages.

/// A term with its meaning.
pub struct Term {
    pub name: &'static str,
    /// Further labels that the pages give it, besides its plural.
    labels: &'static [&'static str],
    pub meaning: &'static str,
}

const fn term(name: &'static str, labels: &'static [&'static str], meaning: &'static str) -> Term {
    Term { name, labels, meaning }
}

/// In the order of the alphabet.
pub const TERMS: &[Term] = &[
    term("Ad", &[], "A link and a tag for one advertisement. The link records clicks, the tag records views."),
    term("Ad click", &["Click", "Clicks"], "A click on an ad, as a click tracker reported it. It can earn credit."),
    term(
        "Ad view",
        &["Ad views and clicks"],
        "An ad that a browser showed, as a view tracker reported it. It can earn credit.",
    ),
    term(
        "Advertiser",
        &[],
        "The shop or brand whose website carries the pixels. Pixels, line items and reports belong to it.",
    ),
    term(
        "Arrival",
        &["Arrivals"],
        "An ad click that the site tag saw on the landing page. It counts like a click on a tracker's link.",
    ),
    term(
        "Attribution",
        &[],
        "How pixeld decides which ad gets the credit for an event. It compares the event with earlier ad clicks and views.",
    ),
    term(
        "Attribution window",
        &["Windows"],
        "How long before a sale an ad click or view may be to earn credit. Older ones are not considered.",
    ),
    term("Campaign", &[], "A part of a line item. Reports can be split by campaign."),
    term(
        "Click ID",
        &[],
        "A code in an ad's link, by the ad platform or by pixeld. It tells which click led to a sale.",
    ),
    term(
        "Conversion",
        &[],
        "An event that is credited to an ad click or view. Other events are recorded, and count for no ad.",
    ),
    term(
        "Cookie",
        &["Without a cookie", "Cookie pxid"],
        "A random number that a browser keeps and sends. A first visit has none, and some browsers block it.",
    ),
    term(
        "Correction",
        &[],
        "A later change of an event, such as a refund or a cancelled order. Reports then use the new amount.",
    ),
    term(
        "Credit for",
        &[],
        "Which ads may earn credit: clicks and views, clicks only, or views only. A click wins over any view.",
    ),
    term("Credited", &[], "An ad click or view earned the event. Every credited event is a conversion."),
    term(
        "Event",
        &[],
        "One call of a pixel's tag, such as a purchase. pixeld records each event, and decides whether an ad gets credit.",
    ),
    term(
        "Extra pixel",
        &[],
        "Another pixel that ours loads with it, such as one of an ad network. It loads only for real events.",
    ),
    term("Ignored", &[], "The event is recorded, and counts for nothing. Duplicates, tests and bots are ignored."),
    term("Impression", &[], "One ad view that a view tracker reported. Figures and reports use this word."),
    term(
        "Line item",
        &["Line items using it"],
        "A group of ads that is credited together. It says which pixels count and what a conversion is worth.",
    ),
    term("Not credited", &[], "The event is recorded, and no ad earned it. The page of the event says why."),
    term(
        "Order ID",
        &[],
        "The shop's own number of an order. pixeld counts each order once, however often its tag loads.",
    ),
    term(
        "Order value",
        &[],
        "What the customer paid, as the tag or the shop's server sent it. Corrections can change it later.",
    ),
    term("Organisation", &[], "The company that runs this server. All advertisers and users belong to it."),
    term(
        "Outcome",
        &[],
        "What became of an event: credited, not credited or ignored. Every outcome comes with its reason.",
    ),
    term(
        "Payout",
        &["Payout after a click", "Payout click / view"],
        "What a conversion is worth, whatever the customer paid. The line item sets it, or else the pixel.",
    ),
    term(
        "Pixel",
        &[],
        "The definition of what you count, such as purchases. Its tag goes on the page that says thank you.",
    ),
    term("Placement", &[], "Where your ads ran, such as a website or an ad network. Each tracker belongs to one."),
    term(
        "Postback",
        &[],
        "An address that a server or an ad network requests after a sale, with the click ID. It needs no browser.",
    ),
    term("ROAS", &[], "Order value divided by cost. Line items without a cost are left out."),
    term(
        "Repeat conversions",
        &["Counts", "Repeat conversion"],
        "How often the same visitor can convert. Choose every time, once, or once in a given time.",
    ),
    term(
        "Saving",
        &[],
        "How pixeld writes events to the disk. If it falls behind, events wait in memory for a moment.",
    ),
    term("Segment", &[], "A group of visitors that tags fill. A visitor leaves it when its time is over."),
    term(
        "Site tag",
        &[],
        "One script for every page of the shop. It reports visitors who arrive from an ad, and nothing else.",
    ),
    term(
        "Source",
        &[],
        "A rule that tells which ad a visitor came from, by the parameters of the address. The first that matches counts.",
    ),
    term("Status", &[], "Whether something is in use or done. Where you can change it, a sentence says what follows."),
    term(
        "Tag",
        &["The tag", "The tags", "Kind of tag"],
        "The piece of code or address that you put on a page. It reports an event to this server.",
    ),
    term("Tracker", &[], "A link or an image that you put into an ad. It reports clicks or views of that ad."),
    term(
        "Visitor",
        &["Visitor ID or click ID"],
        "A browser that saw an ad or a page with a tag. pixeld knows it by a random number in a cookie.",
    ),
];

/// The anchor of a term on the page of the help: `order-id`.
pub fn anchor(term: &str) -> String {
    term.to_lowercase().replace(' ', "-")
}

/// The term that a label names; none if it is none of the terms. `Payout: click` and `Events, last 12 hours` name one, too.
pub fn of(label: impl AsRef<str>) -> Option<&'static Term> {
    let label = label.as_ref();
    let word = label.split([':', ',']).next().unwrap_or(label).trim();
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    let is_plural = |name: &str| word.strip_suffix(['s', 'S']).is_some_and(|one| one.eq_ignore_ascii_case(name));
    TERMS.iter().find(|term| is(term.name) || is_plural(term.name) || term.labels.iter().any(|label| is(label)))
}

/// The terms that a row of labels has named so far, so that each has one ? there.
#[derive(Default)]
pub struct Named(Vec<&'static str>);

impl Named {
    /// Takes the next label, and says whether one before it named the same term.
    pub fn again(&mut self, label: &str) -> bool {
        let Some(term) = of(label) else { return false };
        let again = self.0.contains(&term.name);
        self.0.push(term.name);
        again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_in_order_and_have_two_short_sentences() {
        assert!(TERMS.is_sorted_by(|one, other| one.name < other.name));
        for Term { name, meaning, .. } in TERMS {
            let sentences: Vec<_> = meaning.split_inclusive(". ").collect();
            assert!(sentences.len() == 2 && meaning.ends_with('.'), "{name}: {meaning}");
            assert!(sentences.iter().all(|sentence| sentence.split_whitespace().count() <= 20), "{name}: {meaning}");
        }
    }

    #[test]
    fn a_label_names_its_term_in_each_form() {
        let named = |label: &str| of(label).map(|term| term.name);
        for (label, name) in [
            ("line item", "Line item"),
            ("Line items", "Line item"),
            ("Payout: view", "Payout"),
            ("Events, last 12 hours", "Event"),
            ("Repeat conversions", "Repeat conversions"),
            ("Windows", "Attribution window"),
            ("Without a cookie", "Cookie"),
        ] {
            assert_eq!(named(label), Some(name), "{label}");
        }
        for label in ["", "s", "Nothing", "Line item ID", "Order", "Last event"] {
            assert_eq!(named(label), None, "{label}");
        }
    }
}
