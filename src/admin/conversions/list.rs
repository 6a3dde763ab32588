//! The list of events, each with its outcome and a link to its explanation.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::filters;
use super::selects::Selects;
use super::tabs;
use super::tabs::{Chip, PageSize, Tab};
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::export::api_command;
use crate::admin::rows::conversion;
use crate::admin::rows::conversion::ConversionRow;
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::form::Form;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::{Asked, Session};
use crate::admin::text::format::{Moment, grouped};
use crate::domain::{AdvertiserId, LineItem, Pixel, Reader, Source};
use crate::store::{
    EVENTS_OF_A_NAME, EVENTS_SCANNED, EventCounts, EventFilter, EventPage, EventQuery, EventStart, Store, StoreError,
};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/conversions/list.html")]
struct EventsPage {
    page: Page,
    scope: PageScope,
    tabs: Vec<Tab>,
    selects: Selects,
    reasons: Vec<Choice>,
    corrections: Vec<Choice>,
    warnings: Vec<Choice>,
    /// The query string of the page.
    query: Form,
    /// The parameters of the address that the form of filters sends along.
    hidden_fields: Vec<(&'static str, String)>,
    /// The filters of the folded part that are set.
    chips: Vec<Chip>,
    /// Whether there is no event at all, whatever the filters say.
    has_none: bool,
    rows: Vec<ConversionRow>,
    /// How far the page looked, if it found less than it wanted.
    searched: Option<Moment>,
    /// The address of the page that goes on from there.
    further: String,
    scanned: String,
    /// When the newest event of the name on other days was, and the address of that day.
    elsewhere: Option<(Moment, String)>,
    /// "51–100 of 5,462 · times in Europe/Berlin".
    words: String,
    sizes: Vec<PageSize>,
    newer: String,
    older: String,
    /// The parameters of the files with the same events.
    files: String,
    /// The command that gets the list by the API.
    api_command: String,
}

/// The scope, the filters and the page that an address asks for.
pub struct EventRequest {
    pub scope: PageScope,
    pub filter: EventFilter,
}

impl EventRequest {
    /// Reads the filters.
    pub async fn read(store: &Store, session: &Session, query: &Form) -> Result<Self, StoreError> {
        let owner = owner(store, session.reader(), query).await?;
        let offer = Offer::new(filters::PATH);
        let offer = owner.map_or(offer.clone(), |id| offer.of(id));
        let scope = PageScope::load(store, session, query, offer).await?;
        let (from, to) = scope.between();
        let read = filters::read(query, &session.odd);
        let filter = EventFilter { advertiser: scope.advertiser_id(), from: Some(from), to: Some(to), ..read };
        Ok(EventRequest { scope, filter })
    }
}

/// The advertiser of the chosen object, if the address names none. It wins over the advertiser that the browser remembers.
async fn owner(store: &Store, by: &Reader, query: &Form) -> Result<Option<AdvertiserId>, StoreError> {
    if query.has("advertiser_id") {
        return Ok(None);
    }
    let owner = match (query.ids("pixel").pop(), query.ids("line_item").pop(), query.ids("source").pop()) {
        (Some(id), ..) => store.get::<Pixel>(by, id).await.map(|pixel| pixel.advertiser_id),
        (_, Some(id), _) => store.get::<LineItem>(by, id).await.map(|line_item| line_item.advertiser_id),
        (.., Some(id)) => store.get::<Source>(by, id).await.map(|source| source.advertiser_id),
        (None, None, None) => return Ok(None),
    };
    match owner {
        Ok(owner) => Ok(Some(owner)),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `GET /admin/conversions`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let EventRequest { scope, filter } = EventRequest::read(store, &session, &query).await?;
    let odd = &session.odd;
    let (start, num_elements) = (filters::start(&query, odd), filters::page_size(&query, odd));
    let asked = EventQuery { filter: filter.clone(), start, num_elements };
    let (events, counts) = store.counted_events(by, asked).await?;
    let selects = Selects::load(store, by, &query, scope.advertiser_id()).await?;
    selects.say_missing(&query, odd);
    if events.is_cut {
        odd.say(format!("Only the latest {} events of this kind are searched.", grouped(EVENTS_OF_A_NAME.into())));
    }
    let is_empty = events.items.is_empty();
    let is_unfiltered = query.pairs().all(|(_, value)| value.is_empty());
    let page = EventsPage {
        has_none: is_empty && is_unfiltered && has_none(store, &session).await?,
        elsewhere: if is_empty { elsewhere(store, &session, &filter, &query, &scope).await? } else { None },
        rows: rows(store, &session, &events, &scope).await?,
        api_command: api_command(&query, &scope, &api_command::base(&request, &state)?),
        ..EventsPage::new(
            &session,
            scope,
            query,
            selects,
            &EventQuery { filter, start, num_elements },
            (&events, &counts),
        )
    };
    Ok(page.scope.remember(html(&page)))
}

impl EventsPage {
    /// The page without what has to be read first.
    fn new(
        session: &Session,
        scope: PageScope,
        query: Form,
        selects: Selects,
        asked: &EventQuery,
        (events, counts): (&EventPage, &EventCounts),
    ) -> Self {
        let (outcome, start) = (asked.filter.outcome, asked.start);
        let count = format!("{}{}", grouped(counts.of(outcome)), if counts.is_more(outcome) { "+" } else { "" });
        let (newer, older) = tabs::neighbours(&query, start, events);
        EventsPage {
            page: session.page("conversions", "Events").with_tab(format!("Events ({count})")),
            tabs: tabs::tabs(&query, counts, outcome),
            chips: tabs::chips(&query, &asked.filter, &selects),
            reasons: tabs::reason_choices(outcome, query.text("reason")),
            corrections: choices::words(&filters::CORRECTIONS, query.text("retracted")),
            warnings: choices::words(&filters::WARNINGS, query.text("warning")),
            searched: events.searched.map(|place| Moment::in_zone(place.at, session.now, &scope.days.zone)),
            further: if matches!(start, EventStart::Newer(_)) { newer.clone() } else { older.clone() },
            scanned: grouped(EVENTS_SCANNED.into()),
            words: tabs::pager_words(counts, outcome, events.items.len(), scope.zone()),
            sizes: tabs::page_sizes(&query, asked.num_elements),
            newer,
            older,
            hidden_fields: hidden_fields(&query),
            files: files(&query, &scope),
            has_none: false,
            elsewhere: None,
            rows: Vec::new(),
            api_command: String::new(),
            selects,
            query,
            scope,
        }
    }
}

async fn rows(
    store: &Store,
    session: &Session,
    events: &EventPage,
    scope: &PageScope,
) -> Result<Vec<ConversionRow>, StoreError> {
    let mut rows = conversion::rows(store, session.reader(), &events.items, session.now).await?;
    for (row, event) in rows.iter_mut().zip(&events.items) {
        row.at = Moment::in_zone(event.fire.at, session.now, &scope.days.zone);
    }
    Ok(rows)
}

/// Of a name that no event of these days has: when the newest one on other days was, and the address of that day.
async fn elsewhere(
    store: &Store,
    session: &Session,
    filter: &EventFilter,
    query: &Form,
    scope: &PageScope,
) -> Result<Option<(Moment, String)>, StoreError> {
    let is_named = filter.search.is_some() || filter.visitor.is_some() || !filter.orders.is_empty();
    if !is_named {
        return Ok(None);
    }
    let filter = EventFilter { from: None, to: None, outcome: None, ..filter.clone() };
    let newest = EventQuery { filter, start: EventStart::Newest, num_elements: 1 };
    let found = store.events(session.reader(), newest).await?.items;
    Ok(found.first().map(|event| {
        let zone = &scope.days.zone;
        let day = zone.to_datetime(event.fire.at.timestamp()).date().to_string();
        let change = [("range", ""), ("from", day.as_str()), ("to", day.as_str()), ("outcome", "")];
        (Moment::in_zone(event.fire.at, session.now, zone), tabs::address(query, &change))
    }))
}

fn hidden_fields(query: &Form) -> Vec<(&'static str, String)> {
    let kept = ["outcome", "rows", "advertiser_id", "range", "from", "to"];
    kept.into_iter().filter_map(|name| Some((name, query.some(name)?.to_owned()))).collect()
}

/// Whether the user sees no event of any time.
async fn has_none(store: &Store, session: &Session) -> Result<bool, StoreError> {
    let any = EventQuery { filter: EventFilter::default(), start: EventStart::Newest, num_elements: 1 };
    Ok(store.events(session.reader(), any).await?.items.is_empty())
}

/// The filters and the scope, so that a file holds the same events for anybody who has its address.
fn files(query: &Form, scope: &PageScope) -> String {
    let left_out = ["before", "after", "start", "rows", "range", "from", "to", "advertiser_id", "compare"];
    let filters = query.pairs().filter(|(name, value)| !left_out.contains(name) && !value.is_empty());
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(filters).extend_pairs(scope.pairs());
    pairs.finish()
}

/// The command that gets the list by the API, which takes times in UTC.
fn api_command(query: &Form, scope: &PageScope, base: &str) -> String {
    let (from, to) = scope.between();
    let (from, to) = (from.to_string(), to.plus(-1_000).to_string());
    let advertiser = scope.advertiser_id().map(|id| id.to_string()).unwrap_or_default();
    let filters = [
        ("advertiser_id", advertiser.as_str()),
        ("pixel_id", query.text("pixel")),
        ("line_item_id", query.text("line_item")),
        ("outcome", query.text("outcome")),
        ("reason", query.text("reason")),
        ("retracted", query.text("retracted")),
        ("order_id", query.text("order")),
        ("min_datetime", from.as_str()),
        ("max_datetime", to.as_str()),
    ];
    api_command::get(base, "/conversion", &filters)
}
