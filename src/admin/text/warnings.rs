//! The texts of warnings and rejections: the error in a request, and how a site's developer corrects it. Pure.

use std::collections::BTreeMap;

use crate::domain::{Conversion, Warning};

/// The text of a rule, as the rest of a sentence that begins with the parameter. None for an unknown name.
fn rule(name: &str) -> Option<&'static str> {
    Some(match name {
        "cut_to_its_length" => "is too long and was cut",
        "too_long" => "is too long and was ignored",
        "longer_than_published" => "has more than 36 characters: reports show the first 36",
        "cut_by_hash" => "is empty at the end of the address: a # in the tag cuts what follows. Write %23 instead",
        "control_characters" => "held control characters, which were removed",
        "not_utf8" => "is not valid UTF-8, so some characters were replaced",
        "placeholder_not_filled_in" => "is still the placeholder of the tag: the shop did not fill in a value",
        "not_a_plain_decimal" => "is not a plain number such as 10 or 10.50, and was ignored",
        "too_many_decimals" => "has more than six decimals, and was ignored",
        "over_max_value" => "is beyond the pixel's largest believable value, and was ignored",
        "too_large" => "is larger than allowed, and was ignored",
        "not_a_currency" => "is not a currency code such as EUR, and was ignored",
        "currency_not_understood" => "was ignored because its currency is not valid",
        "not_0_or_1" => "is neither 1 nor 0, and was taken as no",
        "taken_as_1" => "is neither 1 nor 0, and was taken as yes",
        "not_an_id" => "is not a whole number above 0, and was ignored",
        "repeated" => "was sent more than once: the first counts",
        "last_taken" => "was sent more than once: the last counts",
        "not_a_click_id" => "holds characters that no click ID has, and was ignored",
        "not_a_consent_string" => "is not a consent string, and was ignored",
        "not_a_whole_number" => "is not a whole number in its range, and was ignored",
        "not_a_list" => "begins like a list but cannot be read as one, and was ignored",
        "too_many" => "lists too many: the rest was ignored",
        "not_a_segment_value" => "is not a whole number from 0 to 2147483647: the visitor joins without a value",
        "unknown_segment" => "names a segment that does not exist, and was ignored",
        "needs_member" => "names segments by code without member=, and was ignored",
        "unknown_member" => "is not the member of this server: codes were ignored",
        "bad_token" => "is not a click ID of this server, or was altered, and was ignored",
        "not_an_impression" => "is the ID of a click in place of an ad view, and was ignored",
        "unknown_impression" => "names an ad view that was not imported before: the window runs from the click",
        "not_a_page" => "is not a page's address with http or https, and was ignored",
        "redir_not_allowed" => "leads to a host that the advertiser does not allow, and was ignored",
        "not_a_visitor" => "is not the value of the cookie pxid, and was ignored",
        "email_not_kept" => "held an e-mail address of an anonymous visitor, and was ignored",
        "not_an_address" => "is not an IP address, and was ignored",
        "unknown_parent_reference" => "names an unknown event, so this one counts by itself",
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
const REJECTIONS: [(&str, &str, &str); 37] = [
    ("missing_id", "No pixel or tracker ID", "Add the ID of the pixel, tracker or advertiser to the tag: id=37."),
    ("bad_id", "The ID is not a number", "An ID is a whole number above 0. Export the tag again."),
    ("missing_member", "A code without its member", "Add member=1 beside code, as exported tags do."),
    ("unknown_member", "Tag of another server", "The tag belongs to another installation. Export it again here."),
    ("bad_advertiser_id", "The advertiser_id is not a number", "Export the tag again."),
    (
        "ambiguous_code",
        "Several advertisers use this code",
        "Use the ID in place of the code, as Export tags does, or add advertiser_id.",
    ),
    (
        "unknown_pixel",
        "Unknown pixel",
        "The pixel was deleted, or its ID was mistyped. Remove the tag, or export it again.",
    ),
    (
        "unknown_tracker",
        "Unknown tracker",
        "The tracker was deleted, or its ID was mistyped. Copy the tag from the tracker's page.",
    ),
    ("tracker_inactive", "Inactive tracker", "Nothing was recorded. Activate the tracker if its ad still runs."),
    (
        "no_landing_page",
        "Click without a landing page",
        "Give the click tracker a landing page, or add redir= with an allowed host.",
    ),
    ("unknown_advertiser", "Unknown advertiser", "The ID in the address was mistyped, or the advertiser was deleted."),
    (
        "advertiser_inactive",
        "Arrival at the shop of an inactive advertiser",
        "Nothing was recorded. Activate the advertiser if its ads still run.",
    ),
    (
        "nothing_of_an_ad",
        "Arrival without a sign of an ad",
        "Send campaign parameters such as utm_source, or a click ID such as gclid. Other visits are not recorded.",
    ),
    (
        "missing_token",
        "Postback without a click ID",
        "Send back in sspdata the click ID that the landing page's address carried as ${SSP_DATA}.",
    ),
    (
        "bad_token",
        "Postback with an unknown click ID",
        "Send sspdata back to the last character. A period at its end belongs to the click ID.",
    ),
    ("segments_refused", "A postback may not change segments", "Leave out seg, add and remove."),
    ("redir_refused", "A postback may not redirect", "Leave out redir."),
    ("missing_segment", "Segment tag without segments", "Name segments: add=12 or remove=12."),
    ("unknown_segment", "Unknown segment", "None of the IDs or codes is known. Export the tag again."),
    ("body_too_long", "The request is too long", "The body may have 256 KiB."),
    ("body_incomplete", "The request is incomplete", "The visitor left, or the connection broke."),
    (
        "bad_body",
        "The request cannot be read",
        "Send a form (FormData or URLSearchParams) or one JSON object, whole and as its Content-Type says.",
    ),
    ("unknown_encoding", "Unknown compression", "Send it as gzip, as deflate, or without Content-Encoding."),
    ("body_utf16", "The request is in UTF-16", "Send it as UTF-8."),
    ("wrong_method", "Wrong method", "Tags use GET or POST, postbacks use POST."),
    (
        "no_token",
        "No API token",
        "Send a token of the role collector in a header: Authorization: Bearer TOKEN. Admins create tokens on the page Users.",
    ),
    (
        "bad_api_token",
        "Invalid API token",
        "The token was mistyped or revoked, or its user may not sign in. Create a new one on the page Users.",
    ),
    ("denied", "API token without the right", "The token needs the role collector, editor or admin."),
    (
        "not_json",
        "The request is not a JSON object",
        "Send an object such as {\"events\": [{\"pixel_id\": 1}]}, with Content-Type: application/json.",
    ),
    (
        "no_list",
        "No list of events",
        "Send the list \"events\" to /conversions, and the list \"adjustments\" to /adjustments.",
    ),
    (
        "too_many",
        "Too many events",
        "A server may send 1,000 events at once. One address may send as many a minute to a pixel as events_per_minute allows. \
         Nothing of this request was recorded.",
    ),
    (
        "refused_event",
        "An event was refused",
        "The others of the request were recorded. Correct this one as the error says, and send it again.",
    ),
    (
        "click_not_recorded",
        "An ad click was not recorded",
        "The database could not be written then. The visitor reached the landing page, but the click earns no credit.",
    ),
    ("fire_not_recorded", "A pixel event was not recorded", "The database could not be written then."),
    ("impression_not_recorded", "An ad view was not recorded", "The database could not be written then."),
    ("segment_load_not_recorded", "A segment request was not recorded", "The database could not be written then."),
    (
        "query_too_long",
        "The address is too long",
        "The query string may have 8,192 characters. Check the tag for a whole page's text.",
    ),
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
        assert_eq!(words("repeated"), "was sent more than once: the first counts");
        assert_eq!(words("of_the_future"), "broke the rule of_the_future");
    }
}
