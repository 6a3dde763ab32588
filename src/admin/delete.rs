//! The page that asks before an object is deleted: it names what will go or, where something still depends on it, what
//! must go first. Deleting is the store's; knows no particular object.

use actix_web::http::StatusCode;
use askama::Template;

use super::flash::{Flash, Kind};
use super::form::sentence;
use super::page::{Answer, Page, html, html_with};
use super::session::{Posted, Session};
use crate::store::{Entity, Store, StoreError};

/// An object that somebody wants to delete.
pub struct Wanted {
    /// Which link of the navigation is current.
    pub section: &'static str,
    /// "Line items".
    pub list_name: &'static str,
    /// `/admin/line-items`.
    pub list: &'static str,
    /// Its own page.
    pub address: String,
    /// Its kind: `line item`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// What goes with it.
    pub goes: Vec<String>,
    /// What stays.
    pub stays: String,
    /// What must go first: address and name of each. Where there is some, nothing is deleted.
    pub blockers: Vec<(String, String)>,
    /// What to do with these.
    pub first: &'static str,
}

#[derive(Template)]
#[template(path = "delete.html")]
struct DeletePage {
    page: Page,
    wanted: Wanted,
    /// What the store has against it.
    refused: String,
}

impl DeletePage {
    fn new(session: &Session, wanted: Wanted, refused: String) -> Self {
        DeletePage { page: session.page(wanted.section, format!("Delete {}", wanted.what)), wanted, refused }
    }
}

/// Asks, or deletes once it is confirmed; then goes on to the list.
///
/// # Errors
/// What is no matter of the page.
pub async fn answer<E: Entity>(store: &Store, posted: Posted, id: i64, wanted: Wanted) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    if form.text("confirmed") != "yes" {
        return Ok(html(&DeletePage::new(&session, wanted, String::new())));
    }
    match store.delete::<E>(&editor, id).await {
        Ok(told) => {
            let mut text = format!("“{}” is deleted.", wanted.name);
            if !told.is_empty() {
                text.push_str(&format!(" With it: {}.", told.join(", ")));
            }
            Ok(session.go_with(wanted.list, &Flash::new(Kind::Good, text)))
        }
        Err(StoreError::Integrity(reason)) => {
            let reason = sentence(&reason);
            Ok(html_with(StatusCode::CONFLICT, &DeletePage::new(&session, wanted, reason)))
        }
        Err(other) => Err(other.into()),
    }
}
