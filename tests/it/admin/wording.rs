//! The words of the pages, as a snapshot: a change of what people read shows in the diff. `cargo insta review`, or
//! `INSTA_UPDATE=always`, takes new words.

use pixeld::domain::{Role, Source, SourceTemplate};

use super::{Browser, Seen, replace_help};
use crate::harness::TestApp;
use crate::judge::{click, convert, fire, show};

/// The pages with a name each. `EVENT` is the address of an event.
const PAGES: &[(&str, &str)] = &[
    ("overview", "/admin"),
    ("events", "/admin/conversions"),
    ("event", "EVENT"),
    ("pixels", "/admin/pixels"),
    ("pixel", "/admin/pixels/1"),
    ("pixel_form", "/admin/pixels/new"),
    ("line_items", "/admin/line-items"),
    ("line_item", "/admin/line-items/1"),
    ("line_item_form", "/admin/line-items/new"),
    ("campaigns", "/admin/campaigns"),
    ("placements", "/admin/publishers"),
    ("placement_form", "/admin/publishers/new"),
    ("trackers", "/admin/trackers"),
    ("tracker", "/admin/trackers/1"),
    ("tracker_form", "/admin/trackers/new"),
    ("ad", "/admin/ads/2"),
    ("ad_form", "/admin/ads/new"),
    ("sources", "/admin/sources?url=https://shop.example/?fbclid=a%26utm_medium=social"),
    ("source", "/admin/sources/1"),
    ("source_form", "/admin/sources/new?template=meta"),
    ("costs", "/admin/costs"),
    ("cost_form", "/admin/costs/new"),
    ("cost_imports", "/admin/costs/imports"),
    ("cost_import", "/admin/costs/import"),
    ("advertisers", "/admin/advertisers"),
    ("advertiser", "/admin/advertisers/1"),
    ("advertiser_form", "/admin/advertisers/new"),
    ("segments", "/admin/segments"),
    ("segment_form", "/admin/segments/new"),
    ("visitors", "/admin/visitors"),
    ("export", "/admin/export?id=1"),
    ("live", "/admin/live"),
    ("reports", "/admin/reports"),
    ("report", "/admin/reports?type=pixel_outcomes&range=today"),
    ("corrections", "/admin/adjustments"),
    ("correct", "EVENT/correct"),
    ("user_form", "/admin/users/new"),
    ("token_form", "/admin/tokens/new"),
    ("audit", "/admin/audit"),
    ("bin", "/admin/bin"),
    ("account", "/admin/account"),
    ("public_address", "/admin/settings/public-address"),
    ("set_up", "/admin/tracking/new"),
    ("not_found", "/admin/pixels/4711"),
    ("settings", "/admin/settings"),
    ("users", "/admin/users"),
    ("help", "/admin/help"),
    ("search", "/admin/search?q=Pur"),
];

/// The text of the page's own part, a sentence a line, without what differs from run to run.
fn words(app: &TestApp, seen: &Seen) -> String {
    let body = seen.body.split_once("<main").map_or("", |(_, main)| main.split("</main>").next().unwrap());
    let body = replace_help(&format!("<main{body}"), "[?]");
    let main = Seen { status: seen.status, headers: seen.headers.clone(), body };
    let host = app.url("").trim_start_matches("http://").to_owned();
    main.text().replace(&host, "HOST").replace(". ", ".\n").replace("? ", "?\n")
}

#[actix_web::test]
async fn the_pages_say_what_their_snapshot_says() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    show(&app.store, click(shop.line_item.id, 1, -60_000)).await;
    let event = convert(&app, fire(shop.pixel.id, 1, 0)).await.fire.seq;
    for key in ["google", "meta", "partner"] {
        let template = SourceTemplate::of(key).unwrap();
        let mut source = Source::new(shop.advertiser.id, shop.line_item.id, template.name);
        (source.condition, source.publisher_id) = (template.condition(), Some(shop.publisher.id));
        app.store.create(&app.editor(), source).await.unwrap();
    }
    let browser = Browser::of(&app, Role::Admin, None).await;
    let event = format!("/admin/conversions/{event}");
    let mut said = String::new();
    // The settings page has what differs from run to run, such as room on the disk.
    for (name, path) in PAGES.iter().filter(|(name, _)| *name != "settings") {
        let path = path.replace("EVENT", &event);
        said.push_str(&format!("== {name}\n{}\n\n", words(&app, &browser.get(&path).await)));
    }
    // The rest of the page differs from run to run.
    let settings = words(&app, &browser.get("/admin/settings").await);
    let form = settings.split_once("Organisation").unwrap().1.split("All settings").next().unwrap();
    said.push_str(&format!("== settings\nOrganisation{form}\n"));
    // These come last, so that the pages before have one advertiser.
    let set_up =
        [("name", "Green Tea Club"), ("site", "shop.example"), ("goal", "purchase"), ("default_currency", "EUR")];
    browser.submit("/admin/tracking/new", &set_up).await;
    let ads = [("ads", "google"), ("ads", "newsletter"), ("ads", "banners"), ("shop_system", "page")];
    browser.submit("/admin/tracking/2/ads", &ads).await;
    for step in ["ads", "snippets", "first-sale"] {
        let seen = browser.get(&format!("/admin/tracking/2/{step}")).await;
        said.push_str(&format!("\n== set_up, {step}\n{}\n", words(&app, &seen)));
    }
    insta::assert_snapshot!("pages", said);
}

/// The labels of a page: of fields, sets of fields, columns, tiles, facts and sections. A ? follows as `?TERM`.
fn labels(html: &str) -> Vec<String> {
    let mut labels = Vec::new();
    for (start, end) in [
        ("<label", "</label>"),
        ("<legend", "</legend>"),
        ("<th ", "</th>"),
        ("<dt", "</dt>"),
        ("<h2", "</h2>"),
        (r#"<div class="tile-name""#, "</div>"),
    ] {
        for part in html.split(start).skip(1) {
            let inside = part.split_once('>').unwrap().1.split(end).next().unwrap();
            let inside = inside.split_once("<a ").map_or(inside, |(_, link)| link.split_once('>').unwrap().1);
            labels.push(inside.split('<').next().unwrap().trim().to_owned());
        }
    }
    labels
}

#[actix_web::test]
async fn every_label_that_is_a_term_has_its_help() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    show(&app.store, click(shop.line_item.id, 1, -60_000)).await;
    let event = convert(&app, fire(shop.pixel.id, 1, 0)).await.fire.seq;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let index = browser.get("/admin/help").await;
    let (_, words) = index.body.split_once("<h2>Words</h2>").unwrap();
    let terms = labels(words.split("<h2").next().unwrap());
    assert!(terms.len() > 30 && terms.contains(&"Payout".to_owned()), "{terms:?}");
    let mut found = 0;
    for (name, path) in PAGES.iter().filter(|(name, _)| *name != "help") {
        let seen = browser.get(&path.replace("EVENT", &format!("/admin/conversions/{event}"))).await;
        let main = seen.body.split_once("<main").unwrap().1.to_owned();
        let helps = |html: &str, term: &str| html.matches(&format!(r#"aria-label="What is {term}?""#)).count();
        for label in labels(&main) {
            let word = label.split([':', ',']).next().unwrap();
            let is = |term: &&String| {
                [term.to_lowercase(), format!("{term}s").to_lowercase()].contains(&word.to_lowercase())
            };
            if let Some(term) = terms.iter().find(is) {
                found += 1;
                assert!(helps(&main, term) > 0, "{name}: {label} has no ?");
            }
        }
        for (row, term) in main.split("<thead").skip(1).flat_map(|row| terms.iter().map(move |term| (row, term))) {
            assert!(helps(row.split("</thead>").next().unwrap(), term) < 2, "{name}: {term} has two ? in one row");
        }
    }
    assert!(found > 100, "{found}");
}
