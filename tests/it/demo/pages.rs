//! The demo's pages in a browser's place: they carry the tags that they promise, and a purchase after an ad is credited.

use pixeld::demo;
use pixeld::domain::{Conversion, Millis, Reason, Seq};
use pixeld::judge;
use pixeld::store::ConversionQuery;
use reqwest::StatusCode;
use tempfile::TempDir;

use super::prepared;
use crate::harness::TestApp;

struct Demo {
    app: TestApp,
    shop: demo::Shop,
    /// As the harness's client, and with a jar for cookies.
    browser: reqwest::Client,
    _directory: TempDir,
}

impl Demo {
    async fn start() -> Self {
        let (directory, prepared) = prepared(200).await;
        let app = TestApp::start_demo(directory.path(), prepared.shop).await;
        demo::open(&app.store, prepared.shop, &app.url("")).await.unwrap();
        let browser = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .cookie_store(true)
            .no_proxy()
            .user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
            .build()
            .unwrap();
        Demo { app, shop: prepared.shop, browser, _directory: directory }
    }

    async fn get(&self, url: &str) -> reqwest::Response {
        self.browser.get(url).send().await.unwrap()
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(&self.app.url(path)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    /// The outcomes of the fires with this order.
    async fn judged(&self, order: &str) -> Vec<Conversion> {
        self.app.judged().await;
        let query = ConversionQuery { order_id: Some(order.to_owned()), ..ConversionQuery::default() };
        self.app.store.conversions(&self.app.reader(), query).await.unwrap().items
    }

    async fn reasons(&self, order: &str) -> Vec<Reason> {
        self.judged(order).await.iter().map(|conversion| conversion.outcome.reason()).collect()
    }

    /// Shows the article with its tag; returns it with the token that the tag brings.
    async fn read_the_article(&self) -> (String, String) {
        let article = self.page("/demo/news").await;
        assert!(article.contains(&format!("data-impression=\"{}\"", self.shop.view)), "{article}");
        let view = self.get(&attribute(&article, "<script src=\"", "/imptr?")).await;
        assert_eq!(view.status(), StatusCode::OK);
        let token = view.headers()["x-pixeld-imp"].to_str().unwrap().to_owned();
        assert!(view.text().await.unwrap().contains(&format!("(window,{},\"{token}\")", self.shop.view)));
        (article, token)
    }

    /// Puts a bicycle into the cart, pays, and shows the thank-you page with its tag; returns the order's number.
    async fn buy(&self) -> String {
        let cart = self.page("/demo/shop/cart?size=L&colour=clay&quantity=2").await;
        assert!(cart.contains("Frame L, clay") && cart.contains("1780.00"), "{cart}");
        assert_eq!(self.get(&attribute(&cart, "<img src=\"", "/px?")).await.status(), StatusCode::OK);
        let paid =
            self.browser.post(self.app.url("/demo/shop/checkout")).form(&[("quantity", "2")]).send().await.unwrap();
        assert_eq!(paid.status(), StatusCode::SEE_OTHER);
        let next = location(&paid);
        let order = next.split("order=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let thanks = self.page(&next).await;
        assert!(thanks.contains(&format!("/admin/conversions?order={order}")), "{thanks}");
        let fire = attribute(&thanks, "<script src=\"", "/px?");
        assert_eq!(fire, self.app.url(&format!("/px?id={}&order_id={order}&value=1780.00&t=1", self.shop.purchase)));
        let shown = format!("&#60;script src=&#34;{}", fire.replace('&', "&#38;"));
        assert!(thanks.contains(&shown), "shown as code: {thanks}");
        assert_eq!(self.get(&fire).await.status(), StatusCode::OK);
        order
    }
}

/// The value of the attribute that begins so and holds this.
fn attribute(page: &str, begins: &str, holds: &str) -> String {
    let found =
        page.split(begins).skip(1).map(|rest| rest.split('"').next().unwrap()).find(|text| text.contains(holds));
    found.unwrap_or_else(|| panic!("no {begins} with {holds} in {page}")).replace("&#38;", "&")
}

fn location(answer: &reqwest::Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_purchase_after_a_click_is_credited_to_the_click() {
    let demo = Demo::start().await;
    let (article, token) = demo.read_the_article().await;
    let before = demo.app.store.logged();
    let click = attribute(&article, "<a class=\"ad\" href=\"", "/clktr?");
    // As `demo.js` writes it: `redir` with its escapes, then the token.
    let mut tied = reqwest::Url::parse(&click).unwrap();
    let given: Vec<_> = tied.query_pairs().into_owned().chain([("imp".to_owned(), token)]).collect();
    tied.query_pairs_mut().clear().extend_pairs(given);
    let clicked = demo.get(tied.as_str()).await;
    assert_eq!(clicked.headers()["x-pixeld"], "ok");
    let exposure = demo.app.store.exposure(&demo.app.reader(), demo.app.store.logged()).await.unwrap();
    assert_eq!(exposure.impression, Some((before, exposure.at)), "tied to the view");
    assert_eq!((clicked.status(), location(&clicked)), (StatusCode::FOUND, demo.app.url("/demo/shop?from=ad")));
    let product = demo.page("/demo/shop?from=ad").await;
    assert!(product.contains("You came by the ad."), "{product}");

    let order = demo.buy().await;
    let judged = demo.judged(&order).await;
    assert_eq!(judged.len(), 1);
    assert_eq!(judged[0].outcome.reason(), Reason::PostClick);
    let credit = judged[0].credit.unwrap();
    assert_eq!(credit.exposure, Seq(before.0 + 1), "to that very click");
    assert_eq!(judged[0].fire.value.unwrap().to_money(), "1780.00");
    assert_eq!(credit.static_value.unwrap().to_money(), "18.00", "what the line item says");

    let explained = judge::explain(&demo.app.store, &demo.app.reader(), judged[0].fire.seq).await.unwrap();
    assert_eq!(explained.judgement.explanation.touches.len(), 2, "the impression and the click");
    assert_eq!(explained.judgement.outcome, judged[0].outcome);
}

#[tokio::test]
async fn the_first_page_keeps_its_promises() {
    let demo = Demo::start().await;
    // Without the ad.
    let order = demo.buy().await;
    assert_eq!(demo.reasons(&order).await, [Reason::NoExposure]);
    // Only read.
    demo.read_the_article().await;
    let order = demo.buy().await;
    assert_eq!(demo.reasons(&order).await, [Reason::PostView]);
    // Reloaded.
    let fire = format!("/px?id={}&order_id={order}&value=1780.00&t=1", demo.shop.purchase);
    demo.get(&demo.app.url(&fire)).await;
    let mut reasons = demo.reasons(&order).await;
    reasons.sort();
    assert_eq!(reasons, [Reason::PostView, Reason::DuplicateOrder]);
    // With a signal against tracking.
    for header in ["sec-gpc", "dnt"] {
        let view = demo.app.get(&format!("/imptr?id={}&t=1", demo.shop.view), &[(header, "1")]).await;
        assert!(view.headers().get("x-pixeld-imp").is_none() && view.text().await.unwrap().is_empty());
        demo.app.get(&format!("/px?id={}&order_id={header}", demo.shop.purchase), &[(header, "1")]).await;
        assert_eq!(demo.reasons(header).await, [Reason::NoVisitor]);
    }
    // Asked for by a robot.
    let fire = format!("/px?id={}&order_id=R1", demo.shop.purchase);
    demo.app.get(&fire, &[("user-agent", "Googlebot")]).await;
    assert_eq!(demo.reasons("R1").await, [Reason::Bot]);
    // A day later.
    demo.app.wait_minutes(1_440 + 1);
    let order = demo.buy().await;
    assert_eq!(demo.reasons(&order).await, [Reason::OutsideWindow]);
}

#[tokio::test]
async fn the_pages_are_there_in_the_demo_alone() {
    let demo = Demo::start().await;
    for (path, says) in [
        ("/demo", "See it credited"),
        ("/demo/news", "Harbour Gazette"),
        ("/demo/shop", "The Tern"),
        ("/demo/shop", "You came here without clicking"),
        ("/demo/shop/cart", "Frame M, fern"),
        ("/demo/shop/cart?quantity=99&size=XXL&colour=%3Cb%3E", "Frame M, fern"),
        ("/demo/shop/thank-you?order=A1", "€&nbsp;890.00"),
    ] {
        let page = demo.page(path).await;
        assert!(page.contains(says), "{path}: {page}");
        let css = attribute(&page, "<link rel=\"stylesheet\" href=\"", "demo.css");
        assert_eq!(demo.get(&demo.app.url(&css)).await.status(), StatusCode::OK);
        assert!(!page.contains("style=") && !page.contains("<b>"), "{path}");
    }
    let answer = demo.get(&demo.app.url("/demo/news")).await;
    assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));

    let plain = TestApp::start().await;
    assert_eq!(plain.get("/demo", &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_order_that_could_not_stand_in_a_tag_leads_back_to_the_shop() {
    let demo = Demo::start().await;
    for order in ["", "%3Cscript%3E", "a%22b", "A1%26id%3D9", &"x".repeat(37)] {
        let answer = demo.get(&demo.app.url(&format!("/demo/shop/thank-you?order={order}"))).await;
        assert_eq!((answer.status(), location(&answer).as_str()), (StatusCode::SEE_OTHER, "/demo/shop"), "{order}");
    }
}

#[tokio::test]
async fn tags_name_the_host_that_the_browser_asked() {
    let demo = Demo::start().await;
    let port = demo.app.address.port();
    let host = format!("localhost:{port}");
    let page = demo.app.get("/demo/news", &[("host", &host)]).await.text().await.unwrap();
    let click = attribute(&page, "<a class=\"ad\" href=\"", "/clktr?");
    assert!(click.starts_with(&format!("http://{host}/clktr?id={}&", demo.shop.click)), "{click}");
    let path = click.strip_prefix(&format!("http://{host}")).unwrap();
    let clicked = demo.app.get(path, &[("host", &host)]).await;
    assert_eq!(location(&clicked), format!("http://{host}/demo/shop?from=ad"), "its cookie is bound to that name");
    // A host that is not allowed gets no redirect.
    let elsewhere = demo.app.url(&format!("/clktr?id={}&redir=http://evil.example/demo/shop", demo.shop.click));
    assert_eq!(location(&demo.get(&elsewhere).await), demo.app.url("/demo/shop"));
}

#[tokio::test]
async fn a_deleted_pixel_leaves_a_page_without_a_tag() {
    let demo = Demo::start().await;
    let by = demo.app.editor();
    let id = demo.shop.click.0;
    demo.app.store.delete::<pixeld::store::ClickTracker>(&by, id).await.unwrap();
    let page = demo.page("/demo/news").await;
    assert!(page.contains(&format!("This page carries no tag now: tracker {id} was deleted.")), "{page}");
    assert!(page.contains("<a class=\"ad\" href=\"/demo/shop\">"), "{page}");
}

#[tokio::test]
async fn history_and_present_join() {
    let demo = Demo::start().await;
    let order = demo.buy().await;
    let now = demo.judged(&order).await.remove(0).fire;
    let query = ConversionQuery { num_elements: 2, ..ConversionQuery::default() };
    let latest = demo.app.store.conversions(&demo.app.reader(), query).await.unwrap().items;
    assert_eq!(latest[0].fire.at, now.at);
    let pixel = demo.app.store.catalog().pixel(demo.shop.purchase).unwrap();
    assert!(now.at.since(pixel.created_on) > demo::DAYS * Millis::DAY, "made before the history began");
}
