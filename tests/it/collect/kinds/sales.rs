//! Sends the parameters of a sale by every way in that takes them as texts, and as the fields of JSON.

use pixeld::domain::Fire;
use reqwest::Response;
use serde_json::json;

use crate::collect::endpoints::server;
use crate::collect::{fire, header, send, visit};
use crate::harness::{Shop, TestApp};

/// A way in whose parameters are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Image,
    Script,
    Form,
    Multipart,
    Json,
    Postback,
    Invoca,
    WebSale,
}

pub const WAYS: [Way; 8] =
    [Way::Image, Way::Script, Way::Form, Way::Multipart, Way::Json, Way::Postback, Way::Invoca, Way::WebSale];

impl Way {
    /// The name of a parameter of `/px` here.
    pub fn name(self, name: &str) -> &str {
        match (self, name) {
            (Way::Invoca, "value") => "sale_amount",
            (Way::WebSale, "value") => "amount",
            _ => name,
        }
    }
}

/// Every byte of it encoded.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
}

fn query(way: Way, parameters: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", way.name(name), encoded(value));
    parameters.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Sends a sale, and gives the answer with the logged fire.
pub async fn sale(app: &TestApp, shop: &Shop, way: Way, parameters: &[(&str, &str)]) -> (Response, Fire) {
    let (pixel, advertiser) = (shop.pixel.id, shop.advertiser.id);
    let before = app.store.logged();
    let sent = query(way, parameters);
    let answer = match way {
        Way::Image => visit(app, &format!("/px?id={pixel}&{sent}"), &[]).await,
        Way::Script => visit(app, &format!("/px?id={pixel}&t=1&{sent}"), &[]).await,
        Way::Form => send(app, "/px", "application/x-www-form-urlencoded", format!("id={pixel}&{sent}")).await,
        Way::Multipart => {
            let part = |(name, value): &(&str, &str)| {
                format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let parts: String = parameters.iter().map(part).collect();
            send(app, &format!("/px?id={pixel}"), "multipart/form-data; boundary=X", parts + "--X--\r\n").await
        }
        Way::Json => {
            let members = parameters.iter().map(|(name, value)| format!(",{:?}:{}", name, json!(value)));
            let body = format!("{{\"id\":{pixel}{}}}", members.collect::<String>());
            send(app, "/px", "text/plain", body).await
        }
        Way::Postback => {
            let seen = visit(app, &format!("/imptr?id={}", shop.impression.id), &[]).await;
            let token = header(&seen, "x-pixeld-imp");
            app.get(&format!("/sspx?id={pixel}&{sent}&sspdata={token}"), &[]).await
        }
        Way::Invoca => visit(app, &format!("/pixels/conversion/{advertiser}.gif?{sent}"), &[]).await,
        Way::WebSale => visit(app, &format!("/tracked_actions/web_sale/{advertiser}?{sent}"), &[]).await,
    };
    assert!(matches!(answer.status().as_u16(), 200 | 204), "{way:?} {parameters:?}: {}", answer.status());
    assert!(app.store.logged() > before, "{way:?} {parameters:?}");
    (answer, fire(app).await)
}

/// Sends a JSON object to `POST /px`, with the pixel's id beside these members.
pub async fn beacon(app: &TestApp, shop: &Shop, members: &str) -> (Response, Fire) {
    let body = format!("{{\"id\":{},{members}}}", shop.pixel.id);
    let answer = send(app, "/px", "application/json", body).await;
    assert_eq!(answer.status(), 204, "{members}");
    (answer, fire(app).await)
}

/// Sends one event to `/conversions`: the reason of its refusal, or the fire.
pub async fn event(app: &TestApp, shop: &Shop, members: &str) -> Result<Fire, String> {
    let body = format!("{{\"events\":[{{\"pixel_id\":{},{members}}}]}}", shop.pixel.id);
    let (_, answer) = server::sent_text(app, "/conversions", body).await;
    match answer["rejected"][0]["reason"].as_str() {
        None => Ok(fire(app).await),
        Some(reason) => Err(format!("{} {reason}", answer["rejected"][0]["field"].as_str().unwrap())),
    }
}

/// The rules that a fire's warnings name for a parameter.
pub fn rules(fire: &Fire, name: &str) -> Vec<String> {
    fire.warnings.iter().filter(|warning| warning.parameter == name).map(|warning| warning.rule.clone()).collect()
}
