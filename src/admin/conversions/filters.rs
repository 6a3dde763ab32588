//! The filters of the list of events, from its address: what each takes, and a sentence about each value that is odd.

use crate::admin::shell::form::Form;
use crate::admin::shell::odd::Odd;
use crate::admin::visitors::find;
use crate::domain::{Micros, OutcomeKind, Reason, order_spellings};
use crate::store::{EventFilter, EventPlace, EventSearch, EventStart};

/// The address of the list.
pub const PATH: &str = "/admin/conversions";

/// The rows of a page: the first unless somebody chose another.
pub const PAGE_SIZES: [u32; 3] = [50, 100, 200];

/// The filters behind *More filters*, each with the label of its chip.
pub const FOLDED: [(&str, &str); 8] = [
    ("placement", "Placement"),
    ("source", "Source"),
    ("order", "Order ID"),
    ("visitor", "Visitor"),
    ("value_from", "Value from"),
    ("value_to", "Value to"),
    ("warning", "Warnings"),
    ("retracted", "Corrections"),
];

/// Which events to show by whether a correction cancelled them.
pub const CORRECTIONS: [(&str, &str); 2] = [("false", "Not cancelled"), ("true", "Cancelled")];

/// Which events to show by their warnings.
pub const WARNINGS: [(&str, &str); 2] = [("yes", "With warnings"), ("no", "Without warnings")];

/// All filters of the page but the range and the advertiser.
pub fn read(query: &Form, odd: &Odd) -> EventFilter {
    let yes_or_no = |text: &str| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let value = "write an amount such as 49.90, without a currency";
    let (least, most) = (odd.read(query, "value_from", value, amount), odd.read(query, "value_to", value, amount));
    if least.zip(most).is_some_and(|(least, most)| least > most) {
        odd.say("“Value from” is larger than “Value to”, so nothing can match. Swap the two amounts.");
    }
    let visitor = "write a visitor ID: up to 16 of the characters 0–9 and a–f, or 17 to 19 digits";
    EventFilter {
        pixel: odd.id(query, "pixel", "a pixel"),
        line_item: odd.id(query, "line_item", "a line item"),
        publisher: odd.id(query, "placement", "a placement"),
        source: odd.id(query, "source", "a source"),
        outcome: odd.word(query, "outcome", OutcomeKind::WORDS, OutcomeKind::parse),
        reason: odd.word(query, "reason", Reason::WORDS, Reason::parse),
        retracted: odd.word(query, "retracted", &["true", "false"], |text| text.parse().ok()),
        warned: odd.word(query, "warning", &["yes", "no"], yes_or_no),
        orders: odd.read(query, "order", "write an order ID", orders).unwrap_or_default(),
        visitor: odd.read(query, "visitor", visitor, find::read),
        search: odd.read(query, "search", "write an order ID, a visitor ID or a click ID", search),
        least,
        most,
        ..EventFilter::default()
    }
}

fn orders(text: &str) -> Option<Vec<String>> {
    Some(order_spellings(text)).filter(|spellings| !spellings.is_empty())
}

/// An order ID in its spellings, a visitor or a click ID.
fn search(text: &str) -> Option<EventSearch> {
    Some(EventSearch { orders: orders(text)?, visitor: find::read(text), click_id: Some(text.to_owned()) })
}

/// An amount as people write it; none below zero, or with a currency.
fn amount(text: &str) -> Option<Micros> {
    let point = text.replace(',', ".");
    point.parse::<Micros>().ok().filter(|amount| amount.0 >= 0)
}

/// Where the page begins.
pub fn start(query: &Form, odd: &Odd) -> EventStart {
    let allowed = "follow Next and Previous";
    let older = odd.read(query, "before", allowed, EventPlace::parse).map(EventStart::Older);
    let newer = odd.read(query, "after", allowed, EventPlace::parse).map(EventStart::Newer);
    older.or(newer).unwrap_or_default()
}

/// How many rows the page has.
pub fn page_size(query: &Form, odd: &Odd) -> u32 {
    let known = |text: &str| text.parse().ok().filter(|size| PAGE_SIZES.contains(size));
    odd.word(query, "rows", &["50", "100", "200"], known).unwrap_or(PAGE_SIZES[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LineItemId, PixelId, PublisherId, SourceId, VisitorId};

    fn read_all(query: &str) -> (EventFilter, Vec<String>) {
        let (form, odd) = (Form::parse(query.as_bytes()), Odd::default());
        let filter = read(&form, &odd);
        start(&form, &odd);
        page_size(&form, &odd);
        (filter, odd.sentences())
    }

    #[test]
    fn good_values_become_filters_without_a_word() {
        let (filter, oddities) = read_all(
            "pixel=3&line_item=4&placement=5&source=6&outcome=attributed&reason=bot&retracted=true&warning=no&order=%231&\
             visitor=00000000000000AB&value_from=1%2C5&value_to=2&rows=100&before=1.2&range=today&advertiser_id=1&to=2026-01-01",
        );
        assert_eq!(oddities, Vec::<String>::new());
        let wanted = EventFilter {
            pixel: Some(PixelId(3)),
            line_item: Some(LineItemId(4)),
            publisher: Some(PublisherId(5)),
            source: Some(SourceId(6)),
            outcome: Some(OutcomeKind::Attributed),
            reason: Some(Reason::Bot),
            retracted: Some(true),
            warned: Some(false),
            orders: vec!["#1".into(), "1".into()],
            visitor: Some(VisitorId(0xab)),
            least: Some(Micros(1_500_000)),
            most: Some(Micros(2_000_000)),
            ..EventFilter::default()
        };
        assert_eq!(filter, wanted);
    }

    #[test]
    fn each_odd_value_is_left_out_with_a_sentence() {
        for odd in [
            "pixel=abc",
            "pixel=-1",
            "line_item=x",
            "placement=1.5",
            "source=0x1",
            "outcome=foo",
            "reason=foo",
            "reason=Bot",
            "retracted=yes",
            "warning=true",
            "order=%23",
            "visitor=zz",
            "search=%23",
            "value_from=-1",
            "value_to=5 EUR",
            "value_to=1,000.50",
            "rows=7",
            "rows=1000000",
            "before=x",
            "after=1",
        ] {
            let (filter, oddities) = read_all(odd);
            assert_eq!((filter, oddities.len()), (EventFilter::default(), 1), "{odd}: {oddities:?}");
        }
        assert_eq!(read_all("value_from=2&value_to=1").1.len(), 1);
        assert_eq!(read_all("pixel=&outcome=").1.len(), 0, "an empty field is no filter");
    }
}
