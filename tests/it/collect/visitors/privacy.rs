//! Visitors who are not to be known: opted out, GPC, DNT, no consent under the GDPR. They are logged without any
//! identifier, and no answer names them.

use pixeld::domain::{Exposure, Fire};
use serde_json::json;

use crate::collect::endpoints::server::sent;
use crate::collect::{cookie_id, exposure, fire, header, load, segment, visit, warnings};
use crate::harness::{START, TestApp, open_database};

/// Purposes 1, 2 and 3, vendors 2, 6 and 8.
const GRANTED: &str = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA";

fn is_unnamed_fire(fire: &Fire) -> bool {
    fire.visitor_id.is_none() && fire.ip.is_none() && !fire.flags.new_visitor
}

fn is_unnamed_exposure(exposure: &Exposure) -> bool {
    exposure.visitor_id.is_none() && exposure.ip.is_none() && exposure.impression.is_none()
}

#[tokio::test]
async fn an_unnamed_visitor_is_logged_without_an_id() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let a = segment(&app, "a").await.id;
    let refused = format!("&gdpr=1&gdpr_consent={GRANTED}").replace("AAOA", "AAAA");
    for (headers, query, header_value, signals) in [
        (&[("cookie", "pxid=optout")][..], "", "no_visitor=opted_out", None),
        (&[("cookie", "pxid=2a"), ("sec-gpc", "1")], "", "no_visitor=gpc", Some("sec-gpc=1")),
        (&[("dnt", "1")], "&us_privacy=1YYN", "no_visitor=dnt", Some("us_privacy=1YYN&dnt=1")),
        (&[("cookie", "pxid=2a")], "&gdpr=1", "no_visitor=no_consent", Some("gdpr=1")),
        (&[("cookie", "pxid=2a")], &refused, "no_visitor=no_consent", Some(&refused[1..])),
    ] {
        let response = visit(&app, &format!("/px?id={}&order_id=A1{query}", shop.pixel.id), headers).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, header_value));
        let said = if header_value == "no_visitor=opted_out" { "optout" } else { "" };
        assert_eq!(cookie_id(&response), said, "{header_value}");
        let logged = fire(&app).await;
        assert!(is_unnamed_fire(&logged), "{logged:?}");
        assert_eq!(
            (logged.order_id.as_deref(), logged.details.consent.as_deref()),
            (Some("A1"), signals),
            "{header_value}"
        );

        let seen = visit(&app, &format!("/imptr?id={}{query}", shop.impression.id), headers).await;
        assert_eq!((header(&seen, "x-pixeld").as_str(), header(&seen, "x-pixeld-imp").as_str()), (header_value, ""));
        assert!(is_unnamed_exposure(&exposure(&app).await.row), "{header_value}");
        let clicked = visit(&app, &format!("/clktr?id={}{query}", shop.click.id), headers).await;
        assert_eq!((clicked.status().as_u16(), header(&clicked, "x-pixeld").as_str()), (302, header_value));
        assert!(is_unnamed_exposure(&exposure(&app).await.row), "{header_value}");

        let added = visit(&app, &format!("/seg?add={a}{query}"), headers).await;
        assert_eq!((header(&added, "x-pixeld").as_str(), cookie_id(&added).as_str()), (header_value, said));
        let logged = load(&app).await;
        assert_eq!((logged.visitor_id, logged.ip), (None, None), "{header_value}");

        visit(&app, &format!("/px?id=999{query}"), headers).await;
        assert_eq!(app.store.latest_rejected(&app.reader(), 1).await.unwrap()[0].ip, None, "{header_value}");
    }
}

/// An exposure's token names its visitor, in every parameter that takes it.
#[tokio::test]
async fn a_token_of_an_unnamed_visitor_is_not_kept() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    assert_eq!(segment(&app, "a").await.id.0, 1);
    let seen = visit(&app, &format!("/imptr?id={}", shop.impression.id), &[]).await;
    let token = header(&seen, "x-pixeld-imp");
    let landing = format!("https://shop.example/land?sspdata={token}");
    let encoded = landing.replace('?', "%3F").replace('=', "%3D");
    for headers in [[("sec-gpc", "1"), ("referer", &landing)], [("cookie", "pxid=optout"), ("referer", &landing)]] {
        let twice = format!("sspdata={token}&sspdata={token}&redir={encoded}&imp={token}&imp={token}");
        for path in [
            format!("/px?id={}&{twice}", shop.pixel.id),
            format!("/imptr?id={}&{twice}", shop.impression.id),
            format!("/clktr?id={}&{twice}", shop.click.id),
            format!("/seg?add=1&{twice}"),
            format!("/px?id=999&{twice}"),
        ] {
            visit(&app, &path, &headers).await;
        }
    }
    visit(&app, &format!("/px?id={}&redir={landing}", shop.pixel.id), &[("dnt", "1"), ("referer", &landing)]).await;
    let logged = fire(&app).await;
    assert_eq!(logged.referer.as_deref(), Some("https://shop.example/land"));
    assert_eq!(warnings(&logged.warnings), ["redir redir_not_allowed"]);
    assert_eq!(logged.warnings[0].raw, "https://shop.example/land");
    let conn = open_database(app.data_dir());
    for (table, rows) in [("fires", 3), ("exposures", 5), ("segment_loads", 2), ("rejected", 2)] {
        let warnings = if table == "rejected" { "''" } else { "warnings" };
        let sql = format!(
            "SELECT count(*), sum(instr(query || coalesce(referer, '') || coalesce({warnings}, ''), ?1) > 0) FROM {table}"
        );
        let found: (i64, i64) = conn.query_row(&sql, [&token], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (rows, 0), "{table}");
    }
}

/// A server's event says of whom it is: where it is refused, too, that is not kept.
#[tokio::test]
async fn a_refused_event_is_kept_without_identifiers() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let (email, visitor) = ("aa".repeat(32), "2b2b2b2b");
    let event = json!({ "pixel_id": id.0, "gdpr": 1, "visitor_id": visitor, "hashed_email": email, "value": "$1" });
    for (list, status) in [("events", 422), ("event", 400)] {
        assert_eq!(sent(&app, "/conversions", &json!({ list: [event] })).await.0, status);
    }
    let kept = app.store.latest_rejected(&app.reader(), 2).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|rejected| (rejected.reason.as_str(), rejected.query.as_str())).collect();
    let event = format!(r#"{{"pixel_id":{id},"gdpr":1,"value":"$1"}}"#);
    assert_eq!(kept, [("no_list", r#"{"event":null}"#), ("refused_event", event.as_str())]);
}

#[tokio::test]
async fn with_consent_the_visitor_is_known() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let query = format!("gdpr=1&gdpr_consent={GRANTED}&us_privacy=1YNN&gpp=DBAA");
    let response = visit(&app, &format!("/px?id={id}&{query}"), &[("sec-gpc", "0"), ("dnt", "0")]).await;
    assert_eq!(header(&response, "x-pixeld"), "ok");
    let logged = fire(&app).await;
    assert!(logged.visitor_id.is_some() && logged.ip.is_some());
    assert_eq!(logged.details.consent, Some(query));
    // A placeholder is no signal and gives a warning.
    let response = visit(&app, &format!("/px?id={id}&gdpr=%24%7BGDPR%7D&gdpr_consent=%24%7BGDPR%7D"), &[]).await;
    assert_eq!(header(&response, "x-pixeld"), "warning=gdpr,gdpr_consent");
    let logged = fire(&app).await;
    assert!(logged.visitor_id.is_some());
    assert_eq!(warnings(&logged.warnings), ["gdpr placeholder_not_filled_in", "gdpr_consent not_a_consent_string"]);
}

#[tokio::test]
async fn a_token_does_not_name_an_unnamed_visitor() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let token = header(&visit(&app, &format!("/imptr?id={}", shop.impression.id), &[]).await, "x-pixeld-imp");
    let private = [("sec-gpc", "1")];
    visit(&app, &format!("/px?id={}&order_id=A1&sspdata={token}&t=2", shop.pixel.id), &private).await;
    let logged = fire(&app).await;
    assert_eq!((logged.exposure, logged.query), (None, format!("id={}&order_id=A1&t=2", shop.pixel.id)));
    visit(&app, &format!("/clktr?id={}&imp={token}", shop.click.id), &private).await;
    let logged = exposure(&app).await;
    assert_eq!((logged.impression, logged.row.query), (None, format!("id={}", shop.click.id)));
    // With a bad token besides, the warning tells it as ever.
    visit(&app, &format!("/px?id={}&sspdata=x", shop.pixel.id), &private).await;
    assert_eq!(warnings(&fire(&app).await.warnings), ["sspdata bad_token"]);
}

#[tokio::test]
async fn settings_choose_the_honoured_signals() {
    let app = TestApp::start_with(|given| {
        given.honour_gpc = Some("off".to_owned());
        given.honour_dnt = Some("off".to_owned());
        given.tcf_purposes = Some("1,3".to_owned());
        given.tcf_vendor_id = Some("8".to_owned());
    })
    .await;
    let id = app.shop().await.pixel.id;
    let response = visit(&app, &format!("/px?id={id}"), &[("sec-gpc", "1"), ("dnt", "1")]).await;
    assert_eq!(header(&response, "x-pixeld"), "ok");
    let px = format!("/px?id={id}&gdpr=1&gdpr_consent=");
    assert_eq!(header(&visit(&app, &format!("{px}{GRANTED}"), &[]).await, "x-pixeld"), "ok");
    // Purposes 1 and 2 alone; all three, but not vendor 8.
    for other in [GRANTED.replace("AAOA", "AAMA"), GRANTED.replace("EEUA", "EEQA")] {
        assert_ne!(other, GRANTED);
        assert_eq!(header(&visit(&app, &format!("{px}{other}"), &[]).await, "x-pixeld"), "no_visitor=no_consent");
    }
    assert_eq!(app.store.rejected_since(&app.reader(), START).await.unwrap(), []);
}
