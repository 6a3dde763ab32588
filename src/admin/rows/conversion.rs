//! A row of a table of judged fires, for the list of conversions and the pages of pixels and visitors.

use crate::admin::shell::parts::{Mark, ObjectName};
use crate::admin::text::format::{Moment, money};
use crate::attribution::words;
use crate::domain::{Conversion, Currency, LineItem, LineItemId, Micros, Millis, Outcome, Pixel, Reader, Seq};
use crate::store::{Store, StoreError};

pub struct ConversionRow {
    pub seq: Seq,
    pub at: Moment,
    pub outcome: Mark,
    /// Why the fire earned no credit; empty if it did.
    pub reason: String,
    pub pixel: String,
    pub order: String,
    pub line_item: Option<ObjectName<LineItemId>>,
    /// The dynamic value that reports show now, after corrections.
    pub value: String,
    /// The number of parameters that broke a rule.
    pub warnings: usize,
}

/// An amount with its currency, if it has one.
pub fn amount(value: Option<Micros>, currency: Option<Currency>) -> String {
    match (value, currency) {
        (None, _) => String::new(),
        (Some(value), Some(currency)) => money(value, currency),
        (Some(value), None) => value.to_money(),
    }
}

/// Makes the rows, with the names that the caller may see. A deleted object appears by its id.
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
        let name = |names: &std::collections::HashMap<i64, String>, id: i64| names.get(&id).cloned();
        ConversionRow {
            seq: fire.seq,
            at: Moment::exact(fire.at, now),
            outcome: Mark::of_outcome(conversion.outcome),
            reason: match conversion.outcome {
                Outcome::Attributed(_) => String::new(),
                other => words::reason(other.reason()).to_owned(),
            },
            pixel: name(&pixels, fire.pixel_id.0).unwrap_or_else(|| format!("{} (deleted)", fire.pixel_id)),
            order: conversion.order_id.clone().unwrap_or_default(),
            line_item: conversion.credit.map(|credit| {
                let id = credit.line_item_id;
                ObjectName { id, name: name(&line_items, id.0).unwrap_or_else(|| format!("{id} (deleted)")) }
            }),
            value: match conversion.current_value() {
                current if current.retracted => "retracted".to_owned(),
                current => amount(current.value, current.currency),
            },
            warnings: fire.warnings.len(),
        }
    };
    Ok(conversions.iter().map(row).collect())
}
