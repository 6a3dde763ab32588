//! A list with figures, from an address to its rows. All objects that match are sorted in memory, so any column can sort all
//! pages, and totals are those of all rows.

use std::collections::HashMap;

use super::ListSpec;
use super::choice::{Choices, Columns};
use super::measured::Measured;
use super::sums::figures_of;
use super::table;
use super::table::{Block, Key, Line, Place, Rest};
use crate::admin::choices::every;
use crate::admin::lists::filters::ListRequest;
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::form::Form;
use crate::admin::shell::session::Session;
use crate::admin::text::format::{grouped, plural};
use crate::domain::{Advertiser, AdvertiserId, Currency, Reader};
use crate::store::{FiguresOf, ListQuery, Store, StoreError};

/// The most objects of one list. A list with more says so.
pub const MOST_OBJECTS: u32 = 20_000;

pub struct MeasuredList<'a, E> {
    pub(super) spec: &'static ListSpec,
    pub(super) session: &'a Session,
    pub(super) query: &'a Form,
    pub(super) request: ListRequest<'a>,
    pub scope: PageScope,
    pub(super) columns: Columns,
    pub(super) size: usize,
    pub(super) start: usize,
    pub(super) key: Key,
    pub(super) descending: bool,
    pub(super) objects: Vec<E>,
    /// Whether there are more than the list takes.
    is_cut: bool,
    pub(super) blocks: Vec<Block>,
    pub(super) choices: Choices<'a>,
    pub(super) is_csv: bool,
}

impl<E> MeasuredList<'_, E> {
    /// What the list calls figures of none of its objects: "3 deleted line items", "Without a campaign".
    pub(super) fn rest_name(&self, rest: &Rest) -> String {
        let noun = self.spec.kind.noun;
        match rest.objects {
            0 => format!("Without a {noun}"),
            objects if self.is_cut => {
                format!("{} beyond the first {}", plural(objects, noun), grouped(MOST_OBJECTS.into()))
            }
            objects => plural(objects, &format!("deleted {noun}")),
        }
    }
}

impl<'a, E: Measured> MeasuredList<'a, E> {
    /// Reads what an address asks for. `request` has the list's own filters.
    ///
    /// # Errors
    /// Database faults.
    pub async fn load(
        store: &Store,
        session: &'a Session,
        query: &'a Form,
        spec: &'static ListSpec,
        request: ListRequest<'a>,
    ) -> Result<Self, StoreError> {
        let by = session.reader();
        let offer = Offer::new(spec.kind.path).with_categories();
        let offer = if E::OF == FiguresOf::Advertiser { offer.of_all() } else { offer };
        let scope = PageScope::load(store, session, query, offer).await?;
        let mut choices = Choices::new(query, spec.kind.section, spec.facts, session.remembered_lists(), &session.odd);
        let (columns, size, order) = (choices.columns(), choices.size(), choices.order());
        let (objects, is_whole) = objects::<E>(store, session, &request, &scope).await?;
        let homes = homes(store, by, &objects).await?;
        let figures = figures_of(store, by, &scope, E::OF, None).await?;
        let mut blocks = table::blocks(&homes, figures, is_whole);
        let (key, descending) = order.unwrap_or_else(|| {
            let key = table::usual_key(&blocks);
            (key, key != Key::Name)
        });
        if !matches!(key, Key::Fact(_)) {
            table::sort(&mut blocks, key, descending, &HashMap::new());
        }
        let start = choices.start(size, blocks.iter().map(|block| block.lines.len()).sum());
        request.check_filters::<E>();
        let is_csv = query.text("format") == "csv";
        Ok(MeasuredList {
            spec,
            session,
            query,
            request,
            scope,
            columns,
            size,
            start,
            key,
            descending,
            is_cut: objects.len() >= usize::try_from(MOST_OBJECTS).unwrap_or(usize::MAX),
            objects,
            blocks,
            choices,
            is_csv,
        })
    }

    /// The places of the objects whose own columns it needs: those of the page, or all.
    pub(super) fn needed(&self) -> Vec<usize> {
        if self.is_csv || matches!(self.key, Key::Fact(_)) {
            return (0..self.objects.len()).collect();
        }
        let mut places: Vec<usize> =
            self.page().into_iter().flat_map(|(_, lines)| lines).map(|line| line.object).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The objects whose own columns an answer needs.
    pub fn wanted(&self) -> Vec<&E> {
        self.needed().into_iter().filter_map(|place| self.objects.get(place)).collect()
    }

    pub(super) fn page(&self) -> Vec<(usize, Vec<Line>)> {
        table::page(&self.blocks, self.start, self.size)
    }
}

/// The objects that match, in the order of their names, and whether these are all of the scope.
async fn objects<E: Measured>(
    store: &Store,
    session: &Session,
    request: &ListRequest<'_>,
    scope: &PageScope,
) -> Result<(Vec<E>, bool), StoreError> {
    let mut query = ListQuery { start_element: 0, num_elements: MOST_OBJECTS, ..request.query::<E>() };
    query.sort.clear();
    query.filters.retain(|filter| filter.field.name != "advertiser_id");
    let is_whole = query.filters.is_empty() && query.find.is_none();
    if let Some(advertiser) = scope.advertiser_id() {
        query = query.with_id::<E>("advertiser_id", advertiser.0);
    }
    let page = store.list::<E>(session.reader(), query).await?;
    if page.count > u64::from(MOST_OBJECTS) {
        let (most, all) = (grouped(MOST_OBJECTS.into()), grouped(page.count));
        session.odd.say(format!("The list shows the first {most} of {all}. Search, or choose an advertiser."));
    }
    let mut objects = page.items;
    objects.sort_by_cached_key(|object| (object.name().to_lowercase(), object.id()));
    Ok((objects, is_whole))
}

/// The currency of the block that shows each object while it has no figures.
async fn homes<E: Measured>(store: &Store, by: &Reader, objects: &[E]) -> Result<Vec<Place>, StoreError> {
    let advertisers = every::<Advertiser>(store, by, ListQuery::default()).await?;
    let currencies: HashMap<AdvertiserId, Currency> =
        advertisers.into_iter().map(|advertiser| (advertiser.id, advertiser.default_currency)).collect();
    let home = |object: &E| {
        let owner = object.advertiser().and_then(|id| currencies.get(&id).copied());
        Place { id: object.id(), home: object.currency().or(owner) }
    };
    Ok(objects.iter().map(home).collect())
}
