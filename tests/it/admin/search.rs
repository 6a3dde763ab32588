//! The search over everything: what it finds, for whom, and where it leads.

use pixeld::domain::{
    Advertiser, Fire, FireDetails, Pixel, Role, SavedReport, Segment, Source, SourceTemplate, Status,
};
use serde_json::json;

use super::{Browser, Seen};
use crate::collect::send;
use crate::harness::{Shop, TestApp};
use crate::judge::{MIN, click, convert, fire, show};

/// What the page finds: `Group: first | second (more)`.
fn found(seen: &Seen) -> Vec<String> {
    let groups = seen.body.split(r#"<section class="section">"#).skip(1);
    let group = |part: &str| {
        let section = Seen { status: 200, headers: Default::default(), body: part.to_owned() };
        let hits = section.texts("<li>").join(" | ");
        let more = section.texts(r#"<p class="soft small gap">"#).join("");
        let more = if more.is_empty() { more } else { format!(" ({more})") };
        format!("{}: {hits}{more}", section.texts("<h2>").join(""))
    };
    groups.map(group).collect()
}

async fn ask(browser: &Browser, text: &str) -> Vec<String> {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish();
    let seen = browser.get(&format!("/admin/search?{query}")).await;
    assert_eq!(seen.status, 200, "{text}");
    found(&seen)
}

/// Two shops. The second has orders that shops number with `#`, and a name with an umlaut.
async fn world(app: &TestApp) -> (Shop, Pixel) {
    let by = app.editor();
    let shop = app.shop().await;
    let other = app.store.create(&by, Advertiser::new("Büro Müller")).await.unwrap();
    let mut pixel = Pixel::new(other.id, "Kauf");
    pixel.code = Some("bm-kauf".to_owned());
    pixel.state = Status::Inactive;
    let pixel = app.store.create(&by, pixel).await.unwrap();
    app.store.create(&by, Segment::new("Sporty people")).await.unwrap();
    let template = SourceTemplate::of("google").unwrap();
    let mut source = Source::new(shop.advertiser.id, shop.line_item.id, template.name);
    source.condition = template.condition();
    app.store.create(&by, source).await.unwrap();
    let report = SavedReport::new("Weekly sport", "ada", r#"{"report":{"report_type":"pixel_fired"}}"#);
    app.store.create(&by, report).await.unwrap();
    show(&app.store, click(shop.line_item.id, 7, 0)).await;
    let order = |id: &str| Some(id.to_owned());
    let details = FireDetails { reference_id: Some("crm-9".to_owned()), ..FireDetails::default() };
    convert(
        app,
        Fire {
            order_id: order("RC-71930"),
            event_id: Some("ev-77".to_owned()),
            details,
            ..fire(shop.pixel.id, 7, MIN)
        },
    )
    .await;
    for (number, id) in ["#1001", "#1002", "ÜB 7", "undefined", "UNDEFINED"].into_iter().enumerate() {
        let after = MIN * (2 + i64::try_from(number).unwrap());
        convert(app, Fire { order_id: order(id), ..fire(pixel.id, 8, after) }).await;
    }
    let arrival = json!({ "id": shop.advertiser.id.0, "page_url": "https://shop.example/", "parameters": { "gclid": ["EAIaIQ-x_1"] } });
    assert_eq!(send(app, "/landing", "text/plain;charset=UTF-8", arrival.to_string()).await.status(), 204);
    app.judged().await;
    (shop, pixel)
}

#[actix_web::test]
async fn everything_is_found_by_what_people_have_of_it() {
    let app = TestApp::start().await;
    let (shop, _) = world(&app).await;
    let (admin, limited) =
        (Browser::of(&app, Role::Admin, None).await, Browser::of(&app, Role::Viewer, Some(shop.advertiser.id)).await);
    // The text, the beginnings of the groups of an admin, and those of a user who sees the first shop alone.
    for (text, all, own) in [
        ("autumn", &["Line items: Autumn sale ProStarr Sportswear · ID 1"][..], &["Line items: Autumn sale"][..]),
        ("SALE autumn", &["Line items: Autumn sale"], &["Line items: Autumn sale"]),
        ("utum", &["Line items: Autumn sale"], &["Line items: Autumn sale"]),
        ("daily", &["Placements: Daily News ID 1"], &["Placements: Daily News ID 1"]),
        ("banner 300", &["Trackers: Banner 300x250"], &["Trackers: Banner 300x250"]),
        ("google", &["Sources: Google Ads", "Pages: Sources"], &["Sources: Google Ads", "Pages: Sources"]),
        ("sporty", &["Segments: Sporty people"], &["Segments: Sporty people"]),
        ("weekly", &["Reports: Weekly sport"], &[]),
        ("büro", &["Advertisers: Büro Müller ID 2", "Pixels: Kauf Büro Müller · bm-kauf · ID 2"], &[]),
        ("BURO muller", &["Advertisers: Büro Müller", "Pixels: Kauf"], &[]),
        ("BM-KAUF", &["Pixels: Kauf"], &[]),
        ("kauf büro", &["Pixels: Kauf"], &[]),
        ("purchase prostarr", &["Pixels: Purchase ProStarr Sportswear · ID 1"], &["Pixels: Purchase"]),
        ("admin", &["Users and tokens: admin ID 1"], &[]),
        ("settings", &["Pages: Settings"], &[]),
        ("password", &["Pages: Your account"], &["Pages: Your account"]),
        (
            "RC-71930",
            &["Events with this order ID: Order RC-71930 Credited: click · Purchase"],
            &["Events with this order ID"],
        ),
        ("#rc-71930", &["Events with this order ID: Order RC-71930"], &["Events with this order ID"]),
        (" rc-719 ", &["Order IDs that begin like this: Order RC-71930"], &["Order IDs that begin like this"]),
        ("1001", &["Events with this order ID: Order #1001"], &[]),
        ("# 1001", &["Events with this order ID: Order #1001"], &[]),
        ("üb 7", &["Events with this order ID: Order ÜB 7"], &[]),
        ("undefined", &["Events with this order ID: Order UNDEFINED"], &[]),
        ("ev-77", &["Events with this event ID: Order RC-71930"], &["Events with this event ID"]),
        ("crm-9", &["Events with this reference: Order RC-71930"], &["Events with this reference"]),
        ("EAIaIQ-x_1", &["Visitors with this click ID: Visitor "], &["Visitors with this click ID"]),
        ("GCLID=EAIaIQ-x_1", &["Visitors with this click ID: Visitor "], &["Visitors with this click ID"]),
        ("fbclid=EAIaIQ-x_1", &[], &[]),
        ("0000000000000007", &["Visitors: Visitor 0000000000000007 7"], &["Visitors: Visitor 0000000000000007"]),
        ("12345678901234567", &["Visitors: Visitor 002bdc545d6b4b87"], &["Visitors: Visitor 002bdc545d6b4b87"]),
        ("%", &[], &[]),
        ("<b>", &[], &[]),
        ("no such thing", &[], &[]),
    ] {
        for (browser, expected) in [(&admin, all), (&limited, own)] {
            let groups = ask(browser, text).await;
            let fits = expected.iter().zip(&groups).all(|(begin, group)| group.starts_with(begin));
            assert!(fits && groups.len() >= expected.len(), "{text}: {groups:?} instead of {expected:?}");
            assert!(!expected.is_empty() || groups.is_empty(), "{text}: {groups:?}");
        }
    }
    let number = ask(&admin, "1").await;
    for begin in ["Line items: Autumn sale", "Advertisers: ProStarr", "Pixels: Purchase", "Trackers: Banner"] {
        assert!(number.iter().any(|group| group.starts_with(begin)), "{begin}: {number:?}");
    }
}

#[actix_web::test]
async fn a_whole_name_of_one_thing_leads_straight_to_it_when_the_form_is_sent() {
    let app = TestApp::start().await;
    world(&app).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    for (query, to) in [
        ("q=rc-71930&go=1", "/admin/conversions/"),
        ("q=ev-77&go=1", "/admin/conversions/"),
        ("q=crm-9&go=1", "/admin/conversions/"),
        ("q=EAIaIQ-x_1&go=1", "/admin/visitors/"),
        ("q=0000000000000007&go=1", "/admin/visitors/0000000000000007"),
        // A link to the results shows them.
        ("q=rc-71930", ""),
        // Two events have this order ID, the number may mean several objects, and these are names of objects.
        ("q=undefined&go=1", ""),
        ("q=1&go=1", ""),
        ("q=rc-719&go=1", ""),
        ("q=Autumn+sale&go=1", ""),
        ("q=&go=1", ""),
        ("q=nothing&go=1", ""),
    ] {
        let seen = browser.get(&format!("/admin/search?{query}")).await;
        assert!(
            seen.location().starts_with(to) && (seen.status == 303) != to.is_empty(),
            "{query}: {}",
            seen.location()
        );
    }
}

#[actix_web::test]
async fn what_is_left_out_is_counted_and_the_list_shows_the_same() {
    let app = TestApp::start().await;
    let owner = app.advertiser("Shop").await.id;
    for number in 1..=57 {
        app.store.create(&app.editor(), Pixel::new(owner, format!("Checkout {number:02}"))).await.unwrap();
    }
    let browser = Browser::of(&app, Role::Admin, None).await;
    let groups = ask(&browser, "shop check").await;
    assert_eq!(groups.len(), 1, "{groups:?}");
    assert!(groups[0].starts_with("Pixels: Checkout 01") && groups[0].ends_with("(And 52 more See all)"), "{groups:?}");
    let seen = browser.get("/admin/search?q=shop+check").await;
    assert!(seen.has(r#"href="/admin/pixels?search=shop+check""#), "{}", seen.body);
    assert!(browser.get("/admin/pixels?search=shop+check").await.text().contains("of 57"));
    // Under the search of the menu: the options of a list box.
    let part = browser.get("/admin/search?part=results&q=shop+check").await;
    assert!(!part.has("<html") && part.body.matches(r#"role="option""#).count() == 4, "{}", part.body);
    assert!(part.has("And 54 more"), "{}", part.body);
    let too_long = browser.get(&format!("/admin/search?q={}", "x".repeat(601))).await;
    assert!(too_long.text().contains("at most 600 characters"));
    let odd = browser.get("/admin/search?q=check&kind=planets&colour=red").await.text();
    assert!(odd.contains("“planets”") && odd.contains("“colour=red”") && odd.contains("Checkout 01"), "{odd}");
}

#[actix_web::test]
async fn shortcuts_are_turned_off_and_on_in_this_browser() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let is_off = async || browser.get("/admin").await.has(r#"data-shortcuts="off""#);
    assert!(!is_off().await);
    for (chosen, off) in [("off", true), ("on", false), ("off", true), ("nonsense", true)] {
        let seen = browser.submit("/admin/shortcuts", &[("shortcuts", chosen)]).await;
        assert_eq!((seen.status, seen.location()), (303, "/admin/account"));
        assert_eq!(is_off().await, off, "{chosen}");
    }
    // The help lists the key of each link of the menu.
    let (menu, help) = (browser.get("/admin").await, browser.get("/admin/help").await);
    let list = help.body.split_once(r#"id="keyboard""#).unwrap().1.split("</section>").next().unwrap().to_owned();
    let keys: Vec<&str> = menu.body.split("data-key=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(keys.len() > 20, "{keys:?}");
    for key in keys {
        assert!(list.contains(&format!("<kbd>{key}</kbd>")), "{key}");
    }
}
