//! Two people change one object. A form sends along what it was opened with, so that saving merges field by field what
//! others saved meanwhile. Where both changed a field, a page shows both values, and the user chooses. Forms that only add
//! something, or end it, need none of this: costs, tokens, the ads of a set-up, passwords and the bin.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::parse::{Controls, FormData, Merge};
use crate::admin::shell::form::{Form, capital};
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::{Page, html_with};
use crate::admin::shell::session::Session;
use crate::admin::text::author;
use crate::admin::text::format::{ago, and};
use crate::domain::Millis;
use crate::store::{Listed, Store, StoreError};

/// The field with what a form was opened with.
pub const OPENED: &str = "opened";
/// Its part with the time of the last change.
const MODIFIED: &str = "last_modified";
/// How the choices of the page are called, before the field's name.
const KEEP: &str = "keep_";

/// An object's fields as a form was opened with them.
#[derive(Clone)]
pub struct Opened<D> {
    pub data: D,
    /// When the object was last changed.
    pub modified: Millis,
}

impl<D: FormData> Opened<D> {
    /// Reads what a form sent along; none if it is of another kind.
    pub fn of(form: &Form) -> Option<Self> {
        let opened = Form::parse(form.some(OPENED)?.as_bytes());
        let modified = Millis(opened.text(MODIFIED).parse().ok()?);
        Some(Opened { data: D::read(&opened), modified })
    }

    /// The text of the form's field.
    pub fn text(&self) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.append_pair(MODIFIED, &self.modified.0.to_string()).extend_pairs(self.data.controls()).finish()
    }

    /// Gives up the changes that the user of the page gave up.
    pub fn give_up(&self, posted: &Form, mine: &mut D) {
        for (name, choice) in posted.pairs() {
            if let (Some(field), "theirs") = (name.strip_prefix(KEEP), choice) {
                mine.take(field, &self.data);
            }
        }
    }
}

/// What saving found in the store, and made of it.
#[derive(Clone)]
pub struct Met<D> {
    pub data: D,
    pub theirs: Opened<D>,
    pub merge: Merge,
}

/// Where the transaction leaves what it met.
#[derive(Clone)]
pub struct Meeting<D>(Arc<Mutex<Option<Met<D>>>>);

impl<D: FormData> Meeting<D> {
    pub fn begin() -> Self {
        Meeting(Arc::new(Mutex::new(None)))
    }

    /// Merges, and returns the fields to save; none if the user must choose first.
    pub fn merge(&self, opened: &Opened<D>, mine: &D, theirs: Opened<D>, is_shown: fn(&str) -> bool) -> Option<D> {
        let (data, mut merge) = D::merge(&opened.data, mine, &theirs.data);
        merge.collisions.retain(|field| is_shown(field));
        merge.taken.retain(|field| is_shown(field));
        let to_save = merge.collisions.is_empty().then(|| data.clone());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Met { data, theirs, merge });
        to_save
    }

    pub fn take(&self) -> Option<Met<D>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Who changed an object since a form was opened, for the start of a sentence, and when the last change was.
pub struct Others {
    pub names: String,
    pub at: Millis,
}

impl Others {
    /// # Errors
    /// Database trouble.
    pub async fn load<O: Listed>(store: &Store, session: &Session, id: i64, since: Millis) -> Result<Self, StoreError> {
        let changes = store.changes_since::<O>(session.reader(), id, since).await?;
        let at = changes.first().map_or(session.now, |(_, at)| *at);
        let own = &session.caller().name;
        let name = |name: &str| if name == own { "you".to_owned() } else { author::words(name).to_owned() };
        let names: Vec<String> = changes.iter().map(|(by, _)| name(by)).collect();
        let names = if names.is_empty() { "somebody".to_owned() } else { and(&names) };
        Ok(Others { names: if names == "you" { "You".to_owned() } else { capital_of_a_word(names) }, at })
    }

    /// `Anna changed Name and Code meanwhile, and that is kept.`
    pub fn kept(&self, fields: &[String]) -> String {
        format!("{} changed {} meanwhile, and that is kept.", self.names, and(fields))
    }
}

/// A name keeps its own letters, and only our own words get a capital.
fn capital_of_a_word(names: String) -> String {
    if names == "somebody" || names.starts_with("you ") || names.starts_with("command line") {
        capital(&names)
    } else {
        names
    }
}

/// A field that both changed.
pub struct Collision {
    pub field: &'static str,
    pub label: String,
    /// The values for people; empty for none.
    pub theirs: String,
    pub mine: String,
}

#[derive(Template)]
#[template(path = "admin/forms/conflict.html")]
struct ConflictPage {
    page: Page,
    kind: ObjectKind,
    /// The object's address and name.
    address: String,
    name: String,
    title: String,
    /// What else was merged; empty for nothing.
    merged: String,
    /// Whose the saved values are: `Anna’s`.
    whose: String,
    collisions: Vec<Collision>,
    controls: Controls,
}

/// The page that asks whose values to keep. `page` carries what is saved now as what its form was opened with.
pub fn ask<D: FormData>(
    page: Page,
    kind: ObjectKind,
    (address, name): (String, String),
    (others, now): (&Others, Millis),
    (met, labels): (&Met<D>, Vec<String>),
    collisions: Vec<Collision>,
) -> HttpResponse {
    let whose = if others.names == "You" { "Saved before".to_owned() } else { format!("{}’s, saved", others.names) };
    html_with(
        StatusCode::CONFLICT,
        &ConflictPage {
            page: Page { opened: met.theirs.text(), ..page },
            kind,
            address,
            name,
            title: format!("{} changed this {} {}", others.names, kind.noun, ago(others.at, now)),
            merged: if labels.is_empty() { String::new() } else { others.kept(&labels) },
            whose,
            collisions,
            controls: met.data.controls(),
        },
    )
}

/// The name of the chosen object of a list; the id if the list lacks it.
pub fn name_of<T>(list: &[T], id: &str, of: impl Fn(&T) -> (i64, String)) -> String {
    let found = list.iter().map(of).find(|(one, _)| one.to_string() == id);
    found.map_or_else(|| id.to_owned(), |(_, name)| name)
}

/// The word of a closed list for people: the label that the list gives it, else with a capital letter.
pub fn word_of(words: &[(&str, &str)], text: &str) -> String {
    words.iter().find(|(word, _)| *word == text).map_or_else(|| capital(text), |(_, label)| (*label).to_owned())
}
