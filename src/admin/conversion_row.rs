//! A judged fire as a row of a table: on the list of conversions, and among a pixel's recent fires.

use super::wording::{Moment, money};
use crate::attribution::words;
use crate::domain::{
    Conversion, Currency, ExposureKind, LineItem, LineItemId, Micros, Millis, Outcome, Pixel, Reader, Seq,
};
use crate::store::{Store, StoreError};

/// One row.
pub struct ConversionRow {
    pub seq: Seq,
    pub at: Moment,
    /// The badge's kind: `post-click`, `post-view`, `unattributed`, `not-counted`.
    pub badge: &'static str,
    /// The badge's word.
    pub outcome: &'static str,
    /// Why, where it was not attributed.
    pub why: String,
    pub pixel: String,
    pub order: String,
    pub line_item: Option<(LineItemId, String)>,
    /// The dynamic value as it is reported now.
    pub value: String,
    /// How many parameters broke their rule.
    pub warnings: usize,
}

/// The badge's kind and word.
pub fn badge(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Attributed(ExposureKind::Click) => ("post-click", "post-click"),
        Outcome::Attributed(ExposureKind::Impression) => ("post-view", "post-view"),
        Outcome::Unattributed(_) => ("unattributed", "unattributed"),
        Outcome::NotCounted(_) => ("not-counted", "not counted"),
    }
}

/// An amount with its currency, where it has one.
pub fn amount(value: Option<Micros>, currency: Option<Currency>) -> String {
    match (value, currency) {
        (None, _) => String::new(),
        (Some(value), Some(currency)) => money(value, currency),
        (Some(value), None) => value.to_money(),
    }
}

/// Rows, with the names that the caller may see; what was deleted is called by its number.
///
/// # Errors
/// Database faults.
pub async fn rows(
    store: &Store,
    by: &Reader,
    conversions: &[Conversion],
    now: Millis,
) -> Result<Vec<ConversionRow>, StoreError> {
    let pixels = store.names::<Pixel>(by, conversions.iter().map(|c| c.fire.pixel_id.0).collect()).await?;
    let credited = conversions.iter().filter_map(|c| Some(c.credit?.line_item_id.0));
    let line_items = store.names::<LineItem>(by, credited.collect()).await?;
    let row = |conversion: &Conversion| {
        let fire = &conversion.fire;
        let (badge, outcome) = badge(conversion.outcome);
        let name = |names: &std::collections::HashMap<i64, String>, id: i64| names.get(&id).cloned();
        ConversionRow {
            seq: fire.seq,
            at: Moment::exact(fire.at, now),
            badge,
            outcome,
            why: match conversion.outcome {
                Outcome::Attributed(_) => String::new(),
                other => words::reason(other.reason()).to_owned(),
            },
            pixel: name(&pixels, fire.pixel_id.0).unwrap_or_else(|| format!("{} (deleted)", fire.pixel_id)),
            order: fire.order_id.clone().unwrap_or_default(),
            line_item: conversion.credit.map(|credit| {
                let id = credit.line_item_id;
                (id, name(&line_items, id.0).unwrap_or_else(|| format!("{id} (deleted)")))
            }),
            value: match conversion.current_value() {
                stands if stands.retracted => "retracted".to_owned(),
                stands => amount(stands.value, stands.currency),
            },
            warnings: fire.warnings.len(),
        }
    };
    Ok(conversions.iter().map(row).collect())
}
