//! The tables of an overview: its conversions by line item, placement and source. Each row leads to the overview of itself.

use std::collections::HashMap;

use super::sums::{Totals, amount, amounts};
use crate::admin::figures::{Amount, Paid, divide};
use crate::admin::scope::PageScope;
use crate::admin::text::format::{grouped, percent};
use crate::domain::{AdvertiserId, Currency, LineItem, Publisher, Reader, Source, TotalMicros};
use crate::store::{Entity, FiguresOf, FiguresRow, Store, StoreError};

/// What the pages call conversions that no source brought.
pub const TRACKERS: &str = "Trackers";
/// The most rows of the table of line items, and of the two others.
const MOST_LINE_ITEMS: usize = 8;
const MOST_OTHERS: usize = 6;

/// A table.
pub struct Breakdown {
    /// "By line item".
    pub title: &'static str,
    /// The list of all of them, in this scope.
    pub all: String,
    /// "All line items".
    pub all_label: &'static str,
    /// Whether it has the columns for which only a wide table has room.
    pub is_wide: bool,
    /// Whether it says whose each row is.
    pub has_advertisers: bool,
    pub rows: Vec<BreakdownRow>,
    /// How many rows the table leaves out.
    pub more: usize,
}

pub struct BreakdownRow {
    pub name: String,
    /// The overview filtered by it; empty for what was deleted.
    pub address: String,
    pub advertiser: String,
    /// Its part of the first row's conversions, in percent.
    pub share: u64,
    pub conversions: String,
    pub clicks: String,
    pub views: String,
    /// The part of clicks, in percent; none without conversions.
    pub click_share: Option<u64>,
    pub value: AmountCell,
    pub cost: AmountCell,
    pub cpa: String,
    pub roas: String,
    /// Whether it cost more than it brought.
    pub is_low: bool,
}

/// The largest of some amounts; the currency is empty if there is none.
#[derive(Default)]
pub struct AmountCell {
    pub amount: String,
    pub currency: String,
    /// How many others there are.
    pub others: usize,
    /// "12,528 USD · 6,320 GBP".
    pub rest: String,
}

impl AmountCell {
    fn of(sums: &[(Currency, TotalMicros)]) -> Self {
        let Some(((currency, largest), others)) = sums.split_first() else { return AmountCell::default() };
        AmountCell {
            amount: amount(*largest),
            currency: currency.to_string(),
            others: others.len(),
            rest: amounts(others),
        }
    }
}

/// What a table has for each of its objects.
struct Row {
    id: i64,
    advertiser: AdvertiserId,
    totals: Totals,
}

/// The three tables of these rows.
pub struct Breakdowns<'a> {
    pub store: &'a Store,
    pub by: &'a Reader,
    pub scope: &'a PageScope,
    pub rows: &'a [FiguresRow],
    pub paid: &'a Paid,
    /// The names of advertisers, if the table says whose a line item is.
    pub advertisers: &'a HashMap<AdvertiserId, String>,
}

impl Breakdowns<'_> {
    pub async fn by_line_item(&self) -> Result<Breakdown, StoreError> {
        let (rows, more) = self.rows(FiguresOf::LineItem, MOST_LINE_ITEMS);
        self.table::<LineItem>(rows, more, ("By line item", "/admin/line-items", "All line items", "line_item_id"))
            .await
    }

    pub async fn by_placement(&self) -> Result<Breakdown, StoreError> {
        let (rows, more) = self.rows(FiguresOf::Publisher, MOST_OTHERS);
        self.table::<Publisher>(rows, more, ("By placement", "/admin/publishers", "All placements", "publisher_id"))
            .await
    }

    pub async fn by_source(&self) -> Result<Breakdown, StoreError> {
        let (rows, more) = self.rows(FiguresOf::Source, MOST_OTHERS);
        self.table::<Source>(rows, more, ("By source", "/admin/sources", "All sources", "source_id")).await
    }

    /// The objects with conversions or cost, those with the most conversions first, and how many are left out.
    fn rows(&self, of: FiguresOf, most: usize) -> (Vec<Row>, usize) {
        let mut totals: HashMap<i64, Row> = HashMap::new();
        for figures in self.rows.iter().filter(|row| row.key.id(FiguresOf::LineItem) != Some(0)) {
            let Some(id) = figures.key.id(of) else { continue };
            let advertiser = AdvertiserId(figures.key.id(FiguresOf::Advertiser).unwrap_or_default());
            let row = totals.entry(id).or_insert_with(|| Row { id, advertiser, totals: Totals::default() });
            row.totals.add(figures, self.paid);
        }
        let mut rows: Vec<Row> = totals.into_values().filter(|row| !row.totals.is_empty()).collect();
        let value = |row: &Row| row.totals.values.largest_first().first().map_or(0, |(_, sum)| sum.0);
        rows.sort_by_cached_key(|row| (std::cmp::Reverse((row.totals.conversions(), value(row))), row.id));
        let more = rows.len().saturating_sub(most);
        rows.truncate(most);
        (rows, more)
    }

    async fn table<E: Entity>(
        &self,
        rows: Vec<Row>,
        more: usize,
        (title, path, all_label, filter): (&'static str, &str, &'static str, &str),
    ) -> Result<Breakdown, StoreError> {
        let names = self.store.names::<E>(self.by, rows.iter().map(|row| row.id).collect()).await?;
        let first = rows.first().map_or(0, |row| row.totals.conversions());
        let is_repeated = |name: &String| names.values().filter(|other| *other == name).count() > 1;
        let row = |row: &Row| {
            let (name, exists) = match (names.get(&row.id), row.id, filter) {
                (Some(name), id, _) if is_repeated(name) => (format!("{name} (ID {id})"), true),
                (Some(name), ..) => (name.clone(), true),
                (None, 0, "source_id") => (TRACKERS.to_owned(), true),
                (None, 0, _) => ("None".to_owned(), false),
                (None, id, _) => (format!("Deleted, ID {id}"), false),
            };
            let address = self.scope.address(&[(filter, &row.id.to_string())]);
            BreakdownRow {
                name,
                address: if exists { address } else { String::new() },
                advertiser: self.advertisers.get(&row.advertiser).cloned().unwrap_or_default(),
                share: percent(row.totals.conversions(), first).unwrap_or(0),
                ..figures(&row.totals)
            }
        };
        let pairs = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.scope.pairs()).finish();
        Ok(Breakdown {
            title,
            all: format!("{path}?{pairs}"),
            all_label,
            is_wide: filter == "line_item_id",
            has_advertisers: filter == "line_item_id" && self.advertisers.len() > 1,
            rows: rows.iter().map(row).collect(),
            more,
        })
    }
}

fn figures(totals: &Totals) -> BreakdownRow {
    let costs = totals.costs.largest_first();
    let cpa = match costs.as_slice() {
        [(_, cost)] if totals.conversions() > 0 => {
            Some(Amount::Money(TotalMicros(divide(cost.0, totals.conversions().into()))).text())
        }
        _ => None,
    };
    let roas = totals.returns().first().map(|(_, roas)| *roas);
    BreakdownRow {
        name: String::new(),
        address: String::new(),
        advertiser: String::new(),
        share: 0,
        conversions: grouped(totals.conversions()),
        clicks: grouped(totals.post_click),
        views: grouped(totals.post_view),
        click_share: percent(totals.post_click, totals.conversions()),
        value: AmountCell::of(&totals.values.largest_first()),
        cost: AmountCell::of(&costs),
        cpa: cpa.unwrap_or_default(),
        roas: roas.map(|roas| Amount::Ratio(roas).text()).unwrap_or_default(),
        is_low: roas.is_some_and(|roas| roas < 100),
    }
}
