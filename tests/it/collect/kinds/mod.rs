//! Kinds of input that real pages and shops send, each as one table of cases over every way in for fires.

mod agents;
mod amounts;
mod beyond_belief;
mod blanks;
mod click_ids;
mod currencies;
mod hash;
mod page_urls;
mod placeholders;
mod redir_bytes;
mod sales;
mod switches;
mod twins;
mod whole_ids;

use std::fmt::Write;

use pixeld::domain::{Advertiser, Fire, Role};
use pixeld::store::ClickTracker;
use reqwest::Response;
use serde_json::{Map, Value, json};

use super::endpoints::server::token;
use super::{fire, header, send, visit};
use crate::harness::{Shop, TestApp};

/// A way in for fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Image,
    Script,
    Form,
    FormData,
    Json,
    Beacon,
    Postback,
    Server,
}

pub const WAYS: [Way; 8] =
    [Way::Image, Way::Script, Way::Form, Way::FormData, Way::Json, Way::Beacon, Way::Postback, Way::Server];

/// The application with a shop that counts each order once, and all that a request of any way needs.
pub struct Site {
    pub app: TestApp,
    pub shop: Shop,
    /// A click's token.
    pub click: String,
    /// A collector's API token.
    pub collector: String,
}

/// Every byte of it as an escape.
pub fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").unwrap();
        text
    })
}

pub fn query(params: &[(&str, &str)]) -> String {
    params.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

fn object(params: &[(&str, &str)]) -> Map<String, Value> {
    params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

impl Site {
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let shop = app
            .shop_with(|pixel| {
                pixel.count_each_order_once = true;
                pixel.min_minutes_per_conv = Some(0);
                pixel.code = Some("buy".to_owned());
            })
            .await;
        let by = app.editor();
        let landing = |tracker: &mut ClickTracker| {
            tracker.0.click_url = Some("https://shop.example/?c=${CLICK_ID}".to_owned());
            Ok(())
        };
        app.store.update(&by, shop.click.id.0, landing).await.unwrap();
        let pixel = shop.pixel.id;
        let allow = move |advertiser: &mut Advertiser| {
            advertiser.allow_any_redirect = true;
            advertiser.default_pixel_id = Some(pixel);
            Ok(())
        };
        app.store.update(&by, shop.advertiser.id.0, allow).await.unwrap();
        let collector = token(&app, Role::Collector, None).await;
        let mut site = Site { app, shop, click: String::new(), collector };
        site.click = site.click_of("2a").await;
        site
    }

    /// The token of a click by the visitor with this cookie.
    pub async fn click_of(&self, visitor: &str) -> String {
        let path = format!("/clktr?id={}", self.shop.click.id);
        let location = header(&visit(&self.app, &path, &[("cookie", &format!("pxid={visitor}"))]).await, "location");
        location.strip_prefix("https://shop.example/?c=").unwrap().to_owned()
    }

    /// Sends a fire with these parameters, beside those that name pixel and visitor.
    pub async fn answer(&self, way: Way, params: &[(&str, &str)]) -> Response {
        let (id, cookie) = (self.shop.pixel.id.to_string(), [("cookie", "pxid=2a")]);
        let named = [&[("id", id.as_str())], params].concat();
        match way {
            Way::Image => visit(&self.app, &format!("/px?{}&t=2", query(&named)), &cookie).await,
            Way::Script => visit(&self.app, &format!("/px?t=1&{}&cb=1", query(&named)), &cookie).await,
            Way::Form => send(&self.app, "/px", "application/x-www-form-urlencoded", query(&named)).await,
            Way::FormData => {
                let part = |(name, value): &(&str, &str)| {
                    format!("--yX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                };
                let parts = named.iter().map(part).collect::<String>() + "--yX--\r\n";
                send(&self.app, "/px", "multipart/form-data; boundary=yX", parts).await
            }
            Way::Json => send(&self.app, "/px", "application/json", Value::Object(object(&named)).to_string()).await,
            Way::Beacon => send(&self.app, "/px", "text/plain", Value::Object(object(&named)).to_string()).await,
            Way::Postback => {
                let path = format!("/sspx?{}&sspdata={}", query(&named), self.click);
                self.app.get(&path, &[("user-agent", "shop")]).await
            }
            Way::Server => {
                let mut event = object(params);
                event.insert("pixel_id".to_owned(), json!(id));
                self.events("/conversions", json!({ "events": [event] })).await
            }
        }
    }

    /// The same; the fire that was logged of it.
    pub async fn fire(&self, way: Way, params: &[(&str, &str)]) -> Fire {
        let before = self.app.store.logged();
        let response = self.answer(way, params).await;
        let status = response.status();
        assert!(self.app.store.logged() > before, "{way:?} {params:?} {status} {:?}", response.text().await);
        fire(&self.app).await
    }

    pub async fn events(&self, path: &str, body: Value) -> Response {
        let request = self.app.client.post(self.app.url(path)).header("authorization", self.collector.as_str());
        request.body(body.to_string()).send().await.unwrap()
    }

    /// The reason of the conversion that was logged last.
    pub async fn reason(&self) -> String {
        let seq = self.app.store.logged();
        self.app.judged().await;
        self.app.store.conversion(&self.app.reader(), seq).await.unwrap().outcome.reason().as_str().to_owned()
    }
}
