//! The form that makes or changes a publisher.

use actix_web::web;
use askama::Template;

use super::extract::Id;
use super::flash::{Flash, Kind};
use super::form::{Errors, Form, in_table};
use super::page::{Answer, Page, html, html_again};
use super::publishers::PATH;
use super::save;
use super::session::{Posted, Session};
use super::typed::{all_in, optional, word};
use crate::domain::{Checks, FieldError, Publisher, PublisherId, Status};
use crate::web::State;

/// The published fields with their labels, down the page.
const FIELDS: [(&str, &str); 3] = [("name", "Name"), ("code", "Code"), ("state", "State")];

#[derive(Template)]
#[template(path = "publisher_form.html")]
struct FormPage {
    page: Page,
    /// None for a new one.
    id: Option<PublisherId>,
    typed: Typed,
    errors: Errors,
}

/// Every field as text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    name: String,
    code: String,
    state: String,
}

/// `GET /admin/publishers/new`
pub async fn new(session: Session) -> Answer {
    session.editor_of_all()?;
    Ok(html(&form_page(&session, None, Typed::of(&Publisher::new("")), Errors::default())))
}

/// `POST /admin/publishers/new`
pub async fn create(state: web::Data<State>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor_of_all()?;
    let typed = Typed::read(&form);
    let write = |publisher: &mut Publisher| typed.write_into(publisher);
    match save::create(&state.store, &editor, Publisher::new(""), write, place).await? {
        Ok(publisher) => {
            let text = format!("“{}” is made. Its trackers can be made now.", publisher.name);
            Ok(session.go_with(format!("{PATH}/{}", publisher.id), &Flash::new(Kind::Good, text)))
        }
        Err(errors) => Ok(html_again(&form_page(&session, None, typed, errors))),
    }
}

/// `GET /admin/publishers/{id}/edit`
pub async fn edit(state: web::Data<State>, session: Session, Id(id): Id<PublisherId>) -> Answer {
    session.editor_of_all()?;
    let publisher: Publisher = state.store.get(session.reader(), id.0).await?;
    Ok(html(&form_page(&session, Some(&publisher), Typed::of(&publisher), Errors::default())))
}

/// `POST /admin/publishers/{id}/edit`
pub async fn change(state: web::Data<State>, posted: Posted, Id(id): Id<PublisherId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor_of_all()?;
    let publisher: Publisher = state.store.get(session.reader(), id.0).await?;
    let typed = Typed::read(&form);
    let wanted = typed.clone();
    let write = move |publisher: &mut Publisher| wanted.write_into(publisher);
    match save::change(&state.store, &editor, &publisher, write, place).await? {
        Ok(_) => Ok(session.go_with(format!("{PATH}/{id}"), &Flash::new(Kind::Good, "Saved."))),
        Err(errors) => Ok(html_again(&form_page(&session, Some(&publisher), typed, errors))),
    }
}

fn form_page(session: &Session, publisher: Option<&Publisher>, typed: Typed, errors: Errors) -> FormPage {
    let title = publisher.map_or_else(|| "New publisher".to_owned(), |one| format!("Edit {}", one.name));
    let id = publisher.map(|publisher| publisher.id);
    FormPage { page: session.page("publishers", title), id, typed, errors }
}

impl Typed {
    fn of(publisher: &Publisher) -> Self {
        Typed {
            name: publisher.name.clone(),
            code: publisher.code.clone().unwrap_or_default(),
            state: publisher.state.to_string(),
        }
    }

    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Typed { name: text("name"), code: text("code"), state: text("state") }
    }

    fn write_into(&self, publisher: &mut Publisher) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        publisher.name = self.name.clone();
        publisher.code = optional(&self.code);
        publisher.state = word(&mut checks, "state", Status::parse(&self.state), publisher.state);
        all_in(&FIELDS, checks, publisher.check())
    }
}

/// The control and label of a published field.
fn place(field: &str) -> Option<(String, String)> {
    in_table(&FIELDS, field)
}
