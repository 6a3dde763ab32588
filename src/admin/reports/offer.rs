//! What a report's form offers: spans of time, columns, and for each filter the objects that the caller sees.

use super::super::choices::{self, Choice};
use super::super::wording::{and, grouped, plural};
use super::typed::{FILTERS, Typed, filter_label};
use super::words::{DATES, RANGES, is_figure, label};
use crate::domain::{Advertiser, Campaign, LineItem, Pixel, Publisher, Reader, Segment};
use crate::report::Kind;
use crate::store::{Entity, ListQuery, Listed, Store, StoreError};

/// More objects than this are not offered in one select.
const MOST: u64 = 1_000;

/// The form's choices.
pub struct Offer {
    pub ranges: Vec<Choice>,
    pub filters: Vec<Filter>,
    /// "none", "advertiser and pixel".
    pub filtered: String,
    /// What tells rows apart.
    pub dimensions: Vec<Tick>,
    pub figures: Vec<Tick>,
    /// "9 of 24".
    pub chosen: String,
    /// The figures that can be drawn; empty where there is nothing to choose.
    pub charts: Vec<Choice>,
}

/// A filter.
pub struct Filter {
    pub name: &'static str,
    pub label: String,
    pub how: How,
}

/// How a filter is chosen.
pub enum How {
    /// Among these.
    Select(Vec<Choice>),
    /// By its number, since there are too many for a list: what was typed, and how many there are.
    Number(String, String),
    /// Several came with a link: their names, and the values to keep.
    Several(String, Vec<String>),
    /// Three letters.
    Currency(String),
}

/// A column to tick.
pub struct Tick {
    pub name: &'static str,
    pub label: String,
    pub about: &'static str,
    pub ticked: bool,
}

impl Offer {
    /// Loads it.
    ///
    /// # Errors
    /// Database faults.
    pub async fn load(store: &Store, by: &Reader, typed: &Typed) -> Result<Self, StoreError> {
        let mut filters = Vec::new();
        for name in FILTERS {
            if typed.definition.column(name).is_some_and(|column| column.filter)
                && let Some(how) = how(store, by, typed, name).await?
            {
                filters.push(Filter { name, label: filter_label(name), how });
            }
        }
        let mut ranges = choices::words(&RANGES, &typed.range);
        ranges.push(choices::choice(DATES.to_owned(), "Dates".to_owned(), typed.range == DATES));
        let tick = |column: &'static crate::report::Column| Tick {
            name: column.name,
            label: label(column.name),
            about: column.about,
            ticked: typed.columns.iter().any(|name| name == column.name),
        };
        let (figures, dimensions): (Vec<_>, Vec<_>) =
            typed.definition.columns.iter().partition(|column| is_figure(column));
        let filtered: Vec<String> = typed.filters.iter().map(|(name, _)| filter_label(name).to_lowercase()).collect();
        Ok(Offer {
            ranges,
            filters,
            filtered: if filtered.is_empty() { "none".to_owned() } else { and(&filtered) },
            dimensions: dimensions.into_iter().map(tick).collect(),
            figures: figures.into_iter().map(tick).collect(),
            chosen: format!("{} of {}", typed.columns.len(), typed.definition.columns.len()),
            charts: charts(typed),
        })
    }
}

/// The chosen figures, where there are several and a time to draw them by.
fn charts(typed: &Typed) -> Vec<Choice> {
    let chosen = || typed.columns.iter().filter_map(|name| typed.definition.column(name));
    let by_time = chosen().any(|column| matches!(column.kind, Kind::Hour | Kind::Day | Kind::Month));
    let figures: Vec<_> = chosen().filter(|column| column.from.is_figure()).collect();
    if !by_time || figures.len() < 2 {
        return Vec::new();
    }
    let choice = |column: &'static crate::report::Column| {
        choices::choice(column.name.to_owned(), label(column.name), typed.chart == column.name)
    };
    figures.into_iter().map(choice).collect()
}

async fn how(store: &Store, by: &Reader, typed: &Typed, name: &'static str) -> Result<Option<How>, StoreError> {
    Ok(Some(match name {
        "advertiser_id" => objects::<Advertiser>(store, by, typed, name).await?,
        "line_item_id" => objects::<LineItem>(store, by, typed, name).await?,
        "campaign_id" => objects::<Campaign>(store, by, typed, name).await?,
        "publisher_id" => objects::<Publisher>(store, by, typed, name).await?,
        "pixel_id" => objects::<Pixel>(store, by, typed, name).await?,
        "segment_id" => objects::<Segment>(store, by, typed, name).await?,
        "currency" => How::Currency(typed.values(name).first().cloned().unwrap_or_default()),
        _ => {
            let Some(Kind::Words(words)) = typed.definition.column(name).map(|column| column.kind) else {
                return Ok(None);
            };
            let chosen = typed.values(name).first().map_or("", String::as_str);
            let words: Vec<_> = words.iter().map(|(_, shown)| (*shown, *shown)).collect();
            How::Select(choices::words(&words, chosen))
        }
    }))
}

async fn objects<E: Entity + Listed>(
    store: &Store,
    by: &Reader,
    typed: &Typed,
    name: &'static str,
) -> Result<How, StoreError> {
    let chosen = typed.values(name);
    let ids: Vec<i64> = chosen.iter().filter_map(|id| id.parse().ok()).collect();
    if chosen.len() > 1 {
        let names = store.names::<E>(by, ids).await?;
        let name = |id: &String| id.parse().ok().and_then(|id: i64| names.get(&id)).unwrap_or(id).clone();
        let shown: Vec<String> = chosen.iter().take(3).map(name).collect();
        let more = chosen.len() - shown.len();
        let text = match more {
            0 => shown.join(", "),
            more => format!("{} and {} more", shown.join(", "), grouped(u64::try_from(more).unwrap_or(u64::MAX))),
        };
        return Ok(How::Several(text, chosen.to_vec()));
    }
    let mut query = ListQuery::default();
    // Of one advertiser, only its own objects are of use.
    if let Some(advertiser) = typed.values("advertiser_id").first().and_then(|id| id.parse().ok())
        && typed.values("advertiser_id").len() == 1
    {
        query = query.with_id::<E>("advertiser_id", advertiser);
    }
    let count = store.list::<E>(by, ListQuery { num_elements: 1, ..query.clone() }).await?.count;
    if count > MOST {
        let typed = chosen.first().cloned().unwrap_or_default();
        let noun = plural(count, E::WHAT);
        return Ok(How::Number(typed, format!("There are {noun}, too many for a list: give the number of one.")));
    }
    let all = choices::all_with::<E>(store, by, query, &ids).await?;
    let names = store.names::<E>(by, all.iter().map(|object| object.id()).collect()).await?;
    let word = |object: &E| (object.id(), names.get(&object.id()).cloned().unwrap_or_default());
    Ok(How::Select(choices::options(&all, chosen.first().map_or("", String::as_str), word)))
}
