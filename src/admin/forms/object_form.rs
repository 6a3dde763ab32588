//! The forms that create and change objects: one set of handlers for all kinds. Each form defines its fields, the
//! choices that it offers, and its template.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::conflict::{self, Collision, Meeting, Met, Opened, Others};
use super::detour;
use super::form_key;
use super::gone;
use super::parse::FormData;
use super::save::{self, Created, FormObject, Write};
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::{Id, ObjectId};
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Control, Errors, Form, Labels, capital, control_in};
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::parts::DeletedView;
use crate::admin::shell::session::{Asked, Posted, Session};
use crate::domain::{FieldError, Millis};
use crate::store::{Listed, Store, StoreError};
use crate::web::AppState;

/// The reason why a form opens.
pub enum Occasion<'a, O> {
    /// A new object; the query string may choose some of it.
    New(&'a Form),
    /// A new object that was posted.
    Create(&'a Form),
    /// A change of this object.
    Change(&'a O),
}

/// The right that a form's object takes.
pub type Right<F> = <<F as ObjectForm>::Object as FormObject>::Right;

/// The form of one kind of objects. A value of the type holds the choices that the form offers.
pub trait ObjectForm: Sized + Send + Sync + 'static {
    type Object: FormObject;
    type Data: FormData;

    const KIND: ObjectKind;
    /// The published fields with their labels, down the page.
    const FIELDS: Labels;

    fn may_create(session: &Session) -> Result<Right<Self>, PageError> {
        Self::Object::right(session)
    }

    fn may_change(session: &Session) -> Result<Right<Self>, PageError> {
        Self::Object::right(session)
    }

    /// Checks a further right that this very object may need.
    fn may_change_object(_: &Session, _: &Self::Object) -> Result<(), PageError> {
        Ok(())
    }

    /// A page with a question that comes before the form of a new object.
    async fn question(_: &Store, _: &Session, _: &Form) -> Result<Option<HttpResponse>, PageError> {
        Ok(None)
    }

    /// Loads the choices that the form offers.
    async fn load(store: &Store, session: &Session, occasion: Occasion<'_, Self::Object>) -> Result<Self, PageError>;

    /// The fields of a stored object.
    fn data(object: &Self::Object) -> Self::Data;

    /// The fields that the form of a new object proposes.
    fn blank(&self, query: &Form) -> Self::Data {
        Self::data(&self.new_object(&Self::Data::read(query)))
    }

    /// Fills in what the link to the form proposes.
    fn propose(_: &mut Self::Data, _: &Form) {}

    /// A question before a new object is created, beside the control of this id. `anyway=yes` answers it.
    fn doubt(_: &Self::Data) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Puts back the fields that no change touches.
    fn keep_fixed(_: &mut Self::Data, _: &Self::Object) {}

    /// Adds an empty row, for browsers without scripts. False if the form has no rows.
    fn add_row(_: &mut Self::Data) -> bool {
        false
    }

    /// The object that a posted form fills.
    fn new_object(&self, data: &Self::Data) -> Self::Object;

    /// Writes the form into an object. Fields that the form does not have stay.
    ///
    /// # Errors
    /// Every rule that the form breaks, under the published names.
    fn write(&self, data: &Self::Data, object: &mut Self::Object) -> Result<(), Vec<FieldError>>;

    /// `object` is none for a new one.
    fn page(&self, frame: Page, object: Option<&Self::Object>, data: Self::Data, errors: Errors) -> impl Template;

    /// The object's name in the title.
    fn name(object: &Self::Object) -> &str;

    /// The message once an object was created.
    fn created(object: &Self::Object) -> String;

    /// The message once a change was saved.
    fn changed(_: &Self::Object) -> String {
        "Saved.".to_owned()
    }

    /// Where to go after saving.
    fn destination(_: &Session, object: &Self::Object) -> String {
        Self::KIND.address(object.id())
    }

    /// The label of a field of the form; none for a field that it does not show.
    fn label(field: &str) -> Option<&'static str> {
        Self::FIELDS.iter().find(|(name, _)| *name == field).map(|(_, label)| *label)
    }

    /// A field for people, with names in place of ids.
    fn words(&self, data: &Self::Data, field: &str) -> String {
        let words = data.words(field);
        if field == "state" { capital(&words) } else { words }
    }

    /// The control of a published field.
    fn control(field: &str) -> Option<Control> {
        control_in(Self::FIELDS, field)
    }
}

/// Adds the addresses of a form, below `/admin`.
pub fn routes<F: ObjectForm>(routes: &mut web::ServiceConfig) {
    let path = F::KIND.path.strip_prefix("/admin").unwrap_or(F::KIND.path);
    routes
        .route(&format!("{path}/new"), web::get().to(new::<F>))
        .route(&format!("{path}/new"), web::post().to(create::<F>))
        .route(&format!("{path}/{{id}}/edit"), web::get().to(edit::<F>))
        .route(&format!("{path}/{{id}}/edit"), web::post().to(change::<F>));
}

/// `GET .../new`
async fn new<F: ObjectForm>(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    F::may_create(&session)?;
    if let Some(question) = F::question(&state.store, &session, &query).await? {
        return Ok(question);
    }
    let form = F::load(&state.store, &session, Occasion::New(&query)).await?;
    let mut data = if query.has(detour::KEPT) { F::Data::read(&query) } else { form.blank(&query) };
    F::propose(&mut data, &query);
    Ok(html(&form.page(frame::<F>(&session, None, &query), None, data, Errors::default())))
}

/// `POST .../new`
async fn create<F: ObjectForm>(state: web::Data<AppState>, posted: Posted) -> Answer {
    let Posted { session, form: posted } = posted;
    let by = F::may_create(&session)?;
    if let Some(away) = detour::away(&posted, session.path()) {
        return Ok(away);
    }
    let form = F::load(&state.store, &session, Occasion::Create(&posted)).await?;
    let mut data = F::Data::read(&posted);
    if posted.text("do") == gone::FILL || (posted.adds_row() && F::add_row(&mut data)) {
        return Ok(html(&form.page(frame::<F>(&session, None, &posted), None, data, Errors::default())));
    }
    if let Some((control, question)) = F::doubt(&data).filter(|_| posted.text("anyway") != "yes")
        && form.write(&data, &mut form.new_object(&data)).is_ok()
    {
        let mut errors = Errors::default();
        errors.add(control, question);
        return Ok(html_again(&form.page(frame::<F>(&session, None, &posted), None, data, errors)));
    }
    let write = |object: &mut F::Object| form.write(&data, object);
    match save::create(&state, &session, &by, &posted, form.new_object(&data), write, F::control).await? {
        Created::New(object) => Ok(done::<F>(&session, &object, &posted, FlashKind::Good, F::created(&object))),
        Created::Before(object) => {
            let text = form_key::sent_before(F::name(&object));
            Ok(done::<F>(&session, &object, &posted, FlashKind::Warning, text))
        }
        Created::Wrong(errors) => Ok(html_again(&form.page(frame::<F>(&session, None, &posted), None, data, errors))),
    }
}

/// `GET .../{id}/edit`
async fn edit<F: ObjectForm>(
    state: web::Data<AppState>,
    Asked { session, query }: Asked,
    Id(id): Id<ObjectId>,
) -> Answer {
    F::may_change(&session)?;
    let object = load::<F>(&state.store, &session, id).await?;
    let form = F::load(&state.store, &session, Occasion::Change(&object)).await?;
    let frame = frame::<F>(&session, Some(&object), &query);
    let mut data = if query.has(detour::KEPT) { F::Data::read(&query) } else { F::data(&object) };
    F::keep_fixed(&mut data, &object);
    F::propose(&mut data, &query);
    Ok(html(&form.page(frame, Some(&object), data, Errors::default())))
}

/// `POST .../{id}/edit`
async fn change<F: ObjectForm>(state: web::Data<AppState>, posted: Posted, Id(id): Id<ObjectId>) -> Answer {
    let Posted { session, form: posted } = posted;
    match save_change::<F>(&state, &session, &posted, id).await {
        Err(PageError::Store(StoreError::NotFound { what, id: missing })) if missing == id.0.to_string() => {
            match state.store.deletion(session.caller(), F::Object::WHAT, id.0).await? {
                None => Err(StoreError::not_found(what, missing).into()),
                Some(deletion) => {
                    let opened = Form::parse(posted.text(conflict::OPENED).as_bytes());
                    let (may_create, deleted) =
                        (F::may_create(&session).is_ok(), DeletedView::of(deletion, session.now));
                    Ok(gone::page(&session, F::KIND, (id.0, may_create), deleted, &posted, &opened))
                }
            }
        }
        answer => answer,
    }
}

async fn save_change<F: ObjectForm>(state: &AppState, session: &Session, posted: &Form, id: ObjectId) -> Answer {
    let by = F::may_change(session)?;
    let object = load::<F>(&state.store, session, id).await?;
    if let Some(away) = detour::away(posted, session.path()) {
        return Ok(away);
    }
    let form = Arc::new(F::load(&state.store, session, Occasion::Change(&object)).await?);
    let frame = frame::<F>(session, Some(&object), posted);
    let mut data = F::Data::read(posted);
    F::keep_fixed(&mut data, &object);
    if posted.adds_row() && F::add_row(&mut data) {
        return Ok(html(&form.page(frame, Some(&object), data, Errors::default())));
    }
    let opened = Opened::of(posted);
    opened.iter().for_each(|opened| opened.give_up(posted, &mut data));
    let meeting = Meeting::begin();
    let write = writer(form.clone(), opened.clone(), data.clone(), meeting.clone());
    let saved = save::change(state, &by, &object, write, F::control).await?;
    let met = meeting.take().filter(|met| !met.merge.taken.is_empty() || !met.merge.collisions.is_empty());
    match (saved, met) {
        (Ok(object), met) => {
            let mut text = F::changed(&object);
            if let (Some(met), Some(opened)) = (met, &opened) {
                let others = Others::load::<F::Object>(&state.store, session, id.0, opened.modified).await?;
                text = format!("{text} {}", others.kept(&labels::<F>(&met.merge.taken)));
            }
            Ok(done::<F>(session, &object, posted, FlashKind::Good, text))
        }
        (Err(errors), Some(met)) if met.merge.collisions.is_empty() => {
            Ok(html_again(&form.page(Page { opened: met.theirs.text(), ..frame }, Some(&object), met.data, errors)))
        }
        (Err(_), Some(met)) => {
            let since = opened.map_or(session.now, |opened| opened.modified);
            let others = Others::load::<F::Object>(&state.store, session, id.0, since).await?;
            Ok(ask(&*form, frame, &object, &met, (&others, session.now)))
        }
        (Err(errors), None) => Ok(html_again(&form.page(frame, Some(&object), data, errors))),
    }
}

/// Writes the fields into the stored object, merged with what others saved since the form was opened.
fn writer<F: ObjectForm>(
    form: Arc<F>,
    opened: Option<Opened<F::Data>>,
    mine: F::Data,
    meeting: Meeting<F::Data>,
) -> impl Write<F::Object> {
    move |object: &mut F::Object| {
        let Some(opened) = &opened else { return form.write(&mine, object) };
        let theirs = Opened { data: F::data(object).as_sent(), modified: object.modified() };
        match meeting.merge(opened, &mine.as_sent(), theirs, |field| F::label(field).is_some()) {
            // The page shows the fields and asks.
            None => Err(Vec::new()),
            Some(merged) => form.write(&merged, object),
        }
    }
}

/// The page that asks whose values to keep.
fn ask<F: ObjectForm>(
    form: &F,
    frame: Page,
    object: &F::Object,
    met: &Met<F::Data>,
    others: (&Others, Millis),
) -> HttpResponse {
    let collision = |field: &&'static str| Collision {
        field,
        label: F::label(field).unwrap_or_default().to_owned(),
        theirs: form.words(&met.theirs.data, field),
        mine: form.words(&met.data, field),
    };
    let collisions = met.merge.collisions.iter().map(collision).collect();
    let of = (F::KIND.address(object.id()), F::name(object).to_owned());
    conflict::ask(frame, F::KIND, of, others, (met, labels::<F>(&met.merge.taken)), collisions)
}

fn labels<F: ObjectForm>(fields: &[&str]) -> Vec<String> {
    fields.iter().filter_map(|field| F::label(field)).map(str::to_owned).collect()
}

async fn load<F: ObjectForm>(store: &Store, session: &Session, id: ObjectId) -> Result<F::Object, PageError> {
    let object = F::Object::load(store, session, id.0).await?;
    F::may_change_object(session, &object)?;
    Ok(object)
}

/// `form` is the query string or the posted form, which may say where to lead back, and what it was opened with.
fn frame<F: ObjectForm>(session: &Session, object: Option<&F::Object>, form: &Form) -> Page {
    let title = object.map_or_else(|| format!("New {}", F::KIND.noun), |object| format!("Edit {}", F::name(object)));
    let page = session.page(F::KIND.section, title).returning_to(detour::return_to(form));
    match object {
        None => page.keyed(form_key::next(form)),
        Some(object) => {
            let now = || Opened { data: F::data(object), modified: object.modified() };
            Page { opened: Opened::of(form).unwrap_or_else(now).text(), ..page }
        }
    }
}

fn done<F: ObjectForm>(
    session: &Session,
    object: &F::Object,
    posted: &Form,
    kind: FlashKind,
    message: String,
) -> HttpResponse {
    let back = detour::back(posted, F::KIND, object.id());
    let to = back.unwrap_or_else(|| F::destination(session, object));
    session.go_with(to, &Flash::new(kind, message))
}
