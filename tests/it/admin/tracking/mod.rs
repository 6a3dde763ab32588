//! *Set up tracking*: every step, asked for and posted to as a browser does.

/// Where the shop advertises, and what each choice creates.
mod ads;
/// The wait for the first sale: the four ticks, the mistakes, and the test sale.
mod first_sale;
/// Who may use the flow.
mod rights;
/// The shop, and the two snippets.
mod shop;

use pixeld::domain::{AdvertiserId, Role, TrackingSetup};
use pixeld::store::{Entity, ListQuery};

use super::Browser;
use crate::harness::TestApp;

/// The first form of a shop that can only be reached from outside.
const SHOP: [(&str, &str); 5] = [
    ("name", "Green Tea Club"),
    ("site", "shop.example"),
    ("goal", "purchase"),
    ("default_currency", "EUR"),
    ("timezone", "Europe/Berlin"),
];

/// A server whose address every page can load tags from, and an editor's browser.
async fn start() -> (TestApp, Browser) {
    let app = TestApp::start_with(|given| given.public_url = Some("https://px.shop.example".to_owned())).await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    (app, browser)
}

/// A server with a shop that has done the second step with these kinds of advertising.
async fn start_with(channels: &[&str]) -> (TestApp, Browser) {
    let (app, browser) = start().await;
    set_up(&browser, channels).await;
    (app, browser)
}

async fn set_up(browser: &Browser, channels: &[&str]) {
    assert_eq!(browser.submit("/admin/tracking/new", &SHOP).await.location(), "/admin/tracking/1/ads");
    let fields: Vec<_> = channels.iter().map(|channel| ("ads", *channel)).chain([("shop_system", "page")]).collect();
    let done = browser.submit("/admin/tracking/1/ads", &fields).await;
    assert_eq!((done.status, done.location()), (303, "/admin/tracking/1/snippets"), "{}", done.text());
}

async fn setup(app: &TestApp) -> TrackingSetup {
    app.store.tracking_setup(&app.reader(), AdvertiserId(1)).await.unwrap().expect("a set-up")
}

/// All objects of a kind, in the order of their ids.
async fn all<E: Entity>(app: &TestApp) -> Vec<E> {
    app.store.list::<E>(&app.reader(), ListQuery::default()).await.unwrap().items
}
