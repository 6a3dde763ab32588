//! The form that corrects an event: it cancels the conversion or gives it another value. The form logs the same
//! adjustment as `POST /adjustments`, and the judge applies it.

use std::time::Duration;

use actix_web::web;
use askama::Template;

use crate::admin::choices::CURRENCIES;
use crate::admin::forms::form_key;
use crate::admin::forms::parse;
use crate::admin::forms::parse::{merge_errors, optional};
use crate::admin::rows;
use crate::admin::rows::conversion::amount;
use crate::admin::shell::extract::Id;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, Form, Labels, capital, control_in};
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::session::{Posted, Session};
use crate::domain::{
    Adjustment, Checks, Conversion, ConversionChange, ConversionName, FieldError, MAX_REASON_CODE, OutcomeKind, Seq,
};
use crate::store::{LogRow, StoreError};
use crate::web::AppState;

/// How long the answer waits for the judge, so that the next page shows the new value.
const PATIENCE: Duration = Duration::from_secs(2);

/// The fields with their labels, down the page.
const FIELDS: Labels =
    &[("type", "What happened"), ("value", "New amount"), ("currency", "Currency"), ("reason_code", "Reason")];

#[derive(Template)]
#[template(path = "admin/conversions/correct.html")]
struct CorrectPage {
    page: Page,
    id: Seq,
    /// The event's title: "Order RC-71930".
    event: String,
    /// Of a duplicate: the event that counts in its place.
    counts_instead: Option<Seq>,
    /// The value that reports show now.
    current_value: String,
    /// Why nothing can correct the conversion; empty if the form can.
    refusal: &'static str,
    currencies: &'static [(&'static str, &'static str)],
    data: CorrectionFormData,
    errors: Errors,
}

/// Every field as text.
struct CorrectionFormData {
    kind: String,
    value: String,
    currency: String,
    reason: String,
}

/// `GET /admin/conversions/{id}/correct`
pub async fn show(state: web::Data<AppState>, session: Session, Id(seq): Id<Seq>) -> Answer {
    session.caller().collector()?;
    let conversion = state.store.conversion(session.reader(), seq).await?;
    let currency = conversion.current_value().currency.map(|currency| currency.to_string()).unwrap_or_default();
    let data = CorrectionFormData { kind: "restate".to_owned(), value: String::new(), currency, reason: String::new() };
    Ok(html(&form_page(&session, &Form::default(), &conversion, data, Errors::default())))
}

/// `POST /admin/conversions/{id}/correct`
pub async fn correct(state: web::Data<AppState>, posted: Posted, Id(seq): Id<Seq>) -> Answer {
    let Posted { session, form } = posted;
    let by = session.caller().collector()?;
    let conversion = state.store.conversion(session.reader(), seq).await?;
    let data = CorrectionFormData::read(&form);
    let correction = match data.correction() {
        _ if !refusal(&conversion).is_empty() => {
            return Ok(html_again(&form_page(&session, &form, &conversion, data, Errors::default())));
        }
        Ok(correction) => correction,
        Err(fields) => {
            let errors = Errors::of_fields(fields, |field| control_in(FIELDS, field));
            return Ok(html_again(&form_page(&session, &form, &conversion, data, errors)));
        }
    };
    let adjustment = Adjustment {
        at: session.now,
        received: session.now,
        advertiser_id: conversion.advertiser_id,
        pixel_id: Some(conversion.fire.pixel_id),
        // The order may have further events. The form is about this one.
        of: ConversionName::ConversionId(seq),
        change: correction,
        reason_code: optional(&data.reason),
        source: by.name().to_owned(),
    };
    let row = LogRow::Adjustment(Box::new(adjustment));
    let logged = match state.store.append_once(session.caller(), form_key::of(&form), row).await {
        Ok(logged) => logged,
        Err(StoreError::Repeated { .. }) => {
            let flash = Flash::new(FlashKind::Warning, "This correction was sent before, and is saved once.");
            return Ok(session.go_with(format!("/admin/conversions/{seq}"), &flash));
        }
        Err(other) => return Err(other.into()),
    };
    let counts = state.store.adjustment_effects(vec![logged], PATIENCE).await?.pop().flatten();
    let has_no_effect = counts.as_ref().is_some_and(|counts| counts.changed() == 0);
    let kind = if has_no_effect { FlashKind::Warning } else { FlashKind::Good };
    let text = rows::adjustment::result(correction, counts.as_ref());
    Ok(session.go_with(format!("/admin/conversions/{seq}"), &Flash::new(kind, text)))
}

fn refusal(conversion: &Conversion) -> &'static str {
    if conversion.outcome.kind() == OutcomeKind::NotCounted {
        "An ignored event counts nowhere, so there is nothing to correct."
    } else if conversion.current_value().retracted {
        "Already cancelled. This cannot be undone. A new order is counted as a new event."
    } else {
        ""
    }
}

/// `form` is the posted form, if there is one.
fn form_page(
    session: &Session,
    form: &Form,
    conversion: &Conversion,
    data: CorrectionFormData,
    errors: Errors,
) -> CorrectPage {
    let current = conversion.current_value();
    let event = match &conversion.order_id {
        Some(order) => format!("order {order}"),
        None => format!("event {}", conversion.fire.seq),
    };
    CorrectPage {
        page: session.page("conversions", format!("Correct {event}")).keyed(form_key::next(form)),
        id: conversion.fire.seq,
        event: capital(&event),
        counts_instead: conversion.duplicate_of,
        current_value: amount(current.value, current.currency),
        refusal: refusal(conversion),
        currencies: &CURRENCIES,
        data,
        errors,
    }
}

impl CorrectionFormData {
    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        CorrectionFormData {
            kind: text("type"),
            value: text("value"),
            currency: text("currency"),
            reason: text("reason_code"),
        }
    }

    /// # Errors
    /// The fields that break a rule.
    fn correction(&self) -> Result<ConversionChange, Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.text("reason_code", &self.reason, MAX_REASON_CODE);
        let correction = match self.kind.as_str() {
            "retract" => Some(ConversionChange::Retract),
            "restate" => {
                let value = parse::amount(&mut checks, "value", &self.value);
                checks.require(!self.value.is_empty(), "value", || {
                    "is missing. Type what the event is worth now.".to_owned()
                });
                let currency = parse::currency(&mut checks, "currency", &self.currency);
                value.map(|value| ConversionChange::Restate { value: Some(value), currency })
            }
            _ => {
                checks.fail("type", "must be one of the choices");
                None
            }
        };
        merge_errors(FIELDS, checks, Ok(()))?;
        correction.ok_or_else(Vec::new)
    }
}
