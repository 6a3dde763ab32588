//! The events of the list as a file, CSV or JSON. It has all that the filters let through. It goes out part by part,
//! so a million events need no more memory than a page. Columns have the published names of the API and of reports.

use std::collections::HashMap;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::stream;

use super::list::EventRequest;
use crate::admin::shell::page::Answer;
use crate::admin::shell::session::Asked;
use crate::domain::{
    Advertiser, Campaign, Conversion, LineItem, Micros, Outcome, PUBLISHED_ORDER_ID, Pixel, Publisher, Reader, Source,
    cut,
};
use crate::report::{Cell, LineFormat, Lines};
use crate::store::{EventPlace, EventQuery, EventStart, Store, StoreError};
use crate::web::AppState;

/// The events that one part reads.
const PART: u32 = 500;

const COLUMNS: [&str; 35] = [
    "id",
    "datetime",
    "received_on",
    "advertiser_id",
    "advertiser_name",
    "pixel_id",
    "pixel_name",
    "outcome",
    "reason",
    "duplicate_of",
    "order_id",
    "order_id_full",
    "value",
    "currency",
    "adjusted",
    "retracted",
    "adjusted_value",
    "adjusted_currency",
    "external_data",
    "event_id",
    "tag",
    "user_id",
    "line_item_id",
    "line_item_name",
    "campaign_id",
    "campaign_name",
    "publisher_id",
    "publisher_name",
    "source_id",
    "source_name",
    "imp_time",
    "exposure_kind",
    "static_value",
    "static_currency",
    "warnings",
];

/// `GET /admin/conversions.csv`
pub async fn csv(state: web::Data<AppState>, asked: Asked) -> Answer {
    answer(&state, asked, LineFormat::Csv).await
}

/// `GET /admin/conversions.json`
pub async fn json(state: web::Data<AppState>, asked: Asked) -> Answer {
    answer(&state, asked, LineFormat::Json).await
}

async fn answer(state: &AppState, Asked { session, query }: Asked, format: LineFormat) -> Answer {
    let EventRequest { scope, filter } = EventRequest::read(&state.store, &session, &query).await?;
    let lines = Lines::new(format, &COLUMNS).map_err(StoreError::fault)?;
    let (kind, extension) = match format {
        LineFormat::Csv => ("text/csv; charset=utf-8", "csv"),
        LineFormat::Json => ("application/json", "json"),
    };
    let name = format!("events-{}-{}.{extension}", scope.days.first, scope.days.last);
    let query = EventQuery { filter, start: EventStart::Newest, num_elements: PART };
    let file = EventFile { store: state.store.clone(), by: *session.reader(), query, lines, next: Some(Next::Head) };
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(stream::try_unfold(file, EventFile::part)))
}

/// A file while it is sent.
struct EventFile {
    store: Store,
    by: Reader,
    query: EventQuery,
    lines: Lines,
    /// None once all is sent.
    next: Option<Next>,
}

enum Next {
    Head,
    Rows,
    Tail,
}

impl EventFile {
    /// The next part, which may be empty. A fault ends the connection, so that no browser takes half a file for a whole one.
    async fn part(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        let part = match self.next {
            None => return Ok(None),
            Some(Next::Head) => {
                self.next = Some(Next::Rows);
                Bytes::from(self.lines.head())
            }
            Some(Next::Rows) => self.rows().await?,
            Some(Next::Tail) => {
                self.next = None;
                Bytes::from_static(self.lines.tail().as_bytes())
            }
        };
        Ok(Some((part, self)))
    }

    async fn rows(&mut self) -> Result<Bytes, StoreError> {
        let page = self.store.events(&self.by, self.query.clone()).await?;
        let reached = page.searched.or_else(|| page.items.last().map(EventPlace::of));
        match reached.filter(|_| page.has_older) {
            Some(place) => self.query.start = EventStart::Older(place),
            None => self.next = Some(Next::Tail),
        }
        let names = Names::load(&self.store, &self.by, &page.items).await?;
        let rows: Vec<_> = page.items.iter().map(|event| names.row(event)).collect();
        Ok(Bytes::from(self.lines.rows(&rows).map_err(StoreError::fault)?))
    }
}

/// The names of the objects of some events.
struct Names {
    advertisers: HashMap<i64, String>,
    pixels: HashMap<i64, String>,
    line_items: HashMap<i64, String>,
    campaigns: HashMap<i64, String>,
    publishers: HashMap<i64, String>,
    sources: HashMap<i64, String>,
}

impl Names {
    async fn load(store: &Store, by: &Reader, events: &[Conversion]) -> Result<Self, StoreError> {
        let credits = || events.iter().filter_map(|event| event.credit.as_ref());
        let ids = |mut ids: Vec<i64>| {
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let of = |id: fn(&Conversion) -> i64| ids(events.iter().map(id).collect());
        let campaigns = ids(credits().filter_map(|credit| Some(credit.campaign_id?.0)).collect());
        let sources = ids(credits().filter_map(|credit| Some(credit.source_id?.0)).collect());
        Ok(Names {
            advertisers: store.names::<Advertiser>(by, of(|event| event.advertiser_id.0)).await?,
            pixels: store.names::<Pixel>(by, of(|event| event.fire.pixel_id.0)).await?,
            line_items: store.names::<LineItem>(by, ids(credits().map(|one| one.line_item_id.0).collect())).await?,
            campaigns: store.names::<Campaign>(by, campaigns).await?,
            publishers: store.names::<Publisher>(by, ids(credits().map(|one| one.publisher_id.0).collect())).await?,
            sources: store.names::<Source>(by, sources).await?,
        })
    }

    /// The cells of an event, as many as there are columns.
    fn row(&self, event: &Conversion) -> Vec<Cell> {
        let mut cells = Vec::from(self.of_event(event));
        cells.extend(of_value(event));
        cells.extend(self.of_credit(event));
        let warnings = event.fire.warnings.iter().map(|warning| format!("{}: {}", warning.parameter, warning.rule));
        cells.push(Cell::foreign(Some(warnings.collect::<Vec<_>>().join("; ").as_str())));
        cells
    }

    fn of_event(&self, event: &Conversion) -> [Cell; 12] {
        let (fire, order) = (&event.fire, event.order_id.as_deref());
        [
            Cell::ours(fire.seq, true),
            Cell::ours(fire.at, false),
            Cell::ours(fire.received, false),
            Cell::ours(event.advertiser_id, true),
            name(&self.advertisers, Some(event.advertiser_id.0)),
            Cell::ours(fire.pixel_id, true),
            name(&self.pixels, Some(fire.pixel_id.0)),
            Cell::ours(event.outcome.kind().as_str(), false),
            Cell::ours(event.outcome.reason().as_str(), false),
            number(event.duplicate_of.map(|seq| seq.0)),
            Cell::foreign(order.map(|id| cut(id, PUBLISHED_ORDER_ID))),
            Cell::foreign(order),
        ]
    }

    fn of_credit(&self, event: &Conversion) -> [Cell; 12] {
        let credit = event.credit.as_ref();
        let line_item = credit.map(|credit| credit.line_item_id.0);
        let campaign = credit.and_then(|credit| credit.campaign_id).map(|id| id.0);
        let publisher = credit.and_then(|credit| credit.publisher_id.known()).map(|id| id.0);
        let source = credit.and_then(|credit| credit.source_id).map(|id| id.0);
        let kind = if let Outcome::Attributed(kind) = event.outcome { Some(kind.as_str()) } else { None };
        [
            number(line_item),
            name(&self.line_items, line_item),
            number(campaign),
            name(&self.campaigns, campaign),
            number(publisher),
            name(&self.publishers, publisher),
            number(source),
            name(&self.sources, source),
            ours(credit.map(|credit| credit.exposure_at)),
            ours(kind),
            amount(credit.and_then(|credit| credit.static_value)),
            ours(credit.map(|credit| credit.static_currency)),
        ]
    }
}

fn of_value(event: &Conversion) -> [Cell; 10] {
    let (fire, now) = (&event.fire, event.current_value());
    [
        amount(event.value),
        ours(event.currency),
        Cell::ours(event.adjusted.is_some(), true),
        Cell::ours(now.retracted, true),
        amount(now.value),
        ours(now.currency),
        Cell::foreign(fire.other.as_deref()),
        Cell::foreign(fire.event_id.as_deref()),
        Cell::ours(fire.tag.as_str(), false),
        // Digits as a text, as in reports: JavaScript cannot hold the number exactly.
        ours(event.visitor_id.map(|id| id.0)),
    ]
}

fn name(names: &HashMap<i64, String>, id: Option<i64>) -> Cell {
    Cell::foreign(id.and_then(|id| names.get(&id)).map(String::as_str))
}

fn ours(text: Option<impl std::fmt::Display>) -> Cell {
    text.map_or_else(Cell::none, |text| Cell::ours(text, false))
}

fn number(number: Option<i64>) -> Cell {
    number.map_or_else(Cell::none, |number| Cell::ours(number, true))
}

fn amount(value: Option<Micros>) -> Cell {
    value.map_or_else(Cell::none, |value| Cell::ours(value, true))
}
