//! Corrects a conversion by hand: takes it back, or says what it is worth now. It logs the very adjustment that
//! `POST /adjustments` logs, and what becomes of it is the judge's.

use std::time::Duration;

use actix_web::web;
use askama::Template;

use super::choices::CURRENCIES;
use super::conversion_row::amount;
use super::extract::Id;
use super::flash::{Flash, Kind};
use super::form::{Errors, Form, in_table};
use super::page::{Answer, Page, html, html_again};
use super::session::{Posted, Session};
use super::typed::{self, all_in, optional};
use super::wording::Moment;
use crate::domain::{
    Adjustment, Checks, Conversion, ConversionChange, ConversionName, FieldError, MAX_REASON_CODE, OutcomeKind, Reader,
    Seq,
};
use crate::store::{LogRow, Store, StoreError};
use crate::web::State;

/// How long the answer waits for the judge, so that the page that follows shows what became of it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The fields with their labels, down the page.
const FIELDS: [(&str, &str); 4] =
    [("type", "What happened"), ("value", "Value"), ("currency", "Currency"), ("reason_code", "Reason")];

#[derive(Template)]
#[template(path = "correct.html")]
struct CorrectPage {
    page: Page,
    id: Seq,
    at: Moment,
    /// By what the correction names it: "order A-1001"; empty if it has no name.
    named: String,
    /// Whether others may bear that name.
    shared: bool,
    /// What it is worth as it stands.
    stands: String,
    /// Why it cannot be corrected; empty if it can.
    refused: &'static str,
    currencies: &'static [(&'static str, &'static str)],
    typed: Typed,
    errors: Errors,
}

/// Every field as text.
struct Typed {
    kind: String,
    value: String,
    currency: String,
    reason: String,
}

/// `GET /admin/conversions/{id}/correct`
pub async fn show(state: web::Data<State>, session: Session, Id(seq): Id<Seq>) -> Answer {
    session.caller().collector()?;
    let conversion = state.store.conversion(session.reader(), seq).await?;
    let currency = conversion.current_value().currency.map(|currency| currency.to_string()).unwrap_or_default();
    let typed = Typed { kind: "restate".to_owned(), value: String::new(), currency, reason: String::new() };
    Ok(html(&form_page(&session, &conversion, typed, Errors::default())))
}

/// `POST /admin/conversions/{id}/correct`
pub async fn correct(state: web::Data<State>, posted: Posted, Id(seq): Id<Seq>) -> Answer {
    let Posted { session, form } = posted;
    let by = session.caller().collector()?;
    let conversion = state.store.conversion(session.reader(), seq).await?;
    let typed = Typed::read(&form);
    let name = name(&conversion).filter(|_| refused(&conversion).is_empty());
    let correction = typed.correction();
    let (of, correction) = match (name, correction) {
        (Some(of), Ok(correction)) => (of, correction),
        (None, _) => return Ok(html_again(&form_page(&session, &conversion, typed, Errors::default()))),
        (_, Err(fields)) => {
            let errors = Errors::of_fields(fields, |field| in_table(&FIELDS, field));
            return Ok(html_again(&form_page(&session, &conversion, typed, errors)));
        }
    };
    let adjustment = Adjustment {
        at: session.now,
        received: session.now,
        advertiser_id: conversion.advertiser_id,
        pixel_id: Some(conversion.fire.pixel_id),
        of,
        change: correction,
        reason_code: optional(&typed.reason),
        source: by.name().to_owned(),
    };
    let logged = state.store.append(LogRow::Adjustment(Box::new(adjustment))).await?;
    let text = match judged(&state.store, session.reader(), seq, logged).await? {
        true => "Corrected. What is reported follows; what was sent stays in the log.",
        false => "The correction is taken. What is reported follows in a moment.",
    };
    Ok(session.go_with(format!("/admin/conversions/{seq}"), &Flash::new(Kind::Good, text)))
}

/// Whether the judge has come past the correction, after a moment's waiting.
async fn judged(store: &Store, by: &Reader, seq: Seq, logged: Seq) -> Result<bool, StoreError> {
    let mut judged = store.judged();
    let waited = tokio::time::timeout(PATIENCE, judged.wait_for(|judged| *judged >= logged)).await;
    Ok(matches!(waited, Ok(Ok(_))) && store.conversion(by, seq).await?.adjusted.is_some())
}

/// What names it: the event, which is this one's alone; else the order or the reference.
fn name(conversion: &Conversion) -> Option<ConversionName> {
    let fire = &conversion.fire;
    let event = fire.event_id.clone().map(ConversionName::EventId);
    let order = fire.order_id.clone().map(ConversionName::OrderId);
    event.or(order).or_else(|| fire.details.reference_id.clone().map(ConversionName::ReferenceId))
}

fn refused(conversion: &Conversion) -> &'static str {
    if conversion.outcome.kind() == OutcomeKind::NotCounted {
        "It does not count, and what does not count cannot be taken back or be worth anything."
    } else if conversion.current_value().retracted {
        "It was taken back already, which is final. An order that is placed again sends a conversion of its own."
    } else if name(conversion).is_none() {
        "It carries no order id, event id or reference id, and a correction names a conversion by one of these. Let the \
         tag send one."
    } else {
        ""
    }
}

fn form_page(session: &Session, conversion: &Conversion, typed: Typed, errors: Errors) -> CorrectPage {
    let (named, shared) = match name(conversion) {
        Some(ConversionName::EventId(id)) => (format!("event {id}"), false),
        Some(ConversionName::OrderId(id)) => (format!("order {id}"), true),
        Some(ConversionName::ReferenceId(id)) => (format!("reference {id}"), true),
        None => (String::new(), false),
    };
    let standing = conversion.current_value();
    CorrectPage {
        page: session.page("conversions", "Correct a conversion"),
        id: conversion.fire.seq,
        at: Moment::exact(conversion.fire.at, session.now),
        named,
        shared,
        stands: amount(standing.value, standing.currency),
        refused: refused(conversion),
        currencies: &CURRENCIES,
        typed,
        errors,
    }
}

impl Typed {
    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Typed { kind: text("type"), value: text("value"), currency: text("currency"), reason: text("reason_code") }
    }

    /// # Errors
    /// The fields that break their rule.
    fn correction(&self) -> Result<ConversionChange, Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.text("reason_code", &self.reason, MAX_REASON_CODE);
        let correction = match self.kind.as_str() {
            "retract" => Some(ConversionChange::Retract),
            "restate" => {
                let value = typed::amount(&mut checks, "value", &self.value);
                checks.require(!self.value.is_empty(), "value", || "is missing: what is it worth now?".to_owned());
                let currency = typed::currency(&mut checks, "currency", &self.currency);
                value.map(|value| ConversionChange::Restate { value: Some(value), currency })
            }
            _ => {
                checks.fail("type", "must be one of the choices");
                None
            }
        };
        all_in(&FIELDS, checks, Ok(()))?;
        correction.ok_or_else(Vec::new)
    }
}
