//! The terms of the pages, each in one or two sentences: for the ? beside a term, and the glossary of the help pages.

/// Terms and their meaning, in the order of the alphabet.
pub const TERMS: &[(&str, &str)] = &[
    ("Ad", "A link and a tag for one advertisement: the link records clicks, the tag records views."),
    ("Advertiser", "The shop or brand whose website carries the pixels. Pixels, line items and reports belong to it."),
    (
        "Attribution window",
        "How long before a sale an ad click or view may be to earn credit. Older ones are not considered.",
    ),
    ("Campaign", "A part of a line item. Reports can be split by campaign."),
    ("Click ID", "A code that an ad click carries in its address. It links the sale to that click without a cookie."),
    ("Conversion", "An event that is credited to an ad click or view. Other events are recorded, and count for no ad."),
    (
        "Credit for",
        "Which ads may earn credit: clicks and views, clicks only, or views only. A click wins over any view.",
    ),
    (
        "Event",
        "One call of a pixel's tag, such as a purchase. pixeld records each event, and decides whether an ad gets credit.",
    ),
    (
        "Extra pixel",
        "Another pixel that ours loads with it, such as one of an ad network. It loads only for real events.",
    ),
    ("Impression", "One ad view that a view tracker reported."),
    (
        "Line item",
        "A group of ads that is credited together. It says which pixels count and what a conversion is worth.",
    ),
    ("Order ID", "The shop's own number of an order. pixeld counts each order once, however often its tag loads."),
    ("Order value", "What the customer paid, as the tag or the shop's server sent it."),
    ("Payout", "What a conversion is worth by the line item or the pixel, whatever the customer paid."),
    ("Pixel", "The definition of what you count, such as purchases. Its tag goes on the page that says thank you."),
    ("Placement", "Where your ads ran, such as a website or an ad network."),
    ("Repeat conversions", "How often the same visitor can convert: every time, once, or once in a given time."),
    ("Segment", "A group of visitors that tags fill. A visitor leaves it when its time is over."),
    ("Tag", "The piece of code or address that you put on a page. It reports an event to this server."),
    ("Tracker", "A link or an image that you put into an ad. It reports clicks or views of that ad."),
    ("Visitor", "A browser that saw an ad or a page with a tag, known by a random number in a cookie."),
];

/// The anchor of a term on the page of the help: `order-id`.
pub fn anchor(term: &str) -> String {
    term.to_lowercase().replace(' ', "-")
}

/// The meaning of a term; empty if it is none of the terms.
pub fn of(term: &str) -> &'static str {
    TERMS.iter().find(|(known, _)| known.eq_ignore_ascii_case(term)).map_or("", |(_, meaning)| meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_in_order_and_have_one_or_two_short_sentences() {
        assert!(TERMS.is_sorted_by(|one, other| one.0 < other.0));
        for (term, meaning) in TERMS {
            let sentences: Vec<_> = meaning.split_inclusive(". ").collect();
            assert!(sentences.len() <= 2 && meaning.ends_with('.'), "{term}: {meaning}");
            assert!(sentences.iter().all(|sentence| sentence.split_whitespace().count() <= 20), "{term}: {meaning}");
        }
        assert!(!of("line item").is_empty() && of("nothing").is_empty());
    }
}
