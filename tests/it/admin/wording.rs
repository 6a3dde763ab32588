//! The words of the pages, as a snapshot: a change of what people read shows in the diff. `cargo insta review`, or
//! `INSTA_UPDATE=always`, takes new words.

use pixeld::domain::{Role, Source, SourceTemplate};

use super::{Browser, Seen};
use crate::harness::TestApp;
use crate::judge::{click, convert, fire, show};

/// The text of the page's own part, a sentence a line, without what differs from run to run.
fn words(app: &TestApp, seen: &Seen) -> String {
    let body = seen.body.split_once("<main").map_or("", |(_, main)| main.split("</main>").next().unwrap());
    let main = Seen { status: seen.status, headers: seen.headers.clone(), body: format!("<main{body}") };
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
    for (name, path) in [
        ("overview", "/admin"),
        ("events", "/admin/conversions"),
        ("event", event.as_str()),
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
        ("sources", "/admin/sources?url=https://shop.example/?fbclid=a%26utm_medium=social"),
        ("source", "/admin/sources/1"),
        ("source_form", "/admin/sources/new?template=meta"),
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
        ("correct", &format!("{event}/correct")),
        ("user_form", "/admin/users/new"),
        ("token_form", "/admin/tokens/new"),
        ("audit", "/admin/audit"),
        ("account", "/admin/account"),
        ("not_found", "/admin/pixels/4711"),
    ] {
        said.push_str(&format!("== {name}\n{}\n\n", words(&app, &browser.get(path).await)));
    }
    insta::assert_snapshot!("pages", said);
}
