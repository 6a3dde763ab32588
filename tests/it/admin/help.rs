//! The help: every document that comes with the program as a page, every link on it, and the glossary.

use std::collections::{BTreeMap, BTreeSet};

use pixeld::domain::Role;

use super::{Browser, Seen};
use crate::harness::TestApp;

/// The pages of the bundled documents, with words from their files.
const DOCUMENTS: [(&str, &str); 17] = [
    ("getting-started", "Paste two snippets"),
    ("handbook", "A self-hosted conversion pixel server."),
    ("changelog", "Unreleased"),
    ("published-api", "The envelope"),
    ("rules", "These pages say what pixeld promises."),
    ("collection", "gdpr_consent"),
    ("attribution", "post_view"),
    ("sources", "Search and social ads"),
    ("reports", "report_interval"),
    ("privacy", "Sec-GPC"),
    ("admin", "work without JavaScript"),
    ("api", "/report-download"),
    ("times", "YYYY-MM-DD"),
    ("operations", "pixeld import FILE"),
    ("tables", "Numbers and days"),
    ("limits", "Signing in"),
    ("words", "line item"),
];

/// The part of the page that is its own.
fn content(seen: &Seen) -> &str {
    seen.body.split_once("<main").unwrap().1.split("</main>").next().unwrap()
}

fn values<'a>(html: &'a str, attribute: &str) -> BTreeSet<&'a str> {
    html.split(&format!(" {attribute}=\"")).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[actix_web::test]
async fn every_document_is_a_page_and_every_link_on_it_leads_somewhere() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let mut anchors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut links: Vec<(String, String)> = Vec::new();
    for (name, words) in DOCUMENTS {
        let path = format!("/admin/help/{name}");
        let seen = browser.get(&path).await;
        assert_eq!(seen.status, 200, "{name}");
        assert!(seen.text().contains(words), "{words} in {name}: {}", seen.text());
        let html = content(&seen);
        assert_eq!(html.matches("<h1").count(), 1, "{name}: the frame has the title");
        assert!(html.contains(r#"class="prose quoted""#), "{name}");
        for heading in ["<h2", "<h3"] {
            assert_eq!(html.matches(heading).count(), html.matches(&format!("{heading} id=")).count(), "{name}");
        }
        assert!(!html.contains("<img") && !html.contains("<script") && !html.contains("<!--"), "{name}");
        anchors.insert(path.clone(), values(html, "id").into_iter().map(str::to_owned).collect());
        for link in values(html, "href") {
            let to = if link.starts_with('#') { format!("{path}{link}") } else { link.to_owned() };
            links.push((path.clone(), to));
        }
    }
    assert!(links.len() > 60, "{links:?}");
    for (from, to) in links {
        if to.starts_with("https://") {
            continue;
        }
        let (path, anchor) = to.split_once('#').unwrap_or((&to, ""));
        if !anchors.contains_key(path) {
            assert_eq!((path, browser.get(path).await.status), ("/admin/help", 200), "{from} leads to {to}");
            continue;
        }
        assert!(anchor.is_empty() || anchors[path].contains(anchor), "{from} leads to {to}");
    }
}

#[actix_web::test]
async fn the_index_lists_the_documents_and_explains_every_term() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let seen = browser.get("/admin/help").await;
    for (name, _) in DOCUMENTS {
        assert!(seen.has(&format!(r#"href="/admin/help/{name}""#)), "{name}");
    }
    for (anchor, term, meaning) in [
        ("ad", "Ad", "A link and a tag"),
        ("ad-click", "Ad click", "A click on an ad,"),
        ("ad-view", "Ad view", "An ad that a browser"),
        ("advertiser", "Advertiser", "The shop or brand whose"),
        ("arrival", "Arrival", "An ad click that the"),
        ("attribution", "Attribution", "How pixeld decides which ad"),
        ("attribution-window", "Attribution window", "How long before a sale"),
        ("campaign", "Campaign", "A part of a line"),
        ("click-id", "Click ID", "A code in an ad's link"),
        ("conversion", "Conversion", "An event that is credited"),
        ("cookie", "Cookie", "A random number that a"),
        ("correction", "Correction", "A later change of an"),
        ("credit-for", "Credit for", "Which ads may earn credit:"),
        ("credited", "Credited", "An ad click or view"),
        ("event", "Event", "One call of a pixel's"),
        ("extra-pixel", "Extra pixel", "Another pixel that ours loads"),
        ("ignored", "Ignored", "The event is recorded, and"),
        ("impression", "Impression", "One ad view that a"),
        ("line-item", "Line item", "A group of ads that"),
        ("not-credited", "Not credited", "The event is recorded, and"),
        ("order-id", "Order ID", "The shop's own number of"),
        ("order-value", "Order value", "What the customer paid, as"),
        ("organisation", "Organisation", "The company that runs this"),
        ("outcome", "Outcome", "What became of an event:"),
        ("payout", "Payout", "What a conversion is worth,"),
        ("pixel", "Pixel", "The definition of what you"),
        ("placement", "Placement", "Where your ads ran, such"),
        ("postback", "Postback", "An address that a server"),
        ("repeat-conversions", "Repeat conversions", "How often the same visitor"),
        ("saving", "Saving", "How pixeld writes events to"),
        ("segment", "Segment", "A group of visitors that"),
        ("site-tag", "Site tag", "One script for every page"),
        ("source", "Source", "A rule that tells which"),
        ("status", "Status", "Whether something is in use"),
        ("tag", "Tag", "The piece of code or"),
        ("tracker", "Tracker", "A link or an image"),
        ("visitor", "Visitor", "A browser that saw an"),
    ] {
        assert!(seen.has(&format!(r#"<div id="{anchor}"><dt>{term}</dt>"#)), "{term}");
        assert!(seen.text().contains(&format!("{term} {meaning}")), "{term}: {}", seen.text());
    }
    assert_eq!(seen.body.matches(r#"<div id=""#).count(), 38, "no term is left out above");
    assert!(seen.has(concat!("pixeld ", env!("CARGO_PKG_VERSION"))), "{}", seen.text());
    assert!(seen.has(r#"href="/admin/help/changelog""#), "the menu has the version and what is new");
}

#[actix_web::test]
async fn an_unknown_document_has_a_page_in_the_frame_and_strangers_sign_in_first() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    for path in [
        "/admin/help/nothing",
        "/admin/help/README.md",
        "/admin/help/..%2f..%2fCargo.toml",
        "/admin/help/https:%2f%2fevil.example",
    ] {
        let seen = browser.get(path).await;
        assert_eq!((seen.status, seen.location()), (404, ""), "{path}");
        assert!(
            seen.text().contains("There is no document") && seen.has(r#"action="/admin/sign-out""#),
            "{}",
            seen.text()
        );
    }
    let stranger = Browser::new(&app);
    for path in ["/admin/help", "/admin/help/changelog"] {
        assert_eq!(stranger.get(path).await.status, 303, "{path}");
    }
}
