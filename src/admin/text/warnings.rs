//! The texts of warnings and rejections: the error in a request, and how a site's developer corrects it. Pure.

use std::collections::BTreeMap;

use crate::domain::{Conversion, Warning};

/// The text of a rule, as the rest of a sentence that begins with the parameter. None for an unknown name.
fn rule(name: &str) -> Option<&'static str> {
    Some(match name {
        "cut_to_its_length" => "was longer than allowed, and was cut",
        "too_long" => "was longer than allowed, and was set aside",
        "longer_than_published" => {
            "has more than 36 characters: it is kept whole, and published columns show the first 36"
        }
        "cut_by_hash" => "is empty at the end of the address: a # in the tag cuts what follows; write %23 for it",
        "control_characters" => "held control characters, which were taken out",
        "not_utf8" => "was not valid UTF-8; the bytes that were not were replaced",
        "placeholder_not_filled_in" => "is still the tag's placeholder: the shop did not fill it in",
        "not_a_plain_decimal" => "is not a plain number such as 10 or 10.50, and was set aside",
        "too_many_decimals" => "has more than six decimals, and was set aside",
        "too_large" => "is larger than allowed, and was set aside",
        "not_a_currency" => "is not a currency code such as EUR, and was set aside",
        "currency_not_understood" => "was set aside, since its currency was not understood",
        "not_0_or_1" => "is no word for yes or no such as 1 or 0, and was taken as no",
        "taken_as_1" => "is no word for yes or no such as 1 or 0, and was taken as yes",
        "not_an_id" => "is not a whole number from 1 up, and was set aside",
        "repeated" => "came more than once; the first was taken",
        "not_a_consent_string" => "is not a consent string, and was set aside",
        "not_a_whole_number" => "is not a whole number in its range, and was set aside",
        "not_a_list" => "begins like a list but cannot be read as one, and was set aside",
        "too_many" => "lists more than allowed; what was too many was set aside",
        "not_a_segment_value" => "is not a whole number from 0 to 2147483647; the visitor joins without a value",
        "unknown_segment" => "names a segment that does not exist, and was set aside",
        "needs_member" => "names segments by code, which needs member= beside it; it was set aside",
        "unknown_member" => "is not this server's member; what was named by code was set aside",
        "bad_token" => "is not a token that this server made, or was altered; it was set aside",
        "not_an_impression" => "is the token of a click, where an impression's is wanted; it was set aside",
        "unknown_impression" => "names an impression that was not imported before; the window runs from the click",
        "redir_not_allowed" => "leads to a host that the advertiser does not allow, and was not followed",
        "email_not_kept" => "held an e-mail address of a visitor who is not to be known, and was set aside",
        "not_an_address" => "is not an IP address, and was set aside",
        "over_max_value" => "is larger than the pixel's largest believable value, and was set aside",
        "unknown_parent_reference" => "names a conversion that is not known, so this one counts by itself",
        _ => return None,
    })
}

/// The same; an unknown rule appears by its name.
pub fn words(name: &str) -> String {
    rule(name).map_or_else(|| format!("broke the rule {name}"), str::to_owned)
}

/// Why a request was rejected.
pub struct Rejection {
    pub title: String,
    /// How to correct the request; empty for an unknown reason.
    pub advice: &'static str,
}

/// The texts of a reason; an unknown one appears by its name.
pub fn rejection(reason: &str) -> Rejection {
    match REJECTIONS.iter().find(|(name, ..)| *name == reason) {
        Some((_, title, advice)) => Rejection { title: (*title).to_owned(), advice },
        None => Rejection { title: format!("Rejected: {reason}"), advice: "" },
    }
}

/// The reasons with their titles and advice.
const REJECTIONS: [(&str, &str, &str); 35] = [
    ("missing_id", "It names no pixel", "Put the id of the pixel or tracker into the tag: id=37."),
    ("bad_id", "Its id is not a number", "An id is a whole number from 1 up. Export the tag again."),
    ("missing_member", "It names a code without its member", "Add member=1 beside code, as exported tags have it."),
    ("unknown_member", "It names another member", "The tag belongs to another installation; export it again here."),
    ("bad_advertiser_id", "Its advertiser_id is not a number", "Export the tag again."),
    (
        "ambiguous_code",
        "Several advertisers use this code",
        "Add advertiser_id beside code, or use the id in its place: Export tags does.",
    ),
    (
        "unknown_pixel",
        "There is no such pixel",
        "It was deleted, or the id was mistyped. Take the tag off its page, or export it again.",
    ),
    (
        "unknown_tracker",
        "There is no such tracker",
        "It was deleted, is of the other kind, or the id was mistyped. Copy the tag from the tracker's page.",
    ),
    ("tracker_inactive", "The tracker is inactive", "Nothing was recorded. Activate it if its ad still runs."),
    (
        "no_landing_page",
        "The click leads nowhere",
        "Give the click tracker a landing page, or a redir= to a host that the advertiser allows.",
    ),
    ("unknown_advertiser", "There is no such advertiser", "Its id in the address was mistyped, or it was deleted."),
    (
        "missing_token",
        "The postback names no exposure",
        "Send back in sspdata what the landing page's address carried as ${SSP_DATA}.",
    ),
    (
        "bad_token",
        "The postback's token was not made by this server",
        "Send sspdata back to the last character; a period at its end belongs to it.",
    ),
    ("segments_refused", "A postback may not change segments", "Leave out seg, add and remove."),
    ("redir_refused", "A postback may not redirect", "Leave out redir."),
    ("missing_segment", "The segment pixel was asked to do nothing", "Name segments: add=12 or remove=12."),
    ("unknown_segment", "There is no such segment", "None of its ids or codes is known. Export the tag again."),
    ("body_too_long", "Its body is too long", "A body may have 256 KiB."),
    ("body_incomplete", "Its body did not arrive whole", "The visitor left, or the connection broke."),
    (
        "bad_body",
        "Its body cannot be read",
        "Send a form (FormData or URLSearchParams) or one JSON object, whole and as its Content-Type says.",
    ),
    (
        "unknown_encoding",
        "Its body is compressed in a way that is not read",
        "Send it as gzip, as deflate, or without Content-Encoding.",
    ),
    ("body_utf16", "Its body is UTF-16", "Send it as UTF-8."),
    ("wrong_method", "This address does not take its method", "Tags ask with GET or POST, postbacks with POST."),
    (
        "no_token",
        "It brought no API token",
        "Send one of the role collector in a header: Authorization: Bearer TOKEN. An admin makes it on the page Users.",
    ),
    (
        "bad_api_token",
        "Its API token is not valid",
        "It was mistyped, was revoked, or its user may not sign in. Make a new one on the page Users.",
    ),
    ("denied", "Its API token may not send this", "It needs the role collector, or that of an editor or admin."),
    (
        "not_json",
        "Its body is not a JSON object",
        "Send one such as {\"events\": [{\"pixel_id\": 1}]}, with Content-Type: application/json.",
    ),
    (
        "no_list",
        "Its body has no list of events",
        "They stand in the list \"events\" for /conversions, in \"adjustments\" for /adjustments.",
    ),
    (
        "too_many",
        "It is one too many",
        "A server may send 1,000 events at once. Else its address sent more to one pixel in a minute than the setting \
         events_per_minute allows. Nothing of it was taken.",
    ),
    (
        "refused_event",
        "An event was refused",
        "The others of its request were taken. Correct this one as it says below, and send it again.",
    ),
    (
        "click_not_recorded",
        "An ad click was led on, but not recorded",
        "The database could not be written then. Such a click earns no credit.",
    ),
    ("fire_not_recorded", "A pixel event was not recorded", "The database could not be written then."),
    ("impression_not_recorded", "An ad view was not recorded", "The database could not be written then."),
    ("segment_load_not_recorded", "A segment request was not recorded", "The database could not be written then."),
    ("query_too_long", "Its query string is too long", "It may have 8,192 characters. Is a page's text in it?"),
];

/// A warning with the number of its fires.
pub struct WarningCount {
    pub fires: usize,
    pub parameter: String,
    /// The rule, as the rest of a sentence that begins with the parameter.
    pub rule: String,
}

/// The warnings of these fires, the most frequent first.
pub fn count_warnings(fires: &[Conversion]) -> Vec<WarningCount> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for Warning { parameter, rule, .. } in fires.iter().flat_map(|conversion| &conversion.fire.warnings) {
        *counts.entry((parameter, rule)).or_default() += 1;
    }
    let count = |((parameter, rule), fires): ((&str, &str), usize)| WarningCount {
        fires,
        parameter: parameter.to_owned(),
        rule: words(rule),
    };
    let mut counts: Vec<_> = counts.into_iter().map(count).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.fires));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stable names in a table of `Variant = "name"` or `Variant => "name"`.
    fn names(source: &'static str) -> impl Iterator<Item = &'static str> {
        let table = source.split("#[cfg(test)]").next().unwrap_or_default();
        let name = |line: &'static str| line.split_once(" = \"").or_else(|| line.split_once(" => \""));
        let names = table.lines().filter_map(move |line| name(line)?.1.split('"').next());
        names.filter(|name| !name.contains([' ', ':']))
    }

    #[test]
    fn every_rule_and_reason_of_the_collector_has_a_text() {
        let rules: Vec<_> = names(include_str!("../../collect/problems/warnings.rs")).collect();
        assert!(rules.len() > 20 && rules.iter().all(|name| rule(name).is_some()), "{rules:?}");
        let reasons: Vec<_> = names(include_str!("../../collect/problems/rejection.rs")).collect();
        assert!(reasons.len() > 10 && reasons.iter().all(|name| !rejection(name).advice.is_empty()), "{reasons:?}");
        let reasons: Vec<_> = names(include_str!("../../collect/server/answer.rs")).collect();
        assert!(reasons.len() == 11 && reasons.iter().all(|name| !rejection(name).advice.is_empty()), "{reasons:?}");
    }

    #[test]
    fn an_unknown_rule_appears_by_its_name() {
        assert_eq!(words("repeated"), "came more than once; the first was taken");
        assert_eq!(words("of_the_future"), "broke the rule of_the_future");
    }
}
