//! The usual mistakes of a first set-up, told as they happen.

use super::flow;
use crate::admin::rows::conversion::lacks_cookie;
use crate::attribution::MissingCookie;
use crate::domain::{Conversion, Goal, NotCounted, Outcome, TrackingSetup, Unattributed};
use crate::store::SetupProgress;
use crate::tag::Reach;

/// What is wrong, and the one thing to do.
pub struct Mistake {
    pub title: String,
    pub text: String,
    pub button: &'static str,
    pub address: String,
}

/// Mistakes of the address that the tags load from. Once the shop's pages have loaded the tag, the address works.
pub fn of_address(tag_site: &str, setup: &TrackingSetup, progress: &SetupProgress) -> Vec<Mistake> {
    if progress.site_tag.is_some() || progress.sale.is_some() {
        return Vec::new();
    }
    let settings = |title: &str, text: &str| {
        vec![Mistake {
            title: title.to_owned(),
            text: text.to_owned(),
            button: "Set the public address",
            address: "/admin/settings".to_owned(),
        }]
    };
    if Reach::of_url(&setup.site).is_none_or(Reach::is_local) {
        return Vec::new();
    }
    match Reach::of_url(tag_site) {
        Some(Reach::ThisComputer) => settings(
            "The tags load on this computer only",
            "They name an address that no other computer reaches. Set the public address of this server first.",
        ),
        Some(Reach::OwnNetwork) => settings(
            "The tags load in your own network only",
            "They name a private address. Set the public address of this server first.",
        ),
        Some(Reach::HttpPages) if setup.site.starts_with("https://") => settings(
            "Browsers block these tags",
            "Your shop uses https and the tags use http. Serve pixeld by https, and set its public address.",
        ),
        Some(Reach::HttpPages | Reach::AllPages) | None => Vec::new(),
    }
}

/// Mistakes of the newest sale.
pub fn of_event(event: &Conversion, setup: &TrackingSetup, tag_site: &str) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let snippets = flow::address(setup.advertiser_id, "snippets");
    if let Some(warning) = event.fire.warnings.iter().find(|warning| warning.rule == "placeholder_not_filled_in") {
        mistakes.push(Mistake {
            title: format!("The page sent {} as it is", warning.raw),
            text: format!(
                "Your shop must put its own value into {}. Until then the event lacks it.",
                warning.parameter
            ),
            button: "Show how to fill it in",
            address: snippets.clone(),
        });
    } else if setup.goal == Goal::Purchase && event.order_id.is_none() {
        mistakes.push(Mistake {
            title: "The sale came without an order ID".to_owned(),
            text: "Without it, a page that loads again counts the order again.".to_owned(),
            button: "Show how to fill it in",
            address: snippets,
        });
    }
    if lacks_cookie(event) {
        mistakes.push(Mistake {
            title: "This browser sent no cookie".to_owned(),
            text: MissingCookie::of(event.fire.referer.as_deref().unwrap_or_default(), tag_site).why(),
            button: "See what mends it",
            address: format!("/admin/conversions/{}", event.fire.seq),
        });
    }
    mistakes
}

/// Why sales come and none is credited.
pub fn of_credit(progress: &SetupProgress, latest: Option<&Conversion>, setup: &TrackingSetup) -> Vec<Mistake> {
    let (None, Some(event)) = (progress.credited, latest) else { return Vec::new() };
    let mistake = |title: &str, text: &str, button, address| {
        vec![Mistake { title: title.to_owned(), text: text.to_owned(), button, address }]
    };
    let why = format!("/admin/conversions/{}", event.fire.seq);
    match event.outcome {
        _ if lacks_cookie(event) => Vec::new(),
        Outcome::Unattributed(Unattributed::NoExposure) if progress.click.is_none() => mistake(
            "No ad click came before the sale",
            "Click one of your ads in the same browser, then buy once more.",
            "See why",
            why,
        ),
        Outcome::NotCounted(NotCounted::DuplicateOrder | NotCounted::DuplicateEvent) => mistake(
            "The last sale was a repeat",
            "It bears the order ID of a sale before it. Use a new order.",
            "See why",
            why,
        ),
        Outcome::Unattributed(Unattributed::NoLineItem) => mistake(
            "No line item uses the pixel",
            "Choose where you advertise, so that its sales can be credited.",
            "Choose",
            flow::address(setup.advertiser_id, "ads"),
        ),
        Outcome::Unattributed(_) | Outcome::NotCounted(_) => {
            mistake("The last sale earned no credit", "Its page says which rule decided.", "See why", why)
        }
        Outcome::Attributed(_) => Vec::new(),
    }
}
