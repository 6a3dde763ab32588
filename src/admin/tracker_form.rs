//! The form that makes or changes a tracker of either kind.

use actix_web::web;
use askama::Template;

use super::choices::{self, Choice};
use super::error::PageError;
use super::extract::{Asked, Id};
use super::flash::{Flash, Kind};
use super::form::{Errors, Form, in_table};
use super::line_item_choices::{Group, Offered};
use super::page::{Answer, Page, html, html_again};
use super::save;
use super::session::{Posted, Session};
use super::trackers::PATH;
use super::typed::{all_in, chosen, optional, word};
use crate::domain::{
    AdvertiserId, Checks, Editor, FieldError, LineItemId, Publisher, PublisherId, Status, Tracker, TrackerId,
    TrackerKind,
};
use crate::store::{AnyTracker, ClickTracker, ImpTracker, ListQuery, Store, StoreError};
use crate::web::State;

/// The published fields with their labels, down the page.
const FIELDS: [(&str, &str); 7] = [
    ("kind", "What it reports"),
    ("name", "Name"),
    ("line_item_id", "Line item"),
    ("publisher_id", "Publisher"),
    ("click_url", "Landing page"),
    ("code", "Code"),
    ("state", "State"),
];

#[derive(Template)]
#[template(path = "tracker_form.html")]
struct FormPage {
    page: Page,
    /// None for a new one.
    id: Option<TrackerId>,
    line_items: Vec<Group>,
    publishers: Vec<Choice>,
    /// Whether this user may make a publisher where there is none.
    may_make_publishers: bool,
    typed: Typed,
    errors: Errors,
}

/// Every field as text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    kind: String,
    name: String,
    code: String,
    line_item_id: String,
    publisher_id: String,
    click_url: String,
    state: String,
}

/// What a tracker may be put under.
struct Places {
    line_items: Offered,
    publishers: Vec<Publisher>,
}

impl Places {
    async fn load(
        store: &Store,
        session: &Session,
        of: Option<AdvertiserId>,
        under: Option<LineItemId>,
        at: Option<PublisherId>,
    ) -> Result<Self, StoreError> {
        let by = session.reader();
        let named: Vec<i64> = at.iter().map(|id| id.0).collect();
        Ok(Places {
            line_items: Offered::load(store, by, of, under).await?,
            publishers: choices::all_with::<Publisher>(store, by, ListQuery::default(), &named).await?,
        })
    }
}

/// `GET /admin/trackers/new`
pub async fn new(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    session.editor()?;
    let (under, at) = (asked.ids("line_item_id").pop(), asked.ids("publisher_id").pop());
    let of = asked.ids("advertiser_id").pop();
    let places = Places::load(&state.store, &session, of, under, at).await?;
    let typed = Typed {
        line_item_id: under.map(|id| id.to_string()).unwrap_or_default(),
        publisher_id: at.map(|id| id.to_string()).unwrap_or_default(),
        ..Typed::of(&fresh(TrackerKind::Impression, AdvertiserId(0)))
    };
    Ok(html(&form_page(&session, None, &places, typed, Errors::default())))
}

/// `POST /admin/trackers/new`
pub async fn create(state: web::Data<State>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let typed = Typed::read(&form);
    let (under, at) = (typed.line_item_id.parse().ok(), typed.publisher_id.parse().ok());
    let places = Places::load(&state.store, &session, None, under, at).await?;
    match made(&state.store, &editor, &typed, &places).await? {
        Ok(tracker) => {
            let text = format!("“{}” is made. Put it where the ad runs.", tracker.name);
            Ok(session.go_with(format!("{PATH}/{}", tracker.id), &Flash::new(Kind::Good, text)))
        }
        Err(errors) => Ok(html_again(&form_page(&session, None, &places, typed, errors))),
    }
}

async fn made(
    store: &Store,
    by: &Editor,
    typed: &Typed,
    places: &Places,
) -> Result<Result<Tracker, Errors>, PageError> {
    let kind = TrackerKind::parse(&typed.kind);
    let owner = places.line_items.find(&typed.line_item_id).map(|line_item| line_item.advertiser_id);
    let fresh = fresh(kind.unwrap_or(TrackerKind::Impression), owner.unwrap_or(AdvertiserId(0)));
    Ok(match kind {
        Some(TrackerKind::Click) => {
            let write = |tracker: &mut ClickTracker| typed.write_into(&mut tracker.0, places);
            save::create(store, by, ClickTracker(fresh), write, place).await?.map(|made| made.0)
        }
        Some(TrackerKind::Impression) => {
            let write = |tracker: &mut ImpTracker| typed.write_into(&mut tracker.0, places);
            save::create(store, by, ImpTracker(fresh), write, place).await?.map(|made| made.0)
        }
        // Nothing is made of it: the kind is among what it breaks.
        None => Err(Errors::of_fields(typed.write_into(&mut fresh.clone(), places).err().unwrap_or_default(), place)),
    })
}

/// `GET /admin/trackers/{id}/edit`
pub async fn edit(state: web::Data<State>, session: Session, Id(id): Id<TrackerId>) -> Answer {
    session.editor()?;
    let (tracker, places) = stored(&state.store, &session, id).await?;
    Ok(html(&form_page(&session, Some(&tracker), &places, Typed::of(&tracker), Errors::default())))
}

/// `POST /admin/trackers/{id}/edit`
pub async fn change(state: web::Data<State>, posted: Posted, Id(id): Id<TrackerId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let (tracker, places) = stored(&state.store, &session, id).await?;
    let typed = Typed { kind: tracker.kind.to_string(), ..Typed::read(&form) };
    let places = std::sync::Arc::new(places);
    let (wanted, among) = (typed.clone(), places.clone());
    let write = move |tracker: &mut Tracker| wanted.write_into(tracker, &among);
    let (store, shown) = (&state.store, tracker.clone());
    let errors = match tracker.kind {
        TrackerKind::Click => {
            let write = move |tracker: &mut ClickTracker| write(&mut tracker.0);
            save::change(store, &editor, &ClickTracker(shown), write, place).await?.err()
        }
        TrackerKind::Impression => {
            let write = move |tracker: &mut ImpTracker| write(&mut tracker.0);
            save::change(store, &editor, &ImpTracker(shown), write, place).await?.err()
        }
    };
    match errors {
        None => {
            let text = "Saved. It applies to what it reports from now on.";
            Ok(session.go_with(format!("{PATH}/{id}"), &Flash::new(Kind::Good, text)))
        }
        Some(errors) => Ok(html_again(&form_page(&session, Some(&tracker), &places, typed, errors))),
    }
}

fn fresh(kind: TrackerKind, owner: AdvertiserId) -> Tracker {
    Tracker::new(kind, owner, LineItemId(0), PublisherId(0), "")
}

async fn stored(store: &Store, session: &Session, id: TrackerId) -> Result<(Tracker, Places), StoreError> {
    let tracker = store.get::<AnyTracker>(session.reader(), id.0).await?.0;
    let (owner, under, at) = (tracker.advertiser_id, tracker.line_item_id, tracker.publisher_id);
    let places = Places::load(store, session, Some(owner), Some(under), Some(at)).await?;
    Ok((tracker, places))
}

fn form_page(session: &Session, tracker: Option<&Tracker>, places: &Places, typed: Typed, errors: Errors) -> FormPage {
    let title = tracker.map_or_else(|| "New tracker".to_owned(), |one| format!("Edit {}", one.name));
    FormPage {
        page: session.page("trackers", title),
        id: tracker.map(|tracker| tracker.id),
        line_items: places.line_items.groups(&typed.line_item_id),
        publishers: choices::options(&places.publishers, &typed.publisher_id, |publisher| {
            (publisher.id.0, publisher.name.clone())
        }),
        may_make_publishers: session.editor_of_all().is_ok(),
        typed,
        errors,
    }
}

impl Typed {
    fn of(tracker: &Tracker) -> Self {
        Typed {
            kind: tracker.kind.to_string(),
            name: tracker.name.clone(),
            code: tracker.code.clone().unwrap_or_default(),
            line_item_id: tracker.line_item_id.to_string(),
            publisher_id: tracker.publisher_id.to_string(),
            click_url: tracker.click_url.clone().unwrap_or_default(),
            state: tracker.state.to_string(),
        }
    }

    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Typed {
            kind: text("kind"),
            name: text("name"),
            code: text("code"),
            line_item_id: text("line_item_id"),
            publisher_id: text("publisher_id"),
            click_url: text("click_url"),
            state: text("state"),
        }
    }

    /// Writes it into a tracker, whose kind stays; line item and publisher must be among those on offer.
    fn write_into(&self, tracker: &mut Tracker, places: &Places) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        word(&mut checks, "kind", TrackerKind::parse(&self.kind), tracker.kind);
        tracker.name = self.name.clone();
        tracker.code = optional(&self.code);
        tracker.state = word(&mut checks, "state", Status::parse(&self.state), tracker.state);
        let line_item = places.line_items.find(&self.line_item_id).map(|line_item| line_item.id);
        tracker.line_item_id = chosen(&mut checks, "line_item_id", line_item, tracker.line_item_id);
        let publisher = places.publishers.iter().find(|publisher| publisher.id.to_string() == self.publisher_id);
        let publisher = publisher.map(|publisher| publisher.id);
        tracker.publisher_id = chosen(&mut checks, "publisher_id", publisher, tracker.publisher_id);
        tracker.click_url = optional(&self.click_url);
        all_in(&FIELDS, checks, tracker.check())
    }
}

/// The control and label of a published field.
fn place(field: &str) -> Option<(String, String)> {
    in_table(&FIELDS, field)
}
