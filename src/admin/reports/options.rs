//! The options of a report's form: ranges, columns, and for each filter the objects that the caller sees.

use super::super::choices::{self, Choice};
use super::definition::{FILTERS, RETRACTED, ReportFormData, filter_label};
use super::labels::{DATES, RANGES, help, is_figure, is_offered, label, word};
use crate::admin::text::format::{and, grouped};
use crate::admin::text::glossary::Named;
use crate::domain::{Advertiser, Campaign, LineItem, Pixel, Publisher, Reader, Segment, Source};
use crate::report::Kind;
use crate::store::{Entity, ListQuery, Listed, Store, StoreError};

/// The most objects that one select offers.
const MOST: u64 = 5_000;

pub struct ReportFormOptions {
    pub ranges: Vec<Choice>,
    pub filters: Vec<FilterField>,
    /// "none", "advertiser and pixel".
    pub filter_summary: String,
    /// The columns that tell rows apart.
    pub dimensions: Vec<ColumnChoice>,
    pub figures: Vec<ColumnChoice>,
    /// "9 of 24".
    pub column_count: String,
    /// The figures that the chart can show; empty if there is no choice.
    pub charts: Vec<Choice>,
}

pub struct FilterField {
    pub name: &'static str,
    pub label: String,
    pub input: FilterInput,
}

/// The control of a filter.
pub enum FilterInput {
    Select(Vec<Choice>),
    /// One of these; none means something of its own.
    Choice(Vec<Choice>),
    /// The id of an object, if there are too many for a select.
    Id {
        value: String,
        help: String,
    },
    /// Several objects or a deleted one, which came with a link; the form keeps them.
    Several {
        names: String,
        values: Vec<String>,
    },
    /// Three letters.
    Currency(String),
}

/// A column to tick.
pub struct ColumnChoice {
    pub name: &'static str,
    pub label: String,
    pub help: &'static str,
    pub ticked: bool,
    /// Whether a column before it has the help of the same term.
    pub again: bool,
}

impl ReportFormOptions {
    pub async fn load(store: &Store, by: &Reader, data: &ReportFormData) -> Result<Self, StoreError> {
        let mut filters = Vec::new();
        for name in FILTERS {
            if data.definition.column(name).is_some_and(|column| column.filter)
                && let Some(input) = input(store, by, data, name).await?
            {
                filters.push(FilterField { name, label: filter_label(name), input });
            }
        }
        let mut ranges = choices::words(&RANGES, &data.range);
        ranges.push(choices::choice(DATES.to_owned(), "Custom".to_owned(), data.range == DATES));
        let mut named = Named::default();
        let mut choice = |column: &'static crate::report::Column| ColumnChoice {
            name: column.name,
            again: named.again(&label(column.name)),
            label: label(column.name),
            help: help(column.name),
            ticked: data.columns.iter().any(|name| name == column.name),
        };
        let ticked_or_offered =
            |column: &&crate::report::Column| is_offered(column) || data.columns.iter().any(|name| name == column.name);
        let (figures, dimensions): (Vec<_>, Vec<_>) =
            data.definition.columns.iter().filter(ticked_or_offered).partition(|column| is_figure(column));
        let names: Vec<String> = data.filters.iter().map(|(name, _)| filter_label(name).to_lowercase()).collect();
        Ok(ReportFormOptions {
            ranges,
            filters,
            filter_summary: if names.is_empty() { "none".to_owned() } else { and(&names) },
            column_count: format!("{} of {}", data.columns.len(), figures.len() + dimensions.len()),
            dimensions: dimensions.into_iter().map(&mut choice).collect(),
            figures: figures.into_iter().map(choice).collect(),
            charts: charts(data),
        })
    }
}

/// The chosen figures, if there are several and a time to draw them by.
fn charts(data: &ReportFormData) -> Vec<Choice> {
    let chosen = || data.columns.iter().filter_map(|name| data.definition.column(name));
    let by_time = chosen().any(|column| matches!(column.kind, Kind::Hour | Kind::Day | Kind::Month));
    let figures: Vec<_> = chosen().filter(|column| column.from.is_figure()).collect();
    if !by_time || figures.len() < 2 {
        return Vec::new();
    }
    let choice = |column: &'static crate::report::Column| {
        choices::choice(column.name.to_owned(), label(column.name), data.chart == column.name)
    };
    figures.into_iter().map(choice).collect()
}

async fn input(
    store: &Store,
    by: &Reader,
    data: &ReportFormData,
    name: &'static str,
) -> Result<Option<FilterInput>, StoreError> {
    Ok(Some(match name {
        "advertiser_id" => objects::<Advertiser>(store, by, data, name).await?,
        "line_item_id" => objects::<LineItem>(store, by, data, name).await?,
        "campaign_id" => objects::<Campaign>(store, by, data, name).await?,
        "publisher_id" => objects::<Publisher>(store, by, data, name).await?,
        "source_id" => objects::<Source>(store, by, data, name).await?,
        "pixel_id" => objects::<Pixel>(store, by, data, name).await?,
        "segment_id" => objects::<Segment>(store, by, data, name).await?,
        "currency" => FilterInput::Currency(data.values(name).first().cloned().unwrap_or_default()),
        RETRACTED if data.definition.column(name).is_some() => retracted(data.values(name)),
        _ => {
            let Some(Kind::Words(words)) = data.definition.column(name).map(|column| column.kind) else {
                return Ok(None);
            };
            let chosen = data.values(name).first().map_or("", String::as_str);
            let words: Vec<_> = words.iter().map(|(_, published)| (*published, word(published))).collect();
            FilterInput::Select(choices::words(&words, chosen))
        }
    }))
}

/// Without a choice the report leaves retracted conversions out.
fn retracted(chosen: &[String]) -> FilterInput {
    let both = chosen.len() > 1;
    let word = if both { "true,false" } else { chosen.first().map_or("", String::as_str) };
    FilterInput::Choice(choices::words(&RETRACTED_CHOICES, word))
}

const RETRACTED_CHOICES: [(&str, &str); 3] = [("", "Left out"), ("true,false", "Included"), ("true", "Only these")];

async fn objects<E: Entity + Listed>(
    store: &Store,
    by: &Reader,
    data: &ReportFormData,
    name: &'static str,
) -> Result<FilterInput, StoreError> {
    let chosen = data.values(name);
    let ids: Vec<i64> = chosen.iter().filter_map(|id| id.parse().ok()).collect();
    let names = store.names::<E>(by, ids.clone()).await?;
    // No list offers a deleted object.
    if chosen.len() > 1 || names.len() < ids.len() {
        let name = |id: &String| id.parse().ok().and_then(|id: i64| names.get(&id)).unwrap_or(id).clone();
        let first: Vec<String> = chosen.iter().take(3).map(name).collect();
        let names = match chosen.len() - first.len() {
            0 => first.join(", "),
            more => format!("{} and {} more", first.join(", "), grouped(u64::try_from(more).unwrap_or(u64::MAX))),
        };
        return Ok(FilterInput::Several { names, values: chosen.to_vec() });
    }
    let mut query = ListQuery::default();
    // A report on one advertiser needs only the objects of that advertiser.
    if let Some(advertiser) = data.values("advertiser_id").first().and_then(|id| id.parse().ok())
        && data.values("advertiser_id").len() == 1
    {
        query = query.with_id::<E>("advertiser_id", advertiser);
    }
    let count = store.list::<E>(by, ListQuery { num_elements: 1, ..query.clone() }).await?.count;
    if count > MOST {
        let value = chosen.first().cloned().unwrap_or_default();
        let help = format!("Enter an ID. There are {} of them, too many for a list.", grouped(count));
        return Ok(FilterInput::Id { value, help });
    }
    let all = choices::all_with::<E>(store, by, query, &ids).await?;
    let names = store.names::<E>(by, all.iter().map(|object| object.id()).collect()).await?;
    let word = |object: &E| (object.id(), names.get(&object.id()).cloned().unwrap_or_default());
    let chosen = chosen.first().map_or("", String::as_str);
    Ok(FilterInput::Select(choices::by_advertiser(store, by, &all, chosen, word).await?))
}
