//! Words for yes and no, of `test` and of `gdpr`, and what is kept of those who did not consent.

use pixeld::domain::Fire;
use serde_json::json;

use super::sales::{WAYS, Way, beacon, event, rules, sale};
use crate::collect::endpoints::server::sent;
use crate::collect::{cookie_id, exposure, fire, header, load, segment, visit};
use crate::harness::{TestApp, open_database};
use crate::import::{import, shop as closed_shop};

const YES: &[&str] = &["1", "true", "yes", "on", "True", "TRUE", "Yes", "ON"];
const NO: &[&str] = &["0", "false", "no", "off", "False", "NO", ""];
const OTHER: &[&str] = &["2", "maybe", "ja", "y", "t", "granted", "applies!", "é"];

/// Whether a fire names nobody.
fn is_private(fire: &Fire) -> bool {
    fire.visitor_id.is_none() && fire.ip.is_none()
}

#[tokio::test]
async fn test_is_yes_or_no_on_every_way_in() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for way in WAYS {
        for (words, set, rule) in [(YES, true, None), (NO, false, None), (OTHER, false, Some("not_0_or_1"))] {
            for word in words {
                let (answer, fire) = sale(&app, &shop, way, &[("test", word)]).await;
                assert_eq!(fire.flags.test, set, "{way:?} {word}");
                assert_eq!(rules(&fire, "test"), rule.into_iter().collect::<Vec<_>>(), "{way:?} {word}");
                assert_eq!(header(&answer, "x-pixeld").contains("flag=test"), set, "{way:?} {word}");
            }
        }
    }
    for (json, set) in [("true", true), ("false", false), ("1", true), ("1.0", true), ("0", false), ("\"Yes\"", true)] {
        let members = format!("\"test\":{json}");
        assert_eq!(beacon(&app, &shop, &members).await.1.flags.test, set, "{json}");
        assert_eq!(event(&app, &shop, &members).await.unwrap().flags.test, set, "{json}");
    }
    assert!(event(&app, &shop, "\"test\":\"maybe\"").await.is_err());
    let segment = segment(&app, "a").await.id;
    for (word, set) in [("yes", true), ("On", true), ("off", false), ("maybe", false)] {
        visit(&app, &format!("/seg?add={segment}&test={word}"), &[]).await;
        assert_eq!(load(&app).await.flags.test, set, "{word}");
        visit(&app, &format!("/imptr?id={}&test={word}", shop.impression.id), &[]).await;
        assert_eq!(exposure(&app).await.row.flags.test, set, "{word}");
        visit(&app, &format!("/clktr?id={}&test={word}", shop.click.id), &[]).await;
        assert_eq!(exposure(&app).await.row.flags.test, set, "{word}");
    }
}

#[tokio::test]
async fn gdpr_is_read_with_care_on_every_way_in() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for way in WAYS {
        for (words, applies, rule) in [(YES, true, None), (NO, false, None), (OTHER, true, Some("taken_as_1"))] {
            for word in words {
                let (answer, fire) = sale(&app, &shop, way, &[("gdpr", word)]).await;
                assert_eq!(header(&answer, "x-pixeld").contains("no_consent"), applies, "{way:?} {word}");
                assert_eq!(rules(&fire, "gdpr"), rule.into_iter().collect::<Vec<_>>(), "{way:?} {word}");
                if way != Way::Postback {
                    assert_eq!(is_private(&fire), applies, "{way:?} {word}");
                    assert_eq!(cookie_id(&answer).is_empty(), applies, "{way:?} {word}");
                }
                let kept = Some(*word).filter(|word| !word.is_empty());
                let kept = kept.map(|word| if word.is_ascii() && word != "applies!" { word } else { "1" });
                assert_eq!(fire.details.consent, kept.map(|word| format!("gdpr={word}")), "{way:?} {word}");
            }
        }
        for placeholder in ["[GDPR]", "${GDPR}", "{{gdpr}}", "%%GDPR%%"] {
            let (_, fire) = sale(&app, &shop, way, &[("gdpr", placeholder)]).await;
            assert_eq!(rules(&fire, "gdpr"), ["placeholder_not_filled_in"], "{way:?} {placeholder}");
            assert_eq!(fire.details.consent, None, "{way:?} {placeholder}");
            assert_eq!(is_private(&fire), way == Way::Postback, "{way:?} {placeholder}");
        }
        for (first, second, applies) in [("0", "1", true), ("1", "0", true), ("no", "Yes", true), ("0", "off", false)] {
            let (answer, _) = sale(&app, &shop, way, &[("gdpr", first), ("gdpr", second)]).await;
            assert_eq!(header(&answer, "x-pixeld").contains("no_consent"), applies, "{way:?} {first} {second}");
        }
    }
    for (json, applies) in [("true", true), ("false", false), ("1.0", true), ("\"maybe\"", true), ("\"No\"", false)] {
        let members = format!("\"gdpr\":{json},\"visitor_id\":\"2a\"");
        assert_eq!(is_private(&beacon(&app, &shop, &members).await.1), applies, "{json}");
        assert_eq!(event(&app, &shop, &members).await.unwrap().visitor_id.is_none(), applies, "{json}");
    }
}

#[tokio::test]
async fn trackers_segments_and_rejected_requests_read_gdpr_alike() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let segment = segment(&app, "a").await.id;
    for (word, applies) in [("true", true), ("YES", true), ("maybe", true), ("0&gdpr=on", true), ("no", false)] {
        visit(&app, &format!("/seg?add={segment}&gdpr={word}"), &[]).await;
        assert_eq!(load(&app).await.visitor_id.is_none(), applies, "{word}");
        for (path, id) in [("imptr", shop.impression.id), ("clktr", shop.click.id)] {
            let answer = visit(&app, &format!("/{path}?id={id}&gdpr={word}"), &[]).await;
            assert_eq!(exposure(&app).await.row.visitor_id.is_none(), applies, "{path} {word}");
            assert_eq!(cookie_id(&answer).is_empty(), applies, "{path} {word}");
        }
        visit(&app, &format!("/px?id=999&gdpr={word}"), &[]).await;
        let rejected = app.store.latest_rejected(&app.reader(), 1).await.unwrap().remove(0);
        assert_eq!(rejected.ip.is_none(), applies, "{word}");
    }
}

/// A shop's thank-you page often has its customer's address in its query.
#[tokio::test]
async fn a_servers_event_without_consent_keeps_no_query_of_a_page() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let page = "https://shop.example/thanks?email=anna@shop.example#anna";
    for gdpr in ["\"TRUE\"", "0"] {
        let members = format!("\"gdpr\":{gdpr},\"page_url\":{page:?},\"referer\":{page:?}");
        let logged = event(&app, &shop, &members).await.unwrap();
        assert_eq!(logged.referer.as_deref(), Some("https://shop.example/thanks"), "{gdpr}");
        assert!(!logged.query.contains("anna"), "{}", logged.query);
    }
    // Nor does one that was refused.
    let refused = json!({ "pixel_id": shop.pixel.id.0, "gdpr": "yes", "page_url": page, "value": "$1" });
    sent(&app, "/conversions", &json!({ "events": [refused] })).await;
    let rejected = app.store.latest_rejected(&app.reader(), 1).await.unwrap().remove(0);
    assert!(!rejected.query.contains("anna") && rejected.query.contains("thanks"), "{}", rejected.query);
    assert_eq!(fire(&app).await.value, None);
}

#[tokio::test]
async fn an_import_reads_the_same_words() {
    let directory = tempfile::TempDir::new().unwrap();
    closed_shop(directory.path()).await;
    let page = "https://shop.example/thanks?email=anna@shop.example";
    let line = |kind: &str, name: &str, word: &str| {
        let at = "\"at\":\"2026-09-03T10:00:00Z\",\"visitor\":\"anna\"";
        let of = if kind == "fire" { "\"pixel_id\":1" } else { "\"line_item_id\":1" };
        let page = format!("\"page_url\":{page:?},\"id\":\"{kind} {name} {word}\"");
        format!("{{\"kind\":\"{kind}\",{at},{of},{page},\"{name}\":{}}}\n", json!(word))
    };
    let mut lines = String::new();
    for kind in ["fire", "click"] {
        for word in [YES, NO, OTHER].concat() {
            lines += &line(kind, "gdpr", word);
        }
        for word in [YES, NO].concat() {
            lines += &line(kind, "test", word);
        }
    }
    let said = import(directory.path(), &[], &lines);
    assert!(said.well && !said.out.contains("invalid"), "{}{}", said.out, said.err);
    let conn = open_database(directory.path());
    for table in ["fires", "exposures"] {
        let count = |condition: &str| {
            let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
            usize::try_from(conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()).unwrap()
        };
        let private = YES.len() + OTHER.len();
        assert_eq!(count("query LIKE '%\"gdpr\"%' AND visitor_id IS NULL"), private, "{table}");
        assert_eq!(count("visitor_id IS NULL"), private, "{table}");
        assert_eq!(count("referer LIKE '%anna%'"), 0, "{table}");
        assert_eq!(count("visitor_id IS NULL AND (query LIKE '%anna@%' OR referer LIKE '%anna@%')"), 0, "{table}");
        assert_eq!(count("flags & 1"), YES.len(), "{table}");
    }
}
