//! Trackers of both kinds: made, their tags and click URLs, changed, listed, deleted.

use pixeld::domain::{Role, Status, Tracker, TrackerKind};

use super::{beside, changed, chosen, rows};
use crate::admin::{Browser, Seen};
use crate::harness::TestApp;

const FIELDS: [(&str, &str); 7] = [
    ("kind", "clicktracker"),
    ("name", "Newsletter link"),
    ("line_item_id", "1"),
    ("publisher_id", "1"),
    ("click_url", "https://shop.example/?li=${LINE_ITEM_ID}"),
    ("code", "n1"),
    ("state", "active"),
];

/// The text that a copy button copies.
fn code(seen: &Seen, id: &str) -> String {
    let (_, rest) = seen.body.split_once(&format!(r#"<pre id="{id}" tabindex="0">"#)).expect(id);
    let text = rest.split("</pre>").next().unwrap();
    text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#38;", "&")
}

#[actix_web::test]
async fn trackers_of_both_kinds_are_created_and_stored_as_entered() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    assert!(browser.get("/admin/trackers").await.is_empty());
    assert!(browser.get("/admin/trackers/new").await.is_empty());
    let shop = app.shop().await;
    let form = browser.get("/admin/trackers/new?line_item_id=1&publisher_id=1").await;
    assert!(form.has(r#"id="kind-imptracker" name="kind" value="imptracker" checked"#) && chosen(&form, "1"));

    let click = browser.submit("/admin/trackers/new", &FIELDS).await;
    assert_eq!((click.status, click.location()), (303, "/admin/trackers/3"));
    let views = changed(&FIELDS, &[("kind", "imptracker"), ("click_url", ""), ("state", "inactive")]);
    let views = browser.submit("/admin/trackers/new", &views).await;
    assert_eq!(views.location(), "/admin/trackers/4", "a code is unique among the trackers of a kind");
    let tracker = app.store.get::<Tracker>(&app.reader(), 3).await.unwrap();
    assert_eq!((tracker.kind, tracker.advertiser_id), (TrackerKind::Click, shop.advertiser.id));
    assert_eq!(tracker.click_url.as_deref(), Some("https://shop.example/?li=${LINE_ITEM_ID}"));
    let tracker = app.store.get::<Tracker>(&app.reader(), 4).await.unwrap();
    assert_eq!((tracker.kind, tracker.click_url, tracker.state), (TrackerKind::Impression, None, Status::Inactive));
}

#[actix_web::test]
async fn errors_appear_beside_their_fields_and_the_input_stays() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let change = [("kind", "imptracker"), ("name", ""), ("line_item_id", "9"), ("publisher_id", "")];
    let seen = browser.submit("/admin/trackers/new", &changed(&FIELDS, &change)).await;
    assert_eq!(seen.status, 422);
    assert_eq!(beside(&seen, "name"), "Name is missing.");
    assert_eq!(beside(&seen, "line_item_id"), "Line item is missing.");
    assert_eq!(beside(&seen, "publisher_id"), "Placement is missing.");
    assert_eq!(beside(&seen, "click_url"), "Landing page belongs to click trackers only.");
    assert_eq!(seen.typed("click_url"), "https://shop.example/?li=${LINE_ITEM_ID}");
    let odd = browser.submit("/admin/trackers/new", &changed(&FIELDS, &[("kind", "odd"), ("name", "")])).await;
    assert_eq!(beside(&odd, "kind"), "What it records must be one of the choices.");
    assert_eq!(beside(&odd, "name"), "Name is missing.");
    let nowhere = browser.submit("/admin/trackers/new", &changed(&FIELDS, &[("click_url", "shop.example")])).await;
    assert!(
        beside(&nowhere, "click_url")
            .starts_with("Landing page must be a whole address such as https://shop.example, not \"shop.example\"")
    );
    browser.submit("/admin/trackers/new", &FIELDS).await;
    let clash = browser.submit("/admin/trackers/new", &FIELDS).await;
    assert_eq!(beside(&clash, "code"), "Code \"n1\" is already used by click tracker 3. Choose another one.");
    assert!(clash.has(r#"id="kind-clicktracker" name="kind" value="clicktracker" checked"#));
    assert_eq!(app.store.list::<Tracker>(&app.reader(), Default::default()).await.unwrap().count, 3);
}

#[actix_web::test]
async fn an_impression_trackers_page_gives_its_tag_in_both_forms_and_they_work() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let base = app.url("");
    let page = browser.get("/admin/trackers/1").await;
    let image = code(&page, "image");
    assert_eq!(
        image,
        format!(
            r#"<img src="{base}/imptr?id=1&cachebuster=[CACHEBUSTER]&t=2" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />"#
        )
    );
    let script = code(&page, "script");
    assert_eq!(
        script,
        format!(
            r#"<script src="{base}/imptr?id=1&cachebuster=[CACHEBUSTER]&t=1" async referrerpolicy="no-referrer-when-downgrade"></script>"#
        )
    );
    for tag in [&image, &script] {
        let url = tag.split('"').nth(1).unwrap().strip_prefix(&base).unwrap().to_owned();
        assert_eq!(app.get(&url, &[]).await.status(), 200);
    }
    app.judged().await;
    let figures = browser.get(&format!("/admin/line-items/{}", shop.line_item.id)).await.text();
    assert!(figures.contains("Impressions 2 No clicks"), "{figures}");

    let query = "?chosen=yes&secure=on&test=on&param=ancost&param=redir&param=order_id&param=odd";
    let page = browser.get(&format!("/admin/trackers/1{query}")).await;
    let secure = base.replace("http://", "https://");
    let wanted = format!(
        r#"<img src="{secure}/imptr?id=1&ancost=[ANCOST]&t=2&test=1&redir=[REDIRECT_URL]" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />"#
    );
    assert_eq!(code(&page, "image"), wanted);
    assert!(page.has(r#"name="param" value="ancost" checked"#) && !page.has(r#"value="cachebuster" checked"#));
    let bare = browser.get("/admin/trackers/1?chosen=yes").await;
    assert_eq!(
        code(&bare, "image"),
        format!(
            r#"<img src="{base}/imptr?id=1&t=2" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />"#
        )
    );
}

#[actix_web::test]
async fn a_click_trackers_page_gives_the_url_and_says_where_it_leads() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let page = browser.get("/admin/trackers/2").await;
    let url = code(&page, "click-url");
    assert_eq!(url, app.url("/clktr?id=2&cachebuster=[CACHEBUSTER]"));
    let clicked = app.get(url.strip_prefix(&app.url("")).unwrap(), &[]).await;
    assert_eq!(
        (clicked.status().as_u16(), clicked.headers()["location"].to_str().unwrap()),
        (302, "https://shop.example/landing")
    );
    let text = page.text();
    assert!(text.contains("redir= is off, because ProStarr Sportswear allows no hosts."), "{text}");
    for said in
        ["${LINE_ITEM_ID} the ID of the line item", "&amp;campaign_id= a campaign of the line item, which has none yet"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }

    let hosts = |advertiser: &mut pixeld::domain::Advertiser| {
        advertiser.redirect_hosts.0.push("go.example".to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), 1, hosts).await.unwrap();
    let none = changed(&FIELDS, &[("click_url", ""), ("code", "")]);
    assert_eq!(browser.submit("/admin/trackers/2/edit", &none).await.location(), "/admin/trackers/2");
    let page = browser.get("/admin/trackers/2?chosen=yes&param=redir").await;
    assert_eq!(code(&page, "click-url"), app.url("/clktr?id=2&redir=[CLICK_URL]"));
    let text = page.text();
    assert!(text.contains("No landing page is set") && text.contains("redir= may lead to go.example ."), "{text}");
    assert_eq!(app.get("/clktr?id=2&redir=https://go.example/x", &[]).await.status(), 302);
    assert_eq!(app.get("/clktr?id=2", &[]).await.status(), 404, "as the page says");
}

#[actix_web::test]
async fn a_change_keeps_the_kind_and_the_list_knows_both() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let edit = browser.get("/admin/trackers/1/edit").await;
    assert!(!edit.has(r#"name="kind""#) && !edit.has(r#"name="click_url""#) && chosen(&edit, "1"));
    let change = [("kind", "clicktracker"), ("name", "Skyscraper"), ("click_url", ""), ("state", "inactive")];
    let saved = browser.submit("/admin/trackers/1/edit", &changed(&FIELDS, &change)).await;
    assert_eq!(saved.location(), "/admin/trackers/1");
    let tracker = app.store.get::<Tracker>(&app.reader(), 1).await.unwrap();
    assert_eq!(
        (tracker.kind, tracker.name.as_str(), tracker.state),
        (TrackerKind::Impression, "Skyscraper", Status::Inactive)
    );
    let page = browser.get("/admin/trackers/1").await.text();
    assert!(page.contains("This tracker records nothing"), "{page}");
    assert_eq!(
        app.store.catalog().tracker(shop.impression.id).unwrap().state,
        Status::Inactive,
        "tags know it at once"
    );

    let names = async |query: &str| rows(&browser.get(&format!("/admin/trackers{query}")).await);
    assert_eq!(names("").await, ["Banner 300x250", "Skyscraper"]);
    assert_eq!(names("?kind=imptracker").await, ["Skyscraper"]);
    assert_eq!(names("?kind=clicktracker&state=active").await, ["Banner 300x250"]);
    assert_eq!(names("?search=n1&sort=kind.desc").await, ["Skyscraper"], "by its code");
    assert_eq!(names("?publisher_id=1&line_item_id=1").await.len(), 2);
    let odd = browser.get("/admin/trackers?publisher_id=2").await;
    assert!(odd.text().contains("There is no placement 2. All are shown."), "{}", odd.text());
    assert_eq!(rows(&odd).len(), 2);
    assert!(browser.get("/admin/trackers?publisher_id=1").await.text().contains("Placement: Daily News"));
}

#[actix_web::test]
async fn a_deletion_warns_of_published_links() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let asked = browser.submit("/admin/trackers/2/delete", &[]).await;
    assert!(asked.text().contains("Ads that still use this link lead to an error page"), "{}", asked.text());
    assert_eq!(app.get("/clktr?id=2", &[]).await.status(), 302);
    assert_eq!(browser.submit("/admin/trackers/2/delete", &[("confirmed", "yes")]).await.location(), "/admin/trackers");
    assert_eq!(app.get("/clktr?id=2", &[]).await.status(), 404);
    assert_eq!(browser.get("/admin/trackers/2").await.status, 404);
    let asked = browser.submit("/admin/trackers/1/delete", &[]).await;
    assert!(asked.text().contains("Tags that are still next to ads stop working"), "{}", asked.text());
}
