//! Blanks and control characters around a parameter: as if they were not there, on every way in.

use pixeld::domain::{Fire, FireDetails, Flags, Role};
use pixeld::store::ImpTracker;
use serde_json::{Value, json};

use super::{Site, WAYS, Way, encoded, query};
use crate::admin::Browser;
use crate::api::Api;
use crate::collect::{exposure, fire, header, load, ops, segment, visit, warnings};
use crate::import;

/// Blanks as pages, spreadsheets and editors leave them.
const BLANKS: &[&str] = &[" ", "\t", "\r\n", "\0", "\u{a0}", "\u{3000}", "\u{feff}", "\u{200b}", " \u{a0}\n"];

/// The fire without the text that it came as, which keeps its blanks.
fn said(fire: Fire) -> Fire {
    Fire { query: String::new(), visitor_id: None, flags: Flags { new_visitor: false, ..fire.flags }, ..fire }
}

#[tokio::test]
async fn a_fire_with_blanks_is_the_fire_without() {
    let site = Site::start().await;
    for way in WAYS {
        let plain = [
            ("order_id", "A-100"),
            ("value", "49.90"),
            ("currency", "eur"),
            ("other", "blue"),
            ("event_id", "e 1"),
            ("content_ids", "a,b"),
            ("num_items", "2"),
            ("us_privacy", "1YNN"),
            ("gdpr", "0"),
            ("test", "1"),
        ];
        let wanted = said(site.fire(way, &plain).await);
        assert_eq!(wanted.warnings, [], "{way:?}");
        for blank in BLANKS {
            let around = plain.map(|(name, value)| (name, format!("{blank}{value}{blank}")));
            let around = around.each_ref().map(|(name, value)| (*name, value.as_str()));
            assert_eq!(said(site.fire(way, &around).await), wanted, "{way:?} {blank:?}");

            let nothing = plain.map(|(name, _)| (name, *blank));
            let nothing = said(site.fire(way, &[&nothing[..], &[("x", "1")]].concat()).await);
            let absent = said(site.fire(way, &[("x", "1")]).await);
            assert_eq!(nothing, absent, "{way:?} {blank:?}");
        }
        // Items of a list are texts of their own, and an inner blank belongs to its text.
        let logged = site.fire(way, &[("content_ids", " a b ,\u{a0}c\u{a0}, \t")]).await;
        assert_eq!(logged.details.content_ids, ["a b", "c"], "{way:?}");
        let logged = site.fire(way, &[("order_id", " A 1\u{a0}B ")]).await;
        assert_eq!(logged.order_id.as_deref(), Some("A 1\u{a0}B"), "{way:?}");
    }
}

#[tokio::test]
async fn names_of_objects_are_trimmed_too() {
    let site = Site::start().await;
    let (app, shop) = (&site.app, &site.shop);
    let a = segment(app, "a").await.id;
    let code = |tracker: &mut ImpTracker| {
        tracker.0.code = Some("banner".to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), shop.impression.id.0, code).await.unwrap();
    let (pixel, advertiser) = (shop.pixel.id.to_string(), shop.advertiser.id.to_string());
    for blank in BLANKS {
        let with = |params: &[(&str, &str)]| {
            let params: Vec<_> = params.iter().map(|(name, value)| (*name, format!("{blank}{value}{blank}"))).collect();
            query(&params.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
        };
        let list = format!("{a}{blank}:{blank}7{blank},");
        for (path, params) in [
            ("/px", vec![("id", pixel.as_str())]),
            ("/px", vec![("code", "buy"), ("member", "1"), ("advertiser_id", &advertiser)]),
            ("/px", vec![("id", &pixel), ("seg", &list)]),
            ("/px", vec![("id", &pixel), ("seg_code", "a:7"), ("member", "1")]),
            ("/imptr", vec![("code", "banner"), ("member", "1")]),
            ("/imptr", vec![("code", "banner"), ("member", "1"), ("ancost", "1.5"), ("campaign_id", "7")]),
        ] {
            let answer = visit(app, &format!("{path}?{}", with(&params)), &[]).await;
            assert_eq!(
                (answer.status().as_u16(), header(&answer, "x-pixeld").as_str()),
                (200, "ok"),
                "{params:?} {blank:?}"
            );
        }
        assert_eq!(exposure(app).await.row.campaign_id.map(|id| id.0), Some(7));
        visit(app, &format!("/seg?{}", with(&[("add", &list), ("value", "5"), ("t", "2")])), &[]).await;
        assert_eq!(ops(&load(app).await.segments), format!("{a}:7"), "{blank:?}");

        let script = visit(app, &format!("/px?{}", with(&[("id", &pixel), ("t", "1")])), &[]).await;
        assert_eq!(header(&script, "content-type"), "application/javascript");
        let redir =
            visit(app, &format!("/px?{}", with(&[("id", &pixel), ("redir", "https://shop.example/a")])), &[]).await;
        assert_eq!(header(&redir, "location"), "https://shop.example/a", "{blank:?}");

        let token = site.click_of("2b").await;
        let answer = app.get(&format!("/sspx?{}", with(&[("id", &pixel), ("sspdata", &token)])), &[]).await;
        assert_eq!(answer.status(), 200, "{blank:?}");
        // The name of a parameter, where a page breaks its address into lines.
        let name = encoded(&format!("{blank}order_id{blank}"));
        visit(app, &format!("/px?id={pixel}&{name}=A1"), &[]).await;
        assert_eq!(fire(app).await.order_id.as_deref(), Some("A1"), "{blank:?}");

        let number = encoded(&format!("{blank}{advertiser}{blank}"));
        let params = with(&[
            ("sale_amount", "5"),
            ("reason_code", "new"),
            ("reference_id", "R1"),
            ("sku_list[]", "dog"),
            ("currency", "EUR"),
        ]);
        visit(app, &format!("/pixels/conversion/{number}.gif?{params}"), &[]).await;
        let logged = fire(app).await;
        let FireDetails { reason_code, reference_id, content_ids, .. } = logged.details;
        assert_eq!((reason_code.as_deref(), reference_id.as_deref()), (Some("new"), Some("R1")), "{blank:?}");
        assert_eq!((content_ids, logged.value.map(|value| value.0)), (vec!["dog".to_owned()], Some(5_000_000)));
        let params = with(&[("amount", "5"), ("external_data", "x")]);
        visit(app, &format!("/tracked_actions/web_sale/{number}?{params}"), &[]).await;
        let logged = fire(app).await;
        assert_eq!((logged.other.as_deref(), warnings(&logged.warnings)), (Some("x"), vec![]), "{blank:?}");
    }
}

#[tokio::test]
async fn two_spellings_are_one_order() {
    let site = Site::start().await;
    let id = site.shop.pixel.id;
    for (path, reason) in [
        (format!("/px?id={id}&order_id=A-100&value=49.90"), "post_click"),
        (format!("/px?id={id}%20&order_id=A-100%20&value=49.90%20"), "duplicate_order"),
        (format!("/px?id={id}&order_id=%C2%A0A-100+"), "duplicate_order"),
        (format!("/px?id={id}&order_id=A-101"), "post_click"),
    ] {
        visit(&site.app, &path, &[("cookie", "pxid=2a")]).await;
        assert_eq!(site.reason().await, reason, "{path}");
    }
    let body = json!({"order_id": " A-100\n", "type": " retract ", "pixel_id": format!("{id} ")});
    assert_eq!(site.events("/adjustments", body).await.status(), 200);
    site.app.judged().await;
    let api = Api::on(site.app).await;
    let answer = api.get("/conversion?order_id=A-100%20&outcome=attributed").await;
    assert_eq!(answer["conversions"][0]["retracted"], true, "{answer}");
}

#[tokio::test]
async fn an_import_trims_its_fields() {
    let directory = tempfile::TempDir::new().unwrap();
    import::shop(directory.path()).await;
    let line = |id: &str, blank: &str| {
        json!({
            "kind": format!("fire{blank}"), "at": format!("{blank}2026-09-03T10:00:00Z{blank}"), "id": format!("{id}{blank}"),
            "pixel_code": format!("{blank}buy"), "visitor": format!("u-1{blank}"), "order_id": format!("A1{blank}"),
            "value": format!("{blank}5"), "currency": format!("eur{blank}"),
        })
        .to_string()
    };
    let lines: Vec<_> = BLANKS.iter().enumerate().map(|(place, blank)| line(&place.to_string(), blank)).collect();
    let said = import::import(directory.path(), &[], &lines.join("\n"));
    assert!(said.well, "{said:?}");
    let conn = crate::harness::open_database(directory.path());
    let counts: (i64, i64, i64, i64) = conn
        .query_row(
            "SELECT count(*), count(DISTINCT visitor_id), count(DISTINCT order_id), sum(value) FROM main.fires WHERE order_id = 'A1'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    let fires = i64::try_from(BLANKS.len()).unwrap();
    assert_eq!(counts, (fires, 1, 1, fires * 5_000_000));
    drop(conn);
    // The id without its blank is the same line.
    let again = import::import(directory.path(), &[], &line("0", ""));
    assert!(again.well && again.out.contains("0 fires.\nSkipped, imported before: 1 line."), "{again:?}");
}

#[tokio::test]
async fn definitions_are_trimmed_by_api_and_forms() {
    let site = Site::start().await;
    let advertiser = site.shop.advertiser.id;
    let api = Api::on(site.app).await;
    for (place, blank) in BLANKS.iter().enumerate() {
        let code = format!("code {place}");
        let body = json!({"pixel": {
            "name": format!("{blank}My pixel{blank}"), "code": format!("{blank}{code}{blank}"), "state": format!("active{blank}"),
            "post_click_value": format!("1.5{blank}"),
            "piggyback_pixels": [{"pixel_type": "img", "url": format!("https://partner.example/{blank}")}],
        }});
        let made = api.post(&format!("/pixel?advertiser_id={advertiser}"), body).await["pixel"].take();
        assert_eq!((&made["name"], &made["code"]), (&json!("My pixel"), &json!(code)), "{blank:?}");
        assert_eq!(made["piggyback_pixels"][0]["url"], "https://partner.example/", "{blank:?}");
        let found = api.get(&format!("/pixel?code={}", encoded(&format!("{code}{blank}")))).await;
        assert_eq!(found["pixel"]["id"], made["id"], "{found}");
        let path = format!("/px?code={}&member=1", encoded(&code));
        assert_eq!(header(&visit(&api.app, &path, &[]).await, "x-pixeld"), "ok");
    }
    // A password is taken as it was typed.
    let user = json!({"user": {"username": " bob ", "role": "viewer", "password": " with blanks "}});
    assert_eq!(api.post("/user", user).await["user"]["username"], "bob");
    let auth = |password: &str| json!({"auth": {"username": "bob", "password": password}}).to_string();
    assert_eq!(api.send("POST", "/auth", None, Some(&auth("with blanks"))).await.0, 401);
    assert_eq!(api.send("POST", "/auth", None, Some(&auth(" with blanks "))).await.0, 200);

    let browser = Browser::of(&api.app, Role::Editor, None).await;
    let form = browser.get("/admin/advertisers/new").await;
    let fields =
        [("csrf", form.csrf()), ("name", "\u{a0}Shop\u{200b}\t".to_owned()), ("code", "\u{feff}shop ".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let more = [("state", "active"), ("default_currency", "EUR "), ("timezone", "UTC")];
    let seen = browser.post("/admin/advertisers/new", &[&fields[..], &more].concat()).await;
    assert_eq!(seen.status, 303, "{}", seen.text());
    let found: Value = api.get("/advertiser?code=shop").await["advertiser"].take();
    assert_eq!(found["name"], "Shop", "{found}");
}

#[tokio::test]
async fn a_server_names_its_objects_with_blanks() {
    let site = Site::start().await;
    for blank in BLANKS {
        let event = json!({
            "pixel_code": format!("{blank}buy{blank}"), "event_time": format!("1790856000{blank}"),
            "visitor_id": format!("{blank}2a"), "hashed_email": format!("{}{blank}", "ab".repeat(32)), "order_id": blank,
        });
        assert_eq!(site.events("/conversions", json!({"events": [event]})).await.status(), 200, "{blank:?}");
        let logged = fire(&site.app).await;
        assert_eq!((logged.visitor_id.map(|id| id.0), logged.order_id, logged.warnings), (Some(0x2a), None, vec![]));
    }
    let logged = site.fire(Way::Server, &[("reference_id", " R1 "), ("reason_code", "\tnew")]).await;
    let FireDetails { reference_id, reason_code, .. } = logged.details;
    assert_eq!((reference_id.as_deref(), reason_code.as_deref()), (Some("R1"), Some("new")));
}
