//! The sources of an advertiser in the order of matching, the templates, and the tester.

use std::collections::{BTreeMap, HashMap};

use actix_web::web;
use askama::Template;

use super::tester;
use super::tester::{MAX_ADDRESS, TestResult};
use super::unmatched;
use super::unmatched::UnmatchedRow;
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::figures::{ByCurrency, figures_of};
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::extract::Id;
use crate::admin::shell::object_kind::SOURCE as KIND;
use crate::admin::shell::page::{Answer, Page, html, see_other};
use crate::admin::shell::parts::ObjectName;
use crate::admin::shell::session::{Asked, Posted, Session};
use crate::admin::text::conditions;
use crate::admin::text::conditions::PartWords;
use crate::admin::text::format::{Moment, grouped};
use crate::attribution::sources::covers;
use crate::domain::{
    Advertiser, AdvertiserId, LineItem, LineItemId, Publisher, PublisherId, Reader, SOURCE_TEMPLATES, Source, SourceId,
    SourceTemplate, Status,
};
use crate::store::{Figures, FiguresOf, Store, StoreError};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/sources/list.html")]
struct SourcesPage {
    page: Page,
    /// None if there is none.
    advertiser: Option<Advertiser>,
    /// Empty if there is only one.
    advertisers: Vec<Choice>,
    /// None without an advertiser.
    scope: Option<PageScope>,
    rows: Vec<SourceRow>,
    templates: &'static [SourceTemplate],
    /// Whether the tester asks for the page before.
    asks_before: bool,
    address: String,
    before: String,
    max_address: usize,
    result: Option<Tested>,
    unmatched: Vec<UnmatchedRow>,
    /// How many arrivals no source took.
    unmatched_count: String,
}

/// A source in the list.
struct SourceRow {
    id: SourceId,
    rank: usize,
    is_last: bool,
    name: String,
    state: Status,
    parts: Vec<PartWords>,
    line_item: ObjectName<LineItemId>,
    publisher: Option<ObjectName<PublisherId>>,
    /// The source before that takes all its arrivals; empty if there is none.
    shadowed_by: String,
    /// The clicks of the range; empty without any.
    arrivals: String,
    /// Conversions of the range; empty without any.
    sales: String,
    /// When it last took a click of the range.
    last: Option<Moment>,
}

/// What the tester says, with where the arrival leads.
struct Tested {
    result: TestResult,
    leads_to: Option<ObjectName<LineItemId>>,
}

/// `GET /admin/sources`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let advertisers = choices::all::<Advertiser>(store, by, &query.ids("advertiser_id")).await?;
    let remembered = PageScope::load(store, &session, &query, Offer::new(KIND.path)).await?;
    let advertiser = chosen(store, by, &advertisers, &remembered).await?;
    let sources = advertiser.as_ref().map(|advertiser| store.catalog().sources(advertiser.id)).unwrap_or_default();
    let (scope, seen, (unmatched, unmatched_count)) = match &advertiser {
        Some(advertiser) => {
            let offer = Offer::new(KIND.path).with_categories().of(advertiser.id);
            let scope = PageScope::load(store, &session, &query, offer).await?;
            let seen = Seen::load(store, &session, &scope, advertiser.id).await?;
            (Some(scope), seen, unmatched::load(store, by, advertiser.id, session.now).await?)
        }
        None => (None, Seen::default(), (Vec::new(), 0)),
    };
    let rows = rows(store, by, &sources, &seen).await?;
    let id = advertiser.as_ref().map(|advertiser| advertiser.id.to_string()).unwrap_or_default();
    let option = |advertiser: &Advertiser| (advertiser.id.0, advertiser.name.clone());
    let (address, before) = (query.text("url"), query.text("before"));
    let result = query
        .has("url")
        .then(|| tested(&sources, &rows, address, before, |text| state.auth.exposures().read(text).is_some()));
    let tab = format!("{} ({})", KIND.plural, rows.len());
    let answer = html(&SourcesPage {
        page: session.page(KIND.section, KIND.plural).with_tab(tab),
        advertiser,
        advertisers: if advertisers.len() > 1 { choices::options(&advertisers, &id, option) } else { Vec::new() },
        rows,
        templates: SOURCE_TEMPLATES,
        asks_before: sources.iter().any(|source| !source.condition.referrer_hosts.is_empty()),
        address: address.to_owned(),
        before: before.to_owned(),
        max_address: MAX_ADDRESS,
        result,
        unmatched,
        unmatched_count: grouped(unmatched_count),
        scope,
    });
    Ok(remembered.remember(answer))
}

/// What the sources took in the range.
#[derive(Default)]
struct Seen {
    figures: BTreeMap<i64, ByCurrency>,
    last: HashMap<SourceId, Moment>,
}

impl Seen {
    async fn load(
        store: &Store,
        session: &Session,
        scope: &PageScope,
        advertiser: AdvertiserId,
    ) -> Result<Self, StoreError> {
        let by = session.reader();
        let last = store.last_arrivals_by_source(by, advertiser, scope.between()).await?;
        Ok(Seen {
            figures: figures_of(store, by, scope, FiguresOf::Source, None).await?,
            last: last.into_iter().map(|(id, at)| (id, Moment::new(at, session.now))).collect(),
        })
    }

    /// Of all currencies together; empty for none.
    fn count(&self, source: SourceId, of: impl Fn(&Figures) -> u64) -> String {
        let count: u64 =
            self.figures.get(&source.0).into_iter().flat_map(BTreeMap::values).map(|row| of(&row.figures)).sum();
        if count == 0 { String::new() } else { grouped(count) }
    }
}

/// The advertiser that somebody chose, else the first that has sources, else the first by name.
async fn chosen(
    store: &Store,
    by: &Reader,
    advertisers: &[Advertiser],
    scope: &PageScope,
) -> Result<Option<Advertiser>, StoreError> {
    if scope.advertiser.is_some() {
        return Ok(scope.advertiser.clone());
    }
    let counts = store.advertiser_counts(by, advertisers.iter().map(|advertiser| advertiser.id).collect()).await?;
    let has_sources = |advertiser: &&Advertiser| counts.get(&advertiser.id).is_some_and(|counts| counts.sources > 0);
    Ok(advertisers.iter().find(has_sources).or(advertisers.first()).cloned())
}

/// Makes the rows, with the names of the objects that the sources lead to.
async fn rows(store: &Store, by: &Reader, sources: &[Source], seen: &Seen) -> Result<Vec<SourceRow>, StoreError> {
    let line_items = sources.iter().map(|source| source.line_item_id.0).collect();
    let line_items = store.names::<LineItem>(by, line_items).await?;
    let publishers = sources.iter().filter_map(|source| source.publisher_id).map(|id| id.0).collect();
    let publishers = store.names::<Publisher>(by, publishers).await?;
    let row = |(place, source): (usize, &Source)| SourceRow {
        id: source.id,
        rank: place + 1,
        is_last: place + 1 == sources.len(),
        name: source.name.clone(),
        state: source.state,
        parts: conditions::condition(&source.condition, false),
        line_item: ObjectName {
            id: source.line_item_id,
            name: line_items.get(&source.line_item_id.0).cloned().unwrap_or_default(),
        },
        publisher: source
            .publisher_id
            .map(|id| ObjectName { id, name: publishers.get(&id.0).cloned().unwrap_or_default() }),
        shadowed_by: shadow(sources, place),
        arrivals: seen.count(source.id, |figures| figures.clicks),
        sales: seen.count(source.id, Figures::conversions),
        last: seen.last.get(&source.id).cloned(),
    };
    Ok(sources.iter().enumerate().map(row).collect())
}

/// The name of the first active source before this one that takes all its arrivals.
fn shadow(sources: &[Source], place: usize) -> String {
    let (before, own) = sources.split_at(place);
    let own = own.first().filter(|own| own.state == Status::Active);
    let takes_all = |own: &Source| {
        let active = before.iter().filter(|source| source.state == Status::Active);
        active.into_iter().find(|source| covers(&source.condition, &own.condition)).map(|source| source.name.clone())
    };
    own.and_then(takes_all).unwrap_or_default()
}

fn tested(
    sources: &[Source],
    rows: &[SourceRow],
    address: &str,
    before: &str,
    is_token: impl Fn(&str) -> bool,
) -> Tested {
    let result = tester::test(sources, address, before, is_token);
    let leads_to = result.taken_by.and_then(|taken| rows.iter().find(|row| row.id == taken));
    let leads_to = leads_to.map(|row| ObjectName { id: row.line_item.id, name: row.line_item.name.clone() });
    Tested { result, leads_to }
}

/// `POST /admin/sources/{id}/move`: one place up or down.
pub async fn change_order(state: web::Data<AppState>, posted: Posted, Id(id): Id<SourceId>) -> Answer {
    let by = posted.session.editor()?;
    let up = posted.form.text("direction") == "up";
    let source = state.store.move_source(&by, id.0, up).await?;
    Ok(see_other(format!("{}?advertiser_id={}#source-{id}", KIND.path, source.advertiser_id)))
}
