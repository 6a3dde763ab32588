//! Why an event was credited or not, in the words of the pages: a few for lists, and whole sentences. The API has texts
//! of its own.

use crate::domain::Reason;

/// A few words for a list, beside the outcome; empty if the outcome says it all.
pub fn short(reason: Reason) -> &'static str {
    match reason {
        Reason::PostClick | Reason::PostView => "",
        Reason::PixelInactive => "pixel inactive",
        Reason::NoLineItem => "no line item",
        Reason::NoVisitor => "unknown visitor",
        Reason::NoExposure => "no ad seen",
        Reason::WrongKind => "other kind of ad",
        Reason::OutsideWindow => "ad too old",
        Reason::Test => "test",
        Reason::Bot => "bot",
        Reason::Prefetch => "loaded in advance",
        Reason::DuplicateEvent => "duplicate event ID",
        Reason::Adjustment => "updates an earlier one",
        Reason::DuplicateOrder => "duplicate order ID",
        Reason::Repeat => "repeat of a visitor",
    }
}

/// The same for a filter, where no outcome stands beside it.
pub fn choice(reason: Reason) -> &'static str {
    match reason {
        Reason::PostClick => "Credited: click",
        Reason::PostView => "Credited: view",
        other => short(other),
    }
}

/// What happened, in a sentence.
pub fn sentence(reason: Reason) -> &'static str {
    match reason {
        Reason::PostClick => "Credited to an ad click.",
        Reason::PostView => "Credited to an ad view.",
        Reason::PixelInactive => "Not credited: the pixel was inactive.",
        Reason::NoLineItem => "Not credited: the pixel was on no active line item.",
        Reason::NoVisitor => "Not credited: the visitor is unknown.",
        Reason::NoExposure => "Not credited: this visitor saw and clicked no ad.",
        Reason::WrongKind => "Not credited: the pixel credits other ads than this visitor's.",
        Reason::OutsideWindow => "Not credited: all ads of this visitor are too old.",
        Reason::Test => "Ignored: this is a test.",
        Reason::Bot => "Ignored: a bot sent this event.",
        Reason::Prefetch => "Ignored: a browser loaded the page in advance.",
        Reason::DuplicateEvent => "Ignored: this event was recorded twice.",
        Reason::Adjustment => "Ignored: it only updates an earlier event.",
        Reason::DuplicateOrder => "Ignored: this order was recorded twice.",
        Reason::Repeat => "Ignored: this visitor had already converted.",
    }
}

/// The cause, in one or two sentences; empty for what is credited, since that depends on the ad.
pub fn cause(reason: Reason) -> &'static str {
    match reason {
        Reason::PostClick | Reason::PostView => "",
        Reason::PixelInactive => "Events of an inactive pixel are recorded, but no ad gets credit for them.",
        Reason::NoLineItem => {
            "A line item says which ads count for a pixel. Attach the pixel to one, so that later events can be credited."
        }
        Reason::NoVisitor => {
            "The browser opted out or gave no consent, or a server named neither visitor nor click ID. There is nobody to \
             look up."
        }
        Reason::NoExposure => "No ad view or click of this pixel's line items is recorded for this visitor.",
        Reason::WrongKind => "A pixel credits clicks, views or both. Change this in its settings.",
        Reason::OutsideWindow => "A longer attribution window counts for later events only.",
        Reason::Test => "Tests are shown here and in Live events, and are never counted.",
        Reason::Bot => "The program that sent the event calls itself a bot.",
        Reason::Prefetch => "Nobody had opened the page yet. The event of the real visit follows.",
        Reason::DuplicateEvent => "Harmless: another event with the same event ID counts in its place.",
        Reason::Adjustment => "Its value or reason was passed on to the event that it names.",
        Reason::DuplicateOrder => "Harmless: another event with the same order ID counts in its place.",
        Reason::Repeat => "The pixel's setting for repeat conversions allows no further one.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_sentence_of_at_most_twenty_words_and_short_words_for_lists() {
        for reason in Reason::WORDS.iter().filter_map(|word| Reason::parse(word)) {
            let (short, sentence, cause) = (short(reason), sentence(reason), cause(reason));
            assert!(sentence.ends_with('.') && sentence.split_whitespace().count() <= 12, "{sentence}");
            assert_eq!(short.is_empty(), cause.is_empty(), "{sentence}");
            assert!(short.len() <= 24 && !choice(reason).is_empty(), "{short}");
            assert!(cause.split(". ").all(|part| part.split_whitespace().count() <= 20), "{cause}");
        }
    }
}
