//! The rules about this server's address and about an advertiser's currency.

use super::Found;
use super::facts::{AdvertiserFacts, ServerFacts};
use super::words::grouped;
use crate::tag::Reach;

/// Where the public address is set.
const SETTINGS: &str = "/admin/settings";
/// Fewer order values say little about an advertiser's currency.
const FEW_VALUES: u64 = 10;

pub(super) fn tags_only_here(facts: &ServerFacts) -> Found {
    let who = match facts.reach {
        Reach::ThisComputer => "this computer only",
        Reach::OwnNetwork => "your own network only",
        Reach::HttpPages | Reach::AllPages => return None,
    };
    let text = format!("Tags load from {}, which works on {who}. Visitors cannot reach it.", facts.address);
    Some((text, "Set the public address", SETTINGS.to_owned()))
}

pub(super) fn tags_by_http(facts: &ServerFacts) -> Found {
    (facts.reach == Reach::HttpPages).then(|| {
        let text =
            format!("Tags load from {}. Pages with https block them, so nothing is recorded there.", facts.address);
        (text, "Set an https address", SETTINGS.to_owned())
    })
}

pub(super) fn no_public_address(facts: &ServerFacts) -> Found {
    (!facts.is_set && facts.reach == Reach::AllPages).then(|| {
        let text =
            format!("The public address is not set. Tags load from the address in your browser, {}.", facts.address);
        (text, "Set the public address", SETTINGS.to_owned())
    })
}

pub(super) fn other_currency(facts: &AdvertiserFacts) -> Found {
    let values: u64 = facts.sent.iter().map(|(_, events)| events).sum();
    let (most, _) = facts.sent.first()?;
    let is_own = facts.sent.iter().any(|(currency, _)| *currency == facts.currency);
    (!is_own && values >= FEW_VALUES).then(|| {
        let text = format!(
            "None of {} order values in 7 days is in {}, the currency of this advertiser. Most are in {most}.",
            grouped(values),
            facts.currency
        );
        (text, "Change the currency", format!("/admin/advertisers/{}/edit", facts.id))
    })
}
