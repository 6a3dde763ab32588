//! The form that makes or changes a segment.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::choices::{self, Choice};
use super::extract::{Asked, Id};
use super::flash::{Flash, Kind};
use super::form::{Errors, in_table};
use super::page::{Answer, Page, html, html_again};
use super::piggybacks::{self, Row};
use super::save;
use super::segment_typed::{FIELDS, Typed};
use super::segments::PATH;
use super::session::{Posted, Session};
use crate::domain::{Advertiser, AdvertiserId, Segment, SegmentId};
use crate::store::{Store, StoreError};
use crate::web::State;

#[derive(Template)]
#[template(path = "segment_form.html")]
struct FormPage {
    page: Page,
    /// None for a new one.
    id: Option<SegmentId>,
    /// For whom, once that cannot change.
    owner: String,
    /// Whether a new one may belong to all advertisers.
    may_serve_all: bool,
    advertisers: Vec<Choice>,
    rows: Vec<piggybacks::Shown>,
    typed: Typed,
    errors: Errors,
}

/// `GET /admin/segments/new`
pub async fn new(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    session.editor()?;
    let mut segment = Segment::new("");
    segment.advertiser_id = asked.ids("advertiser_id").pop();
    form(&state.store, &session, None, Typed::of(&segment), Errors::default()).await
}

/// `POST /admin/segments/new`
pub async fn create(state: web::Data<State>, posted: Posted) -> Answer {
    let Posted { session, form: sent } = posted;
    let editor = session.editor()?;
    let typed = Typed::read(&sent);
    if sent.text("do") == "add-row" {
        return one_more_row(&state.store, &session, None, typed).await;
    }
    let write = |segment: &mut Segment| typed.write_into(segment);
    match save::create(&state.store, &editor, Segment::new(""), write, place).await? {
        Ok(segment) => {
            let text = format!("“{}” is made. Put its tag onto a page.", segment.short_name);
            Ok(session.go_with(format!("{PATH}/{}", segment.id), &Flash::new(Kind::Good, text)))
        }
        Err(errors) => form(&state.store, &session, None, typed, errors).await,
    }
}

/// `GET /admin/segments/{id}/edit`
pub async fn edit(state: web::Data<State>, session: Session, Id(id): Id<SegmentId>) -> Answer {
    let segment = own(&state.store, &session, id).await?;
    let typed = Typed::of(&segment);
    form(&state.store, &session, Some(segment), typed, Errors::default()).await
}

/// `POST /admin/segments/{id}/edit`
pub async fn change(state: web::Data<State>, posted: Posted, Id(id): Id<SegmentId>) -> Answer {
    let Posted { session, form: sent } = posted;
    let editor = session.editor()?;
    let segment = own(&state.store, &session, id).await?;
    let advertiser_id = segment.advertiser_id.map(|id| id.to_string()).unwrap_or_default();
    let typed = Typed { advertiser_id, ..Typed::read(&sent) };
    if sent.text("do") == "add-row" {
        return one_more_row(&state.store, &session, Some(segment), typed).await;
    }
    let wanted = typed.clone();
    let write = move |segment: &mut Segment| wanted.write_into(segment);
    match save::change(&state.store, &editor, &segment, write, place).await? {
        Ok(_) => {
            let text = "Saved. It applies to what its tags load from now on.";
            Ok(session.go_with(format!("{PATH}/{id}"), &Flash::new(Kind::Good, text)))
        }
        Err(errors) => form(&state.store, &session, Some(segment), typed, errors).await,
    }
}

/// A segment that this user may change: who is limited to one advertiser sees those of all, and changes its own.
async fn own(store: &Store, session: &Session, id: SegmentId) -> Result<Segment, super::error::PageError> {
    session.editor()?;
    let segment: Segment = store.get(session.reader(), id.0).await?;
    if segment.advertiser_id.is_none() {
        session.editor_of_all()?;
    }
    Ok(segment)
}

/// The button of browsers without the script: the same form with a row more.
async fn one_more_row(store: &Store, session: &Session, segment: Option<Segment>, mut typed: Typed) -> Answer {
    typed.piggybacks.push(Row::empty());
    form(store, session, segment, typed, Errors::default()).await
}

async fn form(
    store: &Store,
    session: &Session,
    segment: Option<Segment>,
    typed: Typed,
    errors: Errors,
) -> Result<HttpResponse, super::error::PageError> {
    let asked: Vec<i64> = typed.advertiser_id.parse().into_iter().collect();
    let advertisers = choices::all::<Advertiser>(store, session.reader(), &asked).await?;
    let owner = match segment.as_ref().map(|segment| segment.advertiser_id) {
        None => String::new(),
        Some(None) => "all advertisers".to_owned(),
        Some(Some(id)) => name(store, session, id).await?,
    };
    let title = segment.as_ref().map_or_else(|| "New segment".to_owned(), |one| format!("Edit {}", one.short_name));
    let page = FormPage {
        page: session.page("segments", title),
        id: segment.map(|segment| segment.id),
        owner,
        may_serve_all: session.editor_of_all().is_ok(),
        advertisers: choices::options(&advertisers, &typed.advertiser_id, |one| (one.id.0, one.name.clone())),
        rows: piggybacks::shown(&typed.piggybacks, &errors),
        typed,
        errors,
    };
    Ok(if page.errors.is_empty() { html(&page) } else { html_again(&page) })
}

async fn name(store: &Store, session: &Session, id: AdvertiserId) -> Result<String, StoreError> {
    Ok(store.names::<Advertiser>(session.reader(), vec![id.0]).await?.remove(&id.0).unwrap_or_default())
}

/// The control and label of a published field.
fn place(field: &str) -> Option<(String, String)> {
    piggybacks::place(field).or_else(|| in_table(&FIELDS, field))
}
