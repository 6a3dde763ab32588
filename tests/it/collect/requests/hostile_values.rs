//! Every hostile value in every parameter of every address: whatever is sent, no answer holds a header that is not ours,
//! leads to a host that is not allowed, or carries a program that is not ours.

use pixeld::domain::{
    Advertiser, Piggyback, PiggybackKind, Pixel, RedirectHosts, Segment, Tracker, TrackerKind, TriggerType,
};
use pixeld::store::ClickTracker;
use reqwest::Url;
use tokio::task::JoinSet;

use crate::collect::{BROWSER, GIF, visit};
use crate::harness::{Shop, TestApp};

/// Requests under way at a time, so that they share commits.
const AT_ONCE: usize = 64;

/// Hosts that the advertiser and its piggybacks name. Every other is foreign.
const OURS: &[&str] = &["shop.example", "partner.example"];

/// Every header that an answer may have.
const HEADERS: &[&str] = &[
    "cache-control",
    "content-length",
    "content-type",
    "cross-origin-resource-policy",
    "date",
    "location",
    "pragma",
    "set-cookie",
    "x-pixeld",
    "x-pixeld-imp",
];

fn values() -> Vec<String> {
    let mut values: Vec<String> = [
        "</script><script>alert(1)</script>",
        "\"');alert(1)//",
        "\"onload=\"alert(1)",
        "<img src=x onerror=alert(1)>",
        "\r\nSet-Cookie: evil=1\r\nLocation: https://evil.example/\r\n\r\n<script>",
        "\nX-Evil: 1",
        "\u{560a}\u{560d}Set-Cookie: evil=1",
        "\u{2028}\u{2029}\u{85}",
        "\0\u{1}\u{7f}",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//shop.example",
        "\tjava\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example\\x",
        "https:evil.example",
        "https:/evil.example",
        "https://evil.example/",
        "https://shop.example@evil.example/",
        "https://shop.example:pw@evil.example/",
        "https://evil.example#@shop.example/",
        "https://evil.example?shop.example",
        "https://evil.example\\@shop.example/",
        "https://evil.example\\.shop.example/",
        "https://shop.example.evil.example/",
        "https://shop.exampleevil.example/",
        "https://shop.example%2eevil.example/",
        "https://evil.example%2f@shop.example@evil.example/",
        "https://ѕhop.example/",
        "https://shop\u{3002}example\u{ff0e}evil.example/",
        "https://ｓｈｏｐ.example.evil.example/",
        "https://xn--hop-tdd.example/",
        "https://[::1]/",
        "https://127.1/",
        "http://0x7f000001/",
        "https://${ORDER_ID}/",
        "https://shop.example/\r\nSet-Cookie: evil=1",
        "https://shop.example/${ORDER_ID}?</script>",
        "https://partner.example/\"');alert(1)//",
        "${ORDER_ID}${${VALUE}}${",
        "%00%0d%0aX-Evil:%201",
        "%25%30%64%25%30%61X-Evil:%201",
        "%252e%252e%255c",
        "%c0%af%e0%80%af%ff",
        "%",
        "=cmd|'/c calc'!A0",
        "'; DROP TABLE fires; --",
        "{\"$gt\":\"\"}",
        "[[[[[[[[[[[[[[[[[[[[[[[[",
        "../../../etc/passwd",
        "-1",
        "0",
        "1e309",
        "NaN",
        "99999999999999999999999999",
        "-9223372036854775808",
        "1:2:3:4,,,:::,-1:-1",
        "1,1,1:2147483648",
        "🎉👩\u{200d}👩\u{200d}👧\u{202e}\u{feff}",
        "",
        " ",
    ]
    .map(str::to_owned)
    .to_vec();
    // As much of everything as a query string takes.
    let all: String = (0..=255).map(char::from).cycle().take(1_900).collect();
    values.push(all);
    values.push("https://shop.example/".to_owned() + &"?&=/@:\\".repeat(300));
    values
}

/// A value so that every byte of it arrives.
fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
}

/// A value as a careless page puts it there, and a browser then escapes it.
fn careless(value: &str) -> String {
    value.replace('#', "%23")
}

/// Where the requests go, with what makes each of them a good one, and the parameters.
fn addresses(shop: &Shop, segment: &Segment) -> Vec<(String, Vec<&'static str>)> {
    let consent = ["gdpr", "gdpr_consent", "us_privacy", "gpp", "test", "cb", "x"];
    let all = |names: &[&'static str]| names.iter().chain(&consent).copied().collect::<Vec<_>>();
    let segments = ["add", "remove", "seg_code", "add_code", "remove_code", "member", "redir"];
    let fire = ["order_id", "value", "other", "event_id", "currency", "content_ids", "num_items", "sspdata"];
    let exposure = ["ancost", "campaign_id", "creative_id", "redir", "imp", "cachebuster"];
    let named = ["id", "code", "member", "advertiser_id", "t"];
    let px = [&fire[..], &segments, &["seg"]].concat();
    let sale = ["sale_amount", "reason_code", "sku_list[]", "reference_id", "parent_reference_id"];
    let (pixel, advertiser) = (shop.pixel.id, shop.advertiser.id);
    vec![
        (format!("/px?id={pixel}&t=1"), all(&px)),
        (format!("/px?id={pixel}&t=2"), all(&px)),
        ("/px?".to_owned(), named.to_vec()),
        (format!("/seg?seg={}&t=1", segment.id), all(&segments)),
        (format!("/seg?seg={}&t=2", segment.id), all(&segments)),
        ("/seg?".to_owned(), all(&segments)),
        (format!("/imptr?id={}&t=1", shop.impression.id), all(&exposure)),
        (format!("/imptr?id={}&t=2", shop.impression.id), all(&exposure)),
        ("/imptr?".to_owned(), named.to_vec()),
        (format!("/clktr?id={}", shop.click.id), all(&exposure)),
        ("/clktrb?".to_owned(), named.to_vec()),
        (format!("/sspx?id={pixel}&sspdata=x"), all(&px)),
        (format!("/sspx?id={pixel}"), vec!["sspdata"]),
        ("/sspx?".to_owned(), named.to_vec()),
        (format!("/pixels/conversion/{advertiser}.gif?"), all(&sale)),
        (format!("/tracked_actions/web_sale/{advertiser}?"), all(&["amount", "currency", "external_data"])),
        ("/optout?".to_owned(), vec!["x"]),
    ]
}

/// A shop whose every URL carries macros, on hosts of its own.
async fn shop(app: &TestApp) -> (Shop, Segment) {
    let by = app.editor();
    let macros = "o=${ORDER_ID}&v=${VALUE}&c=${CURRENCY}&x=${OTHER}&e=${EVENT_ID}#${ORDER_ID}";
    let urls = [
        (PiggybackKind::Image, format!("https://partner.example/${{ORDER_ID}}/i?{macros}")),
        (PiggybackKind::Script, format!("https://partner.example/s.js?{macros}")),
    ];
    let piggybacks: Vec<_> = urls.into_iter().map(|(kind, url)| Piggyback { kind, url }).collect();
    let change = |pixel: &mut Pixel| {
        pixel.piggyback_pixels = piggybacks.clone();
        pixel.trigger_type = TriggerType::Hybrid;
    };
    let shop = app.shop_with(change).await;
    let allow = |advertiser: &mut Advertiser| {
        advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".to_owned()]);
        Ok(())
    };
    app.store.update(&by, shop.advertiser.id.0, allow).await.unwrap();
    let landing = |tracker: &mut ClickTracker| {
        let Tracker { click_url, kind, .. } = &mut tracker.0;
        assert_eq!(*kind, TrackerKind::Click);
        *click_url = Some("https://shop.example/${CAMPAIGN_ID}?c=${CLICK_ID}&k=${CAMPAIGN_ID}".to_owned());
        Ok(())
    };
    app.store.update(&by, shop.click.id.0, landing).await.unwrap();
    let segment = Segment {
        advertiser_id: Some(shop.advertiser.id),
        piggyback_pixels: piggybacks.clone(),
        ..Segment::new("buyers")
    };
    (shop, app.store.create(&by, segment).await.unwrap())
}

#[tokio::test]
async fn no_value_in_any_parameter_gets_out_of_its_place() {
    let app = TestApp::start().await;
    let (shop, segment) = shop(&app).await;
    let before = app.store.logged();
    let mut under_way = JoinSet::new();
    let mut sent = 0;
    for (address, parameters) in addresses(&shop, &segment) {
        for value in values() {
            for parameter in &parameters {
                let order = if *parameter == "redir" { "&order_id=%0D%0A%22%3C/script%3E" } else { "" };
                let mut queries = vec![format!("{address}{order}&{parameter}={}", encoded(&value))];
                // What comes without escapes is of interest where a URL is read, and where the parser meets it.
                if matches!(*parameter, "redir" | "order_id" | "x") {
                    queries.push(format!("{address}{order}&{parameter}={}", careless(&value)));
                }
                for query in queries {
                    if under_way.len() >= AT_ONCE {
                        under_way.join_next().await.unwrap().unwrap();
                    }
                    under_way.spawn(harmless(app.client.clone(), app.url(&query)));
                    sent += 1;
                }
            }
        }
    }
    under_way.join_all().await;
    assert!(sent > 10_000, "{sent}");
    assert!(app.store.logged().0 - before.0 > 5_000, "most are fires and exposures all the same");
    let px = format!("/px?id={}", shop.pixel.id);
    assert_eq!(visit(&app, &px, &[]).await.status(), 302, "and the next visitor is served");
}

#[tokio::test]
async fn no_value_in_a_path_or_a_body_does_either() {
    let app = TestApp::start().await;
    let (shop, _) = shop(&app).await;
    for value in values() {
        for path in ["/pixels/conversion/x", "/tracked_actions/web_sale/x"] {
            harmless(app.client.clone(), app.url(&format!("{path}{}", encoded(&value)))).await;
        }
        for parameter in ["id", "order_id", "redir", "value", "seg", "content_ids", "gdpr_consent"] {
            let form = format!("id={}&{parameter}={}", shop.pixel.id, encoded(&value));
            let json = serde_json::json!({ "id": shop.pixel.id.0, parameter: value }).to_string();
            for (kind, body) in [("application/x-www-form-urlencoded", form), ("text/plain", json)] {
                let request = app.client.post(app.url("/px")).header("content-type", kind);
                let answer = request.header("user-agent", BROWSER).body(body.clone()).send().await.unwrap();
                assert!(matches!(answer.status().as_u16(), 204 | 404), "{body}");
                assert!(answer.headers().keys().all(|name| HEADERS.contains(&name.as_str())), "{answer:?}");
                assert_eq!(answer.bytes().await.unwrap().len(), 0, "{body}");
            }
        }
    }
}

/// Asks, and looks at all of the answer.
async fn harmless(client: reqwest::Client, url: String) {
    let answer =
        client.get(&url).header("user-agent", BROWSER).send().await.unwrap_or_else(|why| panic!("{url}: {why}"));
    let status = answer.status().as_u16();
    assert!(matches!(status, 200 | 302 | 400 | 404 | 414), "{status} to {url}");
    if url.contains("/optout?") {
        // A page, whose headers are for the pages' tests; nothing of the request is in it.
        assert!(!answer.text().await.unwrap().contains("alert"));
        return;
    }
    let headers = answer.headers().clone();
    for (name, value) in &headers {
        assert!(HEADERS.contains(&name.as_str()), "{name} in the answer to {url}");
        assert!(value.as_bytes().iter().all(|byte| (0x20..0x7f).contains(byte)), "{name}: {value:?} to {url}");
        assert_eq!(headers.get_all(name).iter().count(), 1, "{name} to {url}");
    }
    let of = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    let cookie = of("set-cookie");
    assert!(cookie.is_empty() || cookie.starts_with("pxid=") && !cookie.contains("evil"), "{cookie} to {url}");
    let said = of("x-pixeld");
    assert!(
        said.bytes().all(|byte| byte.is_ascii_lowercase() || b"_=,; 0123456789".contains(&byte)),
        "{said} to {url}"
    );
    assert_eq!(status == 302, headers.contains_key("location"), "{url}");
    if status == 302 {
        ours(of("location"), &url);
    }
    let body = answer.bytes().await.unwrap();
    match of("content-type") {
        "image/gif" => assert_eq!(body, GIF, "{url}"),
        "application/javascript" => program(std::str::from_utf8(&body).unwrap(), &url),
        "text/plain; charset=utf-8" => {
            let text = std::str::from_utf8(&body).unwrap();
            assert!(text.len() < 100 && !text.contains("evil") && !text.contains("alert"), "{text} to {url}");
        }
        "" => assert_eq!(body, "", "{url}"),
        other => panic!("{other} to {url}"),
    }
}

/// A URL leads to an allowed host, and a browser reads it as we do.
fn ours(led: &str, url: &str) {
    let read = Url::parse(led).unwrap();
    assert!(matches!(read.scheme(), "http" | "https"), "{led} from {url}");
    assert!(OURS.contains(&read.host_str().unwrap()), "{led} from {url}");
    assert_eq!(read.as_str(), led, "written out in full, so that nothing is left to be read otherwise");
}

/// A program is ours: take its literals out, and what is left is one of a few texts.
fn program(program: &str, url: &str) {
    assert!(program.bytes().all(|byte| (0x20..0x7f).contains(&byte) || byte == b'\n'), "{program} to {url}");
    assert!(!program.contains(['<', '>', '\'', '&']), "{program} to {url}");
    let mut left = String::new();
    let mut rest = program;
    while let Some((before, after)) = rest.split_once('"') {
        // A literal ends at the first quote that no backslash stands before; ours escapes by code point alone.
        let (literal, after) = after.split_once('"').unwrap_or_else(|| panic!("{program} to {url}"));
        let text: String = serde_json::from_str(&format!("\"{literal}\"")).unwrap();
        if matches!(text.as_str(), "script" | "pixeld:imp") {
            left += &format!("{before}\"{text}\"");
        } else {
            left += &format!("{before}\"\"");
            if text.contains(':') {
                ours(&text, url);
            }
        }
        rest = after;
    }
    left += rest;
    const LOADS: &str = "(function(d){function s(u){var e=d.createElement(\"script\");e.async=true;e.src=u;\
                         (d.head||d.documentElement).appendChild(e)}function i(u){new Image().src=u}";
    let known = |line: &str| {
        let announces = line.starts_with("(function(w,n,t){(w.pixeld_imp=w.pixeld_imp||{})[n]=t;w.dispatchEvent(");
        let loads = line.strip_prefix(LOADS).or(line.strip_prefix("(function(d){function i(u){new Image().src=u}"));
        let calls = loads.and_then(|calls| calls.strip_suffix("})(document);"));
        announces || calls.is_some_and(|calls| calls.replace("s(\"\");", "").replace("i(\"\");", "").is_empty())
    };
    assert!(left.lines().all(known), "{left} to {url}");
}
