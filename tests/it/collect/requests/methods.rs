//! Which methods each address has: `HEAD` is answered as `GET` and logs nothing, `OPTIONS` tells, every other is rejected.

use reqwest::Method;

use crate::collect::{BROWSER, header, rejected, transcript, visit};
use crate::harness::{START, Shop, TestApp};

const GET: &str = "GET, HEAD, OPTIONS";
const TAG: &str = "GET, HEAD, POST, OPTIONS";
const POST: &str = "POST, OPTIONS";

/// Each address with a request that it takes, and its methods.
fn addresses(shop: &Shop) -> [(String, &'static str); 12] {
    [
        (format!("/px?id={}", shop.pixel.id), TAG),
        ("/seg?add=1".to_owned(), TAG),
        (format!("/imptr?id={}", shop.impression.id), GET),
        (format!("/clktr?id={}", shop.click.id), GET),
        (format!("/clktrb?id={}", shop.click.id), GET),
        (format!("/sspx?id={}&sspdata=x", shop.pixel.id), GET),
        (format!("/pixels/conversion/{}.gif", shop.advertiser.id), GET),
        (format!("/tracked_actions/web_sale/{}", shop.advertiser.id), GET),
        ("/optout".to_owned(), GET),
        ("/optin".to_owned(), GET),
        ("/conversions".to_owned(), POST),
        ("/adjustments".to_owned(), POST),
    ]
}

async fn ask(app: &TestApp, method: &str, path: &str) -> reqwest::Response {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = app.client.request(method, app.url(path)).header("user-agent", BROWSER);
    request.header("origin", "https://shop.example").send().await.unwrap()
}

#[tokio::test]
async fn options_tells_the_methods() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let before = app.store.logged();
    for (path, methods) in addresses(&shop) {
        let pages = if methods == TAG {
            "access-control-allow-credentials: true\naccess-control-allow-headers: Content-Type\n\
             access-control-allow-methods: GET, HEAD, POST, OPTIONS\naccess-control-allow-origin: https://shop.example\n\
             access-control-expose-headers: x-pixeld\naccess-control-max-age: 86400\n"
        } else {
            ""
        };
        let vary = if methods == TAG { "vary: Origin\n" } else { "" };
        let mut answer = transcript(ask(&app, "OPTIONS", &path).await).await;
        if path.starts_with("/opt") {
            // These are pages, with the headers of pages.
            answer =
                answer.lines().filter(|line| !PAGE.iter().any(|name| line.starts_with(name))).fold(String::new(), add);
        }
        let expected =
            format!("204 No Content\n{pages}allow: {methods}\ncache-control: no-store\npragma: no-cache\n{vary}\n")
                .trim_end()
                .to_owned();
        assert_eq!(answer.trim_end(), expected, "{path}");
    }
    assert_eq!(app.store.logged(), before);
}

#[tokio::test]
async fn a_preflight_allows_the_headers_that_the_page_wants_to_send() {
    let app = TestApp::start().await;
    let long = "x".repeat(2_000);
    for (wanted, allowed) in [
        (None, "Content-Type"),
        (Some("x-requested-with"), "x-requested-with"),
        (Some("X-Requested-With, content-type,X-CSRF-Token"), "X-Requested-With, content-type,X-CSRF-Token"),
        (Some(""), "Content-Type"),
        (Some("a: b"), "Content-Type"),
        (Some("<x>"), "Content-Type"),
        (Some(&long), "Content-Type"),
    ] {
        for path in ["/px", "/seg"] {
            let request = app.client.request(Method::OPTIONS, app.url(path)).header("origin", "https://shop.example");
            let request = request.header("access-control-request-method", "POST");
            let request = match wanted {
                Some(wanted) => request.header("access-control-request-headers", wanted),
                None => request,
            };
            let response = request.send().await.unwrap();
            assert_eq!(header(&response, "access-control-allow-headers"), allowed, "{path} {wanted:?}");
            assert_eq!(header(&response, "access-control-allow-origin"), "https://shop.example");
            assert_eq!(header(&response, "access-control-allow-credentials"), "true");
        }
    }
    let request = app.client.request(Method::OPTIONS, app.url("/conversions")).header("origin", "https://shop.example");
    let response = request.header("access-control-request-headers", "authorization").send().await.unwrap();
    assert_eq!(header(&response, "access-control-allow-headers"), "", "it is for servers");
}

/// What [`pixeld::web::headers`] adds to every page.
const PAGE: &[&str] = &["content-security-policy", "referrer-policy", "x-content-type", "x-frame-options"];

fn add(text: String, line: &str) -> String {
    text + line + "\n"
}

#[tokio::test]
async fn other_methods_are_rejected_and_logged_as_that() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let before = app.store.logged();
    let mut sent = 0;
    for (path, methods) in addresses(&shop) {
        for method in ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "GET", "POST"] {
            if methods.contains(method) {
                continue;
            }
            let mut answer = transcript(ask(&app, method, &path).await).await;
            if path.starts_with("/opt") {
                answer = answer.replace("content-security-policy", "x-csp");
                assert!(answer.starts_with("405 Method Not Allowed\nallow: GET, HEAD, OPTIONS\n"), "{answer}");
            } else {
                let expected = format!(
                    "405 Method Not Allowed\nallow: {methods}\ncache-control: no-store\ncontent-length: 0\n\
                     cross-origin-resource-policy: cross-origin\npragma: no-cache\nx-pixeld: rejected=wrong_method\n\n"
                );
                assert_eq!(answer, expected, "{method} {path}");
            }
            assert_eq!(rejected(&app).await, "wrong_method", "{method} {path}");
            sent += 1;
        }
    }
    assert_eq!(app.store.logged(), before, "none is a fire");
    let counts = app.store.rejected_since(&app.reader(), START).await.unwrap();
    assert_eq!(counts, [("wrong_method".to_owned(), sent)]);
    assert_eq!(visit(&app, &format!("/px?id={}", shop.pixel.id), &[]).await.status(), 200);
}

#[tokio::test]
async fn head_is_answered_as_get_and_logs_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let before = app.store.logged();
    for (path, methods) in addresses(&shop) {
        let head = ask(&app, "HEAD", &path).await;
        assert_eq!(header(&head, "set-cookie"), "", "{path}");
        if methods == POST {
            assert_eq!((head.status().as_u16(), header(&head, "allow").as_str()), (405, POST), "{path}");
            continue;
        }
        let (status, kind, length) = (head.status(), header(&head, "content-type"), header(&head, "content-length"));
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");
        assert_eq!(
            (app.store.logged(), app.store.rejected_since(&app.reader(), START).await.unwrap()),
            (before, vec![])
        );
        if path.starts_with("/opt") {
            assert_eq!(status, 200, "{path}");
            continue;
        }
        // The same as a GET would be answered, on another application, since that one logs.
        let other = TestApp::start().await;
        other.shop().await;
        let get = ask(&other, "GET", &path).await;
        assert_eq!((get.status(), header(&get, "content-type")), (status, kind), "{path}");
        assert_eq!(header(&get, "content-length"), length, "{path}");
    }
}
