//! The page of an ad: its link and its tag side by side, and where each works.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::admin::export::options::site_of;
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Id;
use crate::admin::shell::object_kind::TRACKER;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::CodeBlock;
use crate::admin::shell::session::Session;
use crate::admin::text::format::ago;
use crate::domain::{LineItem, Publisher, Reader, TagForm, Tracker, TrackerId, TrackerKind};
use crate::store::{ListQuery, Scalar, Store, StoreError, Test};
use crate::tag::{Parameter, TrackerTagOptions, tracker_tag};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/ads/page.html")]
struct AdPage {
    page: Page,
    click: Tracker,
    /// None if it was deleted.
    view: Option<Tracker>,
    line_item: LineItem,
    placement: String,
    link: CodeBlock,
    tag: Option<CodeBlock>,
    /// "3 min ago", of the link and of the tag.
    last_click: String,
    last_view: String,
    /// The host of the tags, if visitors cannot reach it.
    own_host: Option<String>,
}

/// `GET /admin/ads/{id}`: the id is that of the click tracker.
pub async fn show(state: web::Data<AppState>, session: Session, Id(id): Id<TrackerId>, request: HttpRequest) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let click = store.get::<Tracker>(by, id.0).await?;
    if click.kind != TrackerKind::Click {
        return Err(PageError::NoPage);
    }
    let view = view_of(store, by, &click).await?;
    let line_item: LineItem = store.get(by, click.line_item_id.0).await?;
    let publisher: Publisher = store.get(by, click.publisher_id.0).await?;
    let site = site_of(&request, &state)?;
    let own_host = site.reach().is_local().then(|| site.host.to_string());
    let options = TrackerTagOptions {
        kind: TagForm::Image,
        secure: site.https,
        host: site.host,
        parameters: Vec::new(),
        test: false,
    };
    let cached = TrackerTagOptions { parameters: vec![Parameter::Cachebuster], ..options.clone() };
    Ok(html(&AdPage {
        page: session.page(TRACKER.section, click.name.clone()).with_tab(format!("{}, ad", click.name)),
        link: CodeBlock { id: "link", label: "Link", text: tracker_tag(&click, &options).html },
        tag: view.as_ref().map(|view| CodeBlock { id: "tag", label: "Image", text: tracker_tag(view, &cached).html }),
        last_click: last(store, &session, &click).await?,
        last_view: match &view {
            Some(view) => last(store, &session, view).await?,
            None => String::new(),
        },
        placement: publisher.name,
        own_host,
        line_item,
        view,
        click,
    }))
}

async fn last(store: &Store, session: &Session, tracker: &Tracker) -> Result<String, StoreError> {
    let seen = store.tracker_seen(session.reader(), tracker.id).await?;
    Ok(seen.map_or_else(|| "never".to_owned(), |seen| ago(seen.last, session.now)))
}

/// The view tracker of the same ad: of the same name, line item and placement.
async fn view_of(store: &Store, by: &Reader, click: &Tracker) -> Result<Option<Tracker>, StoreError> {
    let text = |text: &str| Test::In(vec![Scalar::Text(text.to_owned())]);
    let query = ListQuery { num_elements: 1, ..ListQuery::default() }
        .with_id::<Tracker>("line_item_id", click.line_item_id.0)
        .with_id::<Tracker>("publisher_id", click.publisher_id.0)
        .with::<Tracker>("kind", text(TrackerKind::Impression.as_str()))
        .with::<Tracker>("name", text(&click.name));
    Ok(store.list::<Tracker>(by, query).await?.items.pop())
}
