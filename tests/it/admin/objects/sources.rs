//! Sources: made from templates and arrivals, put in order, tried on addresses, changed and deleted.

use pixeld::domain::{Role, SOURCE_TEMPLATES, Source, SourceTemplate, Status};

use super::{beside, changed, chosen};
use crate::admin::Browser;
use crate::harness::TestApp;

const FIELDS: [(&str, &str); 11] = [
    ("advertiser_id", "1"),
    ("name", "Meta Ads"),
    ("line_item_id", "1"),
    ("publisher_id", "1"),
    ("click_id", "fbclid"),
    ("parameter", "UTM_Medium"),
    ("parameter_values", "cpc, Paid*"),
    ("referrer_host", ""),
    ("campaign_by", "utm_campaign"),
    ("code", "m"),
    ("state", "active"),
];

async fn add(app: &TestApp, key: &str) -> Source {
    let template = SourceTemplate::of(key).unwrap();
    let by = app.reader();
    let line_item = app.store.get::<pixeld::domain::LineItem>(&by, 1).await.unwrap();
    let mut source = Source::new(line_item.advertiser_id, line_item.id, template.name);
    source.condition = template.condition();
    app.store.create(&app.editor(), source).await.unwrap()
}

#[actix_web::test]
async fn a_source_is_made_as_entered_and_changed() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    assert!(browser.get("/admin/sources").await.text().contains("Create an advertiser first"));
    assert!(browser.get("/admin/sources/new").await.text().contains("Create an advertiser first"));
    app.shop().await;
    let made = browser.submit("/admin/sources/new", &FIELDS).await;
    assert_eq!((made.status, made.location()), (303, "/admin/sources?advertiser_id=1"));
    let stored = app.store.get::<Source>(&app.reader(), 1).await.unwrap();
    assert_eq!(
        stored.condition.conditions(),
        [("click_id".to_owned(), vec!["fbclid"]), ("utm_medium".to_owned(), vec!["cpc", "paid*"])]
    );
    assert_eq!((stored.position, stored.campaign_by.as_deref()), (1, Some("utm_campaign")));
    let page = browser.get("/admin/sources/1").await;
    assert!(page.text().contains("Takes visitors with fbclid and utm_medium is cpc or paid*."), "{}", page.text());
    assert!(page.has("utm_source=facebook&#38;utm_medium=paid_social&#38;utm_campaign={{campaign.id}}"));
    let edit = browser.get("/admin/sources/1/edit").await;
    assert!(chosen(&edit, "1") && edit.has(r#"value="fbclid" checked"#) && edit.has(r#"value="cpc, paid*""#));
    let other = changed(
        &FIELDS,
        &[
            ("click_id", "gclid"),
            ("parameter", ""),
            ("parameter_values", ""),
            ("state", "inactive"),
            ("publisher_id", ""),
        ],
    );
    assert_eq!(browser.submit("/admin/sources/1/edit", &other).await.status, 303);
    let stored = app.store.get::<Source>(&app.reader(), 1).await.unwrap();
    assert_eq!(stored.condition.conditions(), [("click_id".to_owned(), vec!["gclid"])]);
    assert_eq!((stored.state, stored.publisher_id), (Status::Inactive, None));
    let line_item = browser.get("/admin/line-items/1").await;
    assert!(line_item.has(r#"<a href="/admin/sources/1">Meta Ads</a>"#));
    assert_eq!(browser.get("/admin/advertisers/1").await.column("Type")[4], "Sources");
}

#[actix_web::test]
async fn errors_appear_beside_their_fields_and_the_input_stays() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let change = [
        ("name", ""),
        ("line_item_id", "9"),
        ("publisher_id", "9"),
        ("click_id", "\"><script>"),
        ("parameter", "a b"),
        ("parameter_values", "<script>"),
        ("referrer_host", "com"),
        ("campaign_by", "gclid"),
        ("makes_campaigns", "on"),
    ];
    let seen = browser.submit("/admin/sources/new", &changed(&FIELDS, &change)).await;
    assert_eq!(seen.status, 422);
    for (id, error) in [
        ("name", "Name is missing."),
        ("line_item_id", "Line item is missing."),
        ("publisher_id", "Placement must be one of the choices."),
        ("campaign_by", "Parameter of the campaign names gclid, which is a click ID: put it into click_id."),
    ] {
        assert_eq!(beside(&seen, id), error);
    }
    assert!(beside(&seen, "click_id").starts_with("Click ID must be a click ID such as gclid"));
    assert!(beside(&seen, "referrer_host").starts_with("Website before must be a host such as pinterest.com"));
    assert!(beside(&seen, "parameters").starts_with("a b must name a parameter"));
    assert!(!seen.body.contains("<script>") && seen.body.contains(r#"value="&#60;script&#62;""#));
    let nothing = changed(&FIELDS, &[("click_id", ""), ("parameter", ""), ("parameter_values", "")]);
    let nothing: Vec<_> = nothing.into_iter().filter(|(name, _)| *name != "click_id").collect();
    let seen = browser.submit("/admin/sources/new", &nothing).await;
    assert_eq!(
        (seen.status, beside(&seen, "match").as_str()),
        (422, "Conditions are missing. Tick a click ID, or name a parameter or a website.")
    );
    let row = browser.submit("/admin/sources/new", &changed(&FIELDS, &[("do", "add-row")])).await;
    assert_eq!((row.status, row.body.matches(r#"name="parameter""#).count()), (200, 3), "two rows and the template");
}

#[actix_web::test]
async fn templates_and_arrivals_fill_the_form() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let list = browser.get("/admin/sources").await;
    for template in SOURCE_TEMPLATES {
        let address = format!("/admin/sources/new?advertiser_id=1&amp;template={}", template.key);
        assert!(list.has(&address), "{address}");
        let form = browser.get(&address.replace("&amp;", "&")).await;
        assert!(form.has(&template.url_parameters.replace('&', "&#38;")), "{}", template.key);
        assert_eq!(form.typed("name"), template.name);
        for name in template.condition().click_ids {
            assert!(form.has(&format!(r#"value="{name}" checked"#)), "{name}");
        }
    }
    let arrival = "name=tiktok&click_id=ttclid&parameter=utm_source&parameter_values=tiktok&advertiser_id=1";
    let form = browser.get(&format!("/admin/sources/new?{arrival}")).await;
    assert!(form.has(r#"value="ttclid" checked"#) && form.has(r#"value="utm_source""#));
    assert_eq!(form.typed("name"), "tiktok");
    assert!(form.has(r#"name="parameter_values" value="tiktok""#));
    app.advertiser("Other").await;
    let question = browser.get("/admin/sources/new?template=meta").await;
    assert!(question.has(r#"<select class="select" id="advertiser_id""#) && question.has(r#"value="meta""#));
    assert_eq!(browser.get("/admin/sources/new?line_item_id=1").await.typed("name"), "");
    assert_eq!(browser.get("/admin/sources/new?line_item_id=99").await.status, 404);
}

#[actix_web::test]
async fn sources_move_up_and_down() {
    let app = TestApp::start().await;
    app.shop().await;
    for key in ["google", "meta", "newsletter"] {
        add(&app, key).await;
    }
    let browser = Browser::of(&app, Role::Editor, None).await;
    let order = async || browser.get("/admin/sources").await.column("Source");
    assert_eq!(order().await, ["1Google Ads", "2Meta Ads", "3Newsletter", "No match"]);
    for (id, direction, expected) in [
        (3, "up", ["1Google Ads", "2Newsletter", "3Meta Ads", "No match"]),
        (1, "down", ["1Newsletter", "2Google Ads", "3Meta Ads", "No match"]),
        (3, "up", ["1Newsletter", "2Google Ads", "3Meta Ads", "No match"]),
    ] {
        let moved = browser.submit(&format!("/admin/sources/{id}/move"), &[("direction", direction)]).await;
        assert_eq!(
            (moved.status, moved.location()),
            (303, format!("/admin/sources?advertiser_id=1#source-{id}").as_str())
        );
        assert_eq!(order().await, expected);
    }
    let viewer = Browser::of(&app, Role::Viewer, None).await;
    let page = viewer.get("/admin/sources").await;
    assert!(!page.has("/move\"") && !page.has("/new"));
    assert_eq!(viewer.submit("/admin/sources/1/move", &[("direction", "up")]).await.status, 403);
    let own = app.advertiser("Own").await;
    let limited = Browser::of(&app, Role::Editor, Some(own.id)).await;
    assert_eq!(limited.submit("/admin/sources/1/move", &[("direction", "up")]).await.status, 404);
    let others = limited.get("/admin/sources?advertiser_id=1").await.text();
    assert!(others.contains("no advertiser “1”") && !others.contains("ProStarr"), "{others}");
    assert!(!limited.get("/admin/sources?url=?gclid=a").await.text().contains("Google Ads takes"));
}

#[actix_web::test]
async fn an_address_is_tried_and_nothing_is_recorded() {
    let app = TestApp::start().await;
    app.shop().await;
    for key in ["google", "meta"] {
        add(&app, key).await;
    }
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let before = app.store.logged();
    let test = async |url: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("url", url).finish();
        browser.get(&format!("/admin/sources?{query}")).await
    };
    for (url, said) in [
        ("https://shop.example/?gclid=abc", "Google Ads takes this arrival. It counts as a click on Autumn sale ."),
        ("shop.example?fbclid=x&utm_medium=PAID", "Meta Ads takes this arrival."),
        ("?fbclid=x&utm_medium=social", "Closest: Meta Ads. The address has fbclid, but utm_medium is “social”"),
        ("https://shop.example/", "The site tag sends nothing for this address."),
        ("https://shop.example/?gclid={gclid}", "gclid is no click ID."),
        ("ftp://b.example", "This is no address."),
        ("https://", "This is no address."),
    ] {
        let seen = test(url).await;
        assert!(seen.status == 200 && seen.text().contains(said), "{url}: {}", seen.text());
    }
    for hostile in [
        "https://shop.example/?utm_source=\"><script>alert(1)</script>",
        "javascript:alert(1)//\"><script>",
        "?utm_medium=%22%3E%3Cscript%3E&fbclid=%FF%FE",
        "\u{0}\u{202e}?ref=\u{202e}",
    ] {
        let seen = test(hostile).await;
        assert!(seen.status == 200 && !seen.body.contains("<script>"), "{hostile}: {}", seen.body);
    }
    let long = format!("https://shop.example/?utm_source={}", "a".repeat(7_900));
    let seen = test(&long).await;
    assert!(seen.status == 414 || seen.text().contains("No match everything else"), "{}: {}", seen.status, seen.text());
    assert_eq!(browser.get("/admin/sources?url=%FF%FE&before=%FF").await.status, 200);
    assert_eq!(app.store.logged(), before);
}

#[actix_web::test]
async fn a_rule_that_takes_everything_is_named_beside_those_that_are_never_reached() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let all =
        changed(&FIELDS, &[("name", "All"), ("parameter", "utm_medium"), ("parameter_values", "*"), ("code", "")]);
    let all: Vec<_> = all.into_iter().filter(|(name, _)| *name != "click_id").collect();
    assert_eq!(browser.submit("/admin/sources/new", &all).await.status, 303);
    add(&app, "newsletter").await;
    add(&app, "google").await;
    let page = browser.get("/admin/sources").await.column("Matches when");
    assert_eq!(page[0], "utm_medium is set");
    assert_eq!(page[1], "utm_medium is email Never reached · All takes the same arrivals");
    assert_eq!(page[2], "gclid, gbraid or wbraid");
    // The objects that it names say so when they are to go.
    for path in [format!("/admin/line-items/{}/delete", shop.line_item.id), "/admin/publishers/1/delete".to_owned()] {
        let asked = browser.submit(&path, &[]).await;
        assert!(asked.has(r#"<a href="/admin/sources/1">All, source 1</a>"#), "{path}: {}", asked.text());
    }
    let deleted = browser.submit("/admin/sources/1/delete", &[("confirmed", "yes")]).await;
    assert_eq!((deleted.status, deleted.location()), (303, "/admin/sources"));
    assert_eq!(browser.get("/admin/sources/1").await.status, 404);
}
