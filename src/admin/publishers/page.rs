//! A placement's page, with its figures and trackers, and its deletion.

use actix_web::web;
use askama::Template;

use crate::admin::figures::tiles::Tiles;
use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::rows::change::LastChange;
use crate::admin::rows::source;
use crate::admin::rows::tracker;
use crate::admin::rows::tracker::TrackerRow;
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::extract::Id;
use crate::admin::shell::object_kind::PUBLISHER as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::{Asked, Posted};
use crate::domain::{Publisher, PublisherId, Tracker};
use crate::store::{FiguresOf, ListQuery};
use crate::web::AppState;

/// The most trackers in the table. The list of trackers shows them all.
const MOST_SHOWN: u32 = 20;

#[derive(Template)]
#[template(path = "admin/publishers/page.html")]
struct PublisherPage {
    page: Page,
    may_edit: bool,
    publisher: Publisher,
    scope: PageScope,
    tiles: Tiles,
    trackers: Vec<TrackerRow>,
    /// The number of its trackers. The table may show fewer.
    count: u64,
    changed: LastChange,
}

/// `GET /admin/publishers/{id}`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, Id(id): Id<PublisherId>) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let publisher: Publisher = store.get(by, id.0).await?;
    let shown = ListQuery { num_elements: MOST_SHOWN, ..ListQuery::default() };
    let trackers = store.list::<Tracker>(by, shown.with_id::<Tracker>("publisher_id", id.0)).await?;
    let offer = Offer::new(KIND.address(id)).with_categories();
    let scope = PageScope::load(store, &session, &query, offer).await?;
    let page = PublisherPage {
        page: session.page(KIND.section, publisher.name.clone()).with_tab(format!("{}, placement", publisher.name)),
        may_edit: session.editor_of_all().is_ok(),
        tiles: Tiles::load(store, by, &scope, FiguresOf::Publisher, id.0).await?,
        count: trackers.count,
        trackers: tracker::rows(store, by, trackers.items).await?,
        changed: LastChange::load::<Publisher>(store, &session, id.0, publisher.last_modified, "publisher").await?,
        publisher,
        scope,
    };
    Ok(page.scope.remember(html(&page)))
}

/// `POST /admin/publishers/{id}/delete`: asks first, unless trackers or sources still name it.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<PublisherId>) -> Answer {
    posted.session.editor_of_all()?;
    let (store, by) = (&state.store, posted.session.reader());
    let publisher: Publisher = store.get(by, id.0).await?;
    let query = ListQuery { num_elements: MOST_SHOWN, ..ListQuery::default() };
    let trackers = store.list::<Tracker>(by, query.with_id::<Tracker>("publisher_id", id.0)).await?;
    let sources = source::naming(store, by, "publisher_id", id.0).await?;
    let request = DeleteRequest {
        cascade: vec!["Pages show its ID instead of its name. Reports keep the name".to_owned()],
        stays: "Recorded ad views, clicks and conversions stay as they are.".to_owned(),
        blockers: tracker::links(trackers.items).chain(source::links(sources)).collect(),
        advice: "Delete its trackers and sources first, or give them another placement:",
        ..DeleteRequest::new(KIND, id, publisher.name)
    };
    confirm_delete::answer::<Publisher>(store, posted, id.0, request).await
}
