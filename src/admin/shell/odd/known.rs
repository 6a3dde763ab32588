//! The parameters of each page. Forms are not among them: they take the fields of their objects from a link. A report names
//! those of its own.

use actix_web::HttpRequest;

/// Parameters that forms and links add on any page.
pub const OF_EVERY_PAGE: [&str; 2] = ["csrf", "return_to"];

type Names = &'static [&'static str];

const SCOPE: Names = &["range", "from", "to", "compare", "category", "advertiser_id"];
const FILTERS: Names = &["line_item_id", "publisher_id", "source_id", "uncredited"];
const LIST: Names = &["search", "sort", "start", "state", "size", "columns", "column", "format"];
const TAG: Names = &["chosen", "secure", "test", "param"];
const SEGMENTS: Names = &["segment", "segment_do", "segment_value", "segments", "kept_segments", "do"];
const EXPORT: Names = &["id", "q", "for", "kind", "was", "site", "codes", "noscript", "consent", "net"];
const EVENTS: Names =
    &["search", "pixel", "line_item", "placement", "source", "outcome", "reason", "retracted", "warning", "rows"];
const EVENTS_FOLDED: Names = &["order", "visitor", "value_from", "value_to", "before", "after"];

/// The pages with the names that they know.
const PAGES: &[(&str, &[Names])] = &[
    ("/admin", &[SCOPE, FILTERS]),
    ("/admin/account", &[]),
    ("/admin/adjustments", &[&["effect", "start"]]),
    ("/admin/ads/{id}", &[]),
    ("/admin/advertisers", &[SCOPE, LIST]),
    ("/admin/advertisers/{id}", &[SCOPE, FILTERS]),
    ("/admin/audit", &[&["search", "object_type", "object_id", "action", "user_name", "start"]]),
    ("/admin/bin", &[]),
    ("/admin/campaigns", &[SCOPE, LIST, &["line_item_id"]]),
    ("/admin/campaigns/{id}", &[SCOPE]),
    ("/admin/conversions", &[SCOPE, EVENTS, EVENTS_FOLDED]),
    ("/admin/conversions/{id}", &[]),
    ("/admin/costs", &[SCOPE, &["line_item_id", "start", "size"]]),
    ("/admin/costs/imports", &[&["start"]]),
    ("/admin/export", &[TAG, EXPORT, SEGMENTS]),
    ("/admin/help", &[]),
    ("/admin/help/{document}", &[]),
    ("/admin/line-items", &[SCOPE, LIST]),
    ("/admin/line-items/{id}", &[SCOPE]),
    (
        "/admin/live",
        &[&["pixel", "kind", "tracker", "tag", "load", "after", "utm_source", "utm_medium"], TAG, EXPORT, SEGMENTS],
    ),
    ("/admin/pixels", &[SCOPE, LIST, &["status"]]),
    ("/admin/pixels/{id}", &[]),
    ("/admin/publishers", &[SCOPE, LIST]),
    ("/admin/publishers/{id}", &[SCOPE]),
    ("/admin/reports/files/{id}", &[]),
    ("/admin/search", &[&["q", "kind", "go", "part"]]),
    ("/admin/segments", &[&["search", "sort", "start", "state", "advertiser_id"]]),
    ("/admin/segments/{id}", &[TAG]),
    ("/admin/settings", &[]),
    ("/admin/sources", &[SCOPE, &["url", "before"]]),
    ("/admin/sources/{id}", &[]),
    ("/admin/tokens", &[&["search", "role", "start"]]),
    ("/admin/trackers", &[SCOPE, LIST, &["kind", "line_item_id", "publisher_id"]]),
    ("/admin/trackers/{id}", &[SCOPE, TAG]),
    ("/admin/users", &[&["search", "sort", "start", "state", "role", "advertiser_id"]]),
    ("/admin/users/{id}/sessions", &[]),
    ("/admin/visitors", &[&["visitor"]]),
    ("/admin/visitors/{id}", &[]),
];

/// What the page of a request knows; none if it is a form, a file or a report.
pub fn of(request: &HttpRequest) -> Option<Vec<&'static str>> {
    let pattern = request.match_pattern()?;
    let (_, names) = PAGES.iter().find(|(page, _)| *page == pattern)?;
    Some(names.concat())
}
