//! The page that asks before it deletes an object. It lists the losses or, if other objects still depend on this one,
//! those objects. Knows no particular object.

use std::fmt::Display;

use actix_web::http::StatusCode;
use askama::Template;

use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::sentence;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::{Answer, Page, html, html_again, html_with};
use crate::admin::shell::parts::Link;
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::and;
use crate::store::{BIN_DAYS, Entity, Store, StoreError};

/// An object that a user wants to delete.
pub struct DeleteRequest {
    pub kind: ObjectKind,
    /// The address of its page.
    pub address: String,
    pub name: String,
    /// The losses that come with it, a sentence each.
    pub cascade: Vec<String>,
    /// Whether other objects go with it, so that its name must be typed.
    pub wants_name: bool,
    /// The data that stay, in a sentence.
    pub stays: String,
    /// The objects that must be deleted first. While there is one, nothing is deleted.
    pub blockers: Vec<Link>,
    /// How to get rid of the blockers.
    pub advice: &'static str,
}

impl DeleteRequest {
    /// Takes nothing along and has no blockers.
    pub fn new(kind: ObjectKind, id: impl Display, name: String) -> Self {
        DeleteRequest {
            kind,
            address: kind.address(id),
            name,
            cascade: Vec::new(),
            wants_name: false,
            stays: String::new(),
            blockers: Vec::new(),
            advice: "",
        }
    }
}

#[derive(Template)]
#[template(path = "admin/forms/confirm_delete.html")]
struct DeletePage {
    page: Page,
    request: DeleteRequest,
    /// Why the store refuses; empty if it has not.
    refusal: String,
    days: i64,
    /// What was typed as the name, and what is wrong with it.
    typed: String,
    error: String,
}

impl DeletePage {
    fn new(session: &Session, request: DeleteRequest, refusal: String) -> Self {
        let title = format!("Delete {}", request.kind.noun);
        let page = session.page(request.kind.section, title);
        DeletePage { page, request, refusal, days: BIN_DAYS, typed: String::new(), error: String::new() }
    }
}

/// Asks, or deletes once the user has confirmed; then leads to the list.
///
/// # Errors
/// Everything but the store's refusal, which the page shows.
pub async fn answer<E: Entity>(store: &Store, posted: Posted, id: i64, request: DeleteRequest) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    if form.text("confirmed") != "yes" {
        return Ok(html(&DeletePage::new(&session, request, String::new())));
    }
    if request.wants_name && !is_same_name(form.text("typed_name"), &request.name) {
        let (typed, error) = (form.text("typed_name").to_owned(), format!("Type “{}” to delete it.", request.name));
        return Ok(html_again(&DeletePage { typed, error, ..DeletePage::new(&session, request, String::new()) }));
    }
    match store.delete::<E>(&editor, id).await {
        Ok(cascade) => {
            let cascade: Vec<_> = cascade.iter().map(|line| line.trim_start_matches("deleted ").to_owned()).collect();
            let with = if cascade.is_empty() { String::new() } else { format!(", including {}", and(&cascade)) };
            let text = format!("“{}” deleted{with}. The bin keeps it for {BIN_DAYS} days.", request.name);
            Ok(session.go_with(request.kind.path, &Flash::new(FlashKind::Good, text)))
        }
        Err(StoreError::Integrity(reason)) => {
            // The API calls placements publishers.
            let reason = reason.strip_prefix("publisher ").map_or(reason.clone(), |rest| format!("placement {rest}"));
            let page = DeletePage::new(&session, request, sentence(&reason));
            Ok(html_with(StatusCode::CONFLICT, &page))
        }
        Err(other) => Err(other.into()),
    }
}

/// Whether a name was typed. Capitals and extra blanks do not matter.
fn is_same_name(typed: &str, name: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    plain(typed) == plain(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_typed_whatever_its_capitals_and_blanks() {
        for (typed, is_same) in
            [("Hüte  & Mehr", true), (" hüte & MEHR ", true), ("Hüte&Mehr", false), ("", false), ("Hüte", false)]
        {
            assert_eq!(is_same_name(typed, "Hüte & mehr"), is_same, "{typed}");
        }
    }
}
