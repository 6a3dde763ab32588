//! The pages of the demo: an introduction, an article with an ad, and a shop that sells one bicycle. They keep no state:
//! a page's address carries all it needs from the page before.

use actix_web::http::header::{HOST, LOCATION};
use actix_web::middleware::Compress;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::tags::{MissingTag, OrderId, Tags};
use super::{DAYS, Shop, USER};
use crate::domain::{AdvertiserId, Micros, TrackerId};
use crate::tag::{Tag, TagHost};
use crate::web::client::Client;
use crate::web::{AppState, headers};

/// Where the ad leads.
pub(super) const SHOP: &str = "/demo/shop";

/// The bicycle's price, in euros.
const PRICE: Micros = Micros(890 * Micros::UNIT);
/// The most bicycles in one order.
const MOST: u8 = 4;

/// The tag of a page, or the reason why it has none.
type PageTag = Result<Tag, MissingTag>;

/// The demo's pages, for this shop.
pub fn routes(routes: &mut web::ServiceConfig, shop: Shop) {
    routes.app_data(web::Data::new(shop)).service(
        web::scope("/demo")
            .wrap(headers::for_pages())
            .wrap(Compress::default())
            .route("", web::get().to(index))
            .route("/news", web::get().to(news))
            .route("/shop", web::get().to(product))
            .route("/shop/cart", web::get().to(cart))
            .route("/shop/checkout", web::post().to(checkout))
            .route("/shop/thank-you", web::get().to(thank_you)),
    );
}

#[derive(Template)]
#[template(path = "demo/index.html")]
struct Index {
    days: i64,
    user: &'static str,
}

#[derive(Template)]
#[template(path = "demo/news.html")]
struct News {
    view: PageTag,
    click: PageTag,
    /// The tracker whose impression the click is tied to.
    impression: TrackerId,
    /// The addresses of two links to the shop that no tracker sees: a search ad's, and one in a newsletter.
    links: [String; 2],
}

#[derive(Template)]
#[template(path = "demo/product.html")]
struct Product {
    price: String,
    /// Whether the visitor came by the ad.
    by_ad: bool,
    /// Whether the visitor came by a link that no tracker sees.
    by_link: bool,
    /// Whose arrivals the site tag reports.
    advertiser: AdvertiserId,
    most: u8,
}

#[derive(Template)]
#[template(path = "demo/cart.html")]
struct Cart {
    choice: Choice,
    quantity: u8,
    price: String,
    total: String,
    tag: PageTag,
}

#[derive(Template)]
#[template(path = "demo/thank_you.html")]
struct ThankYou {
    order: String,
    total: String,
    colour: &'static str,
    user: &'static str,
    tag: PageTag,
}

/// The cart's content. Values that do not fit become the usual choice: it is a demo.
#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    size: String,
    #[serde(default)]
    colour: String,
    #[serde(default)]
    quantity: String,
}

#[derive(Deserialize)]
struct OrderQuery {
    #[serde(default)]
    order: String,
    #[serde(flatten)]
    choice: Choice,
}

#[derive(Deserialize)]
struct Arrival {
    #[serde(default)]
    from: String,
    #[serde(default)]
    utm_source: String,
}

impl Choice {
    fn size(&self) -> &'static str {
        match self.size.as_str() {
            "S" => "S",
            "L" => "L",
            _ => "M",
        }
    }

    fn colour(&self) -> &'static str {
        match self.colour.as_str() {
            "clay" => "clay",
            "night" => "night",
            _ => "fern",
        }
    }
}

fn quantity(text: &str) -> u8 {
    text.parse().unwrap_or(1).clamp(1, MOST)
}

fn total(quantity: u8) -> Micros {
    Micros(PRICE.0.saturating_mul(i64::from(quantity)))
}

async fn index() -> HttpResponse {
    html(&Index { days: DAYS, user: USER })
}

async fn news(request: HttpRequest, state: web::Data<AppState>, shop: web::Data<Shop>) -> HttpResponse {
    let tags = tags(&request, &state, &shop);
    let view = tags.as_ref().map_err(Clone::clone).and_then(Tags::view);
    let click = tags.and_then(|tags| tags.click("/demo/shop?from=ad"));
    // Google adds another number to each click.
    let click_id = getrandom::u64().unwrap_or(0);
    let links = [
        format!("{SHOP}?utm_source=google&utm_medium=cpc&utm_campaign=autumn&gclid=CjwKCAiA{click_id:016x}"),
        format!("{SHOP}?utm_source=ridgeline&utm_medium=email&utm_campaign=tuesday-letter"),
    ];
    html(&News { view, click, impression: shop.view, links })
}

async fn product(arrival: web::Query<Arrival>, shop: web::Data<Shop>) -> HttpResponse {
    html(&Product {
        price: PRICE.to_money(),
        by_ad: arrival.from == "ad",
        by_link: !arrival.utm_source.is_empty(),
        advertiser: shop.advertiser,
        most: MOST,
    })
}

async fn cart(
    request: HttpRequest,
    choice: web::Query<Choice>,
    state: web::Data<AppState>,
    shop: web::Data<Shop>,
) -> HttpResponse {
    let choice = choice.into_inner();
    let quantity = quantity(&choice.quantity);
    let tag = tags(&request, &state, &shop).and_then(|tags| tags.cart());
    let (price, total) = (PRICE.to_money(), total(quantity).to_money());
    html(&Cart { choice, quantity, price, total, tag })
}

/// Takes the order, and goes on to a page of its own, where a reload shows its effect on a tag.
async fn checkout(choice: web::Form<Choice>) -> HttpResponse {
    let (order, quantity, colour) = (OrderId::random(), quantity(&choice.quantity), choice.colour());
    let next = format!("/demo/shop/thank-you?order={}&quantity={quantity}&colour={colour}", order.as_str());
    HttpResponse::SeeOther().insert_header((LOCATION, next)).finish()
}

async fn thank_you(
    request: HttpRequest,
    query: web::Query<OrderQuery>,
    state: web::Data<AppState>,
    shop: web::Data<Shop>,
) -> HttpResponse {
    let Some(order) = OrderId::parse(&query.order) else {
        return HttpResponse::SeeOther().insert_header((LOCATION, SHOP)).finish();
    };
    let total = total(quantity(&query.choice.quantity));
    let tag = tags(&request, &state, &shop).and_then(|tags| tags.purchase(&order, total));
    let (order, total) = (order.as_str().to_owned(), total.to_money());
    html(&ThankYou { order, total, colour: query.choice.colour(), user: USER, tag })
}

/// Tags with the host that this browser asked for, since its cookie is bound to that host.
fn tags<'a>(request: &HttpRequest, state: &'a AppState, shop: &Shop) -> Result<Tags<'a>, MissingTag> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).and_then(TagHost::parse);
    let host = host.ok_or("the request names no host")?;
    let secure = Client::of(request.peer_addr(), request.headers(), &state.config.trusted_proxies).https;
    Ok(Tags { catalog: state.store.catalog(), shop: *shop, host, secure })
}

fn html(template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(text) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(text),
        Err(error) => {
            tracing::error!(cause = %error, "a template could not be rendered");
            HttpResponse::InternalServerError().content_type("text/plain; charset=utf-8").body("The page is broken.")
        }
    }
}
