//! Restores what is in the bin. A page says what is in the way, and offers the way round it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use super::kinds;
use crate::admin::forms::gone::TYPED;
use crate::admin::shell::extract::{Id, ObjectId};
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::page::{Answer, Page, html_with};
use crate::admin::shell::session::{Posted, Session};
use crate::store::{BinObject, MissingObject, Restored, TakenName};
use crate::web::AppState;
use crate::web::query::MAX_QUERY;

#[derive(Template)]
#[template(path = "admin/bin/restore.html")]
struct RestorePage {
    page: Page,
    entry: i64,
    name: String,
    noun: &'static str,
    /// A sentence for each name or code that another object uses by now.
    taken: Vec<String>,
    missing: Vec<MissingRow>,
}

/// An object that must be there first.
struct MissingRow {
    text: String,
    /// Its entry of the bin; none if it is gone for good.
    entry: Option<i64>,
}

/// `POST /admin/bin/{id}/restore`
pub async fn restore(state: web::Data<AppState>, posted: Posted, Id(entry): Id<ObjectId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let rename = form.text("rename") == "yes";
    let page = |object: BinObject, taken: Vec<TakenName>, missing: Vec<MissingObject>| {
        let page = RestorePage {
            page: session.page("bin", format!("Restore {}", object.name)),
            entry: entry.0,
            name: object.name,
            noun: kinds::noun(object.object),
            taken: taken.iter().map(taken_words).collect(),
            missing: missing.into_iter().map(missing_row).collect(),
        };
        html_with(StatusCode::CONFLICT, &page)
    };
    match state.store.restore(&editor, entry.0, rename).await? {
        Restored::Done(object) => Ok(done(&session, &object, form.text(TYPED))),
        Restored::Taken(object, taken) => Ok(page(object, taken, Vec::new())),
        Restored::Missing(object, missing) => Ok(page(object, Vec::new(), missing)),
    }
}

/// Leads to the object, or to its form with what was typed.
fn done(session: &Session, object: &BinObject, typed: &str) -> HttpResponse {
    let address = kinds::address(object.object, object.id);
    let with_typed = format!("{address}/edit?{typed}&kept=yes");
    let to = if typed.is_empty() || with_typed.len() >= MAX_QUERY { address } else { with_typed };
    let text = format!("“{}” is back with the same ID, and works again from now on.", object.name);
    session.go_with(to, &Flash::new(FlashKind::Good, text))
}

fn taken_words(taken: &TakenName) -> String {
    let TakenName { of, column, text, by } = taken;
    let noun = kinds::noun(of.object);
    match *column {
        "code" => format!("The code “{text}” of {noun} “{}” belongs to {noun} {by} now", of.name),
        _ => format!("The name “{text}” belongs to another {noun} now"),
    }
}

fn missing_row(missing: MissingObject) -> MissingRow {
    let (noun, id) = (kinds::noun(missing.object), missing.id);
    let text = match missing.entry {
        Some(_) => format!("The {noun} {id}, which is in the bin, too"),
        None => format!("The {noun} {id}, which is gone for good"),
    };
    MissingRow { text, entry: missing.entry }
}
