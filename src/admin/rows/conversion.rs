//! A row of a table of events, for the list of events and the pages of pixels and visitors.

use std::collections::HashMap;

use crate::admin::shell::parts::{Mark, ObjectName};
use crate::admin::text::format::{Moment, money, number};
use crate::admin::text::reasons;
use crate::attribution::is_of_browser;
use crate::domain::{
    Conversion, Currency, LineItem, LineItemId, Micros, Millis, Outcome, Pixel, Publisher, PublisherId, Reader, Seq,
    Unattributed,
};
use crate::store::{Store, StoreError};

pub struct ConversionRow {
    pub seq: Seq,
    pub at: Moment,
    pub outcome: Mark,
    /// Why it earned no credit, or what a correction changed, in a few words; empty if neither is so.
    pub reason: String,
    pub pixel: String,
    pub order: String,
    pub line_item: Option<ObjectName<LineItemId>>,
    /// Where the credited ad ran; empty if it is not known.
    pub placement: String,
    /// The order value that reports show now, after corrections, without its currency; empty if there is none.
    pub value: String,
    pub currency: String,
    /// A word for values that were ignored; empty if none was.
    pub warning: &'static str,
}

/// An amount with its currency, if it has one.
pub fn amount(value: Option<Micros>, currency: Option<Currency>) -> String {
    match (value, currency) {
        (None, _) => String::new(),
        (Some(value), Some(currency)) => money(value, currency),
        (Some(value), None) => number(&value.to_money()),
    }
}

/// The names that the rows show.
struct Names {
    pixels: HashMap<i64, String>,
    line_items: HashMap<i64, String>,
    publishers: HashMap<i64, String>,
}

/// Makes the rows, with the names that the caller may see. A deleted object appears by its id.
pub async fn rows(
    store: &Store,
    by: &Reader,
    conversions: &[Conversion],
    now: Millis,
) -> Result<Vec<ConversionRow>, StoreError> {
    let credits = || conversions.iter().filter_map(|conversion| conversion.credit);
    let names = Names {
        pixels: store.names::<Pixel>(by, conversions.iter().map(|c| c.fire.pixel_id.0).collect()).await?,
        line_items: store.names::<LineItem>(by, credits().map(|credit| credit.line_item_id.0).collect()).await?,
        publishers: store.names::<Publisher>(by, credits().map(|credit| credit.publisher_id.0).collect()).await?,
    };
    Ok(conversions.iter().map(|conversion| row(conversion, &names, now)).collect())
}

fn row(conversion: &Conversion, names: &Names, now: Millis) -> ConversionRow {
    let fire = &conversion.fire;
    let deleted = |id: i64| format!("{id} (deleted)");
    let current = conversion.current_value();
    let publisher = conversion.credit.map(|credit| credit.publisher_id).filter(|id| *id != PublisherId::NONE);
    ConversionRow {
        seq: fire.seq,
        at: Moment::new(fire.at, now),
        outcome: Mark::of_outcome(conversion.outcome),
        reason: reason(conversion),
        pixel: names.pixels.get(&fire.pixel_id.0).cloned().unwrap_or_else(|| deleted(fire.pixel_id.0)),
        order: conversion.order_id.clone().unwrap_or_default(),
        line_item: conversion.credit.map(|credit| {
            let id = credit.line_item_id;
            ObjectName { id, name: names.line_items.get(&id.0).cloned().unwrap_or_else(|| deleted(id.0)) }
        }),
        placement: publisher.and_then(|id| names.publishers.get(&id.0).cloned()).unwrap_or_default(),
        value: amount(current.value, None),
        currency: current.value.and(current.currency).map(|currency| currency.to_string()).unwrap_or_default(),
        warning: warning(conversion),
    }
}

/// The reason, or what a correction did: `no ad seen`, `40.00 refunded`, `cancelled`.
fn reason(conversion: &Conversion) -> String {
    let Some(now) = conversion.adjusted else {
        let short = reasons::short(conversion.outcome.reason());
        return if lacks_cookie(conversion) { "no cookie" } else { short }.to_owned();
    };
    match refunded(conversion.value, conversion.currency, now.value, now.currency) {
        _ if now.retracted => "cancelled".to_owned(),
        Some(refund) => format!("{} refunded", amount(Some(refund), None)),
        None => "corrected".to_owned(),
    }
}

/// Whether an event earned no credit since its browser sent no cookie, so that its ads are unknown.
pub fn lacks_cookie(conversion: &Conversion) -> bool {
    let fire = &conversion.fire;
    let found_none = conversion.outcome == Outcome::Unattributed(Unattributed::NoExposure);
    found_none && fire.flags.new_visitor && is_of_browser(fire.tag) && fire.exposure.is_none()
}

/// How much less a value is than the one before; none if it is not less, or of another currency.
pub fn refunded(
    before: Option<Micros>,
    currency_before: Option<Currency>,
    now: Option<Micros>,
    currency_now: Option<Currency>,
) -> Option<Micros> {
    let less = before?.0.checked_sub(now?.0)?;
    (currency_before == currency_now && less > 0).then_some(Micros(less))
}

fn warning(conversion: &Conversion) -> &'static str {
    let is_placeholder = |parameter: &str, rule: &str| {
        matches!(parameter, "value" | "sale_amount" | "amount") && rule == "placeholder_not_filled_in"
    };
    match conversion.fire.warnings.as_slice() {
        [] => "",
        some if some.iter().any(|warning| is_placeholder(&warning.parameter, &warning.rule)) => "placeholder",
        _ => "check",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_of_the_same_currency_is_a_refund() {
        let euro = Currency::parse("EUR");
        let of = |before: i64, now: i64, currency| refunded(Some(Micros(before)), euro, Some(Micros(now)), currency);
        assert_eq!(of(212, 172, euro), Some(Micros(40)));
        assert_eq!((of(172, 212, euro), of(5, 5, euro), of(212, 172, None)), (None, None, None));
        assert_eq!(refunded(None, euro, Some(Micros(1)), euro), None);
    }
}
