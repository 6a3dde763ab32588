//! Reports that add up sums: the store's question for the chosen columns, and the figures that follow from its answer.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;

use super::Between;
use super::condition::Operator;
use crate::domain::{Currency, Grain, Micros, Millis, Reader};
use crate::report::definition::{Column, KNOWN_COSTS, Need, Origin};
use crate::report::format::cell::Value;
use crate::store::{Dimension, Measure, Scalar, Store, StoreError, SumFilter, SumQuery, SumRow, SumSource, Test};

/// The sums to ask for, and which of their rows to show.
#[derive(Clone, Debug)]
pub(in crate::report) struct SumPlan {
    query: SumQuery,
    /// Conditions on finished figures.
    having: Vec<Having>,
    /// The revenues that ratios divide by a cost. After a row's figures comes, for each of them, the group's revenue in other
    /// currencies than the row's.
    revenues: Vec<&'static [Measure]>,
    /// Why it leaves out the costs of days that it was asked for.
    without_days: Option<&'static str>,
}

/// A condition on a finished figure.
#[derive(Clone, Debug)]
pub(in crate::report) struct Having {
    pub(in crate::report) of: Origin,
    pub(in crate::report) operator: Operator,
    pub(in crate::report) values: Vec<i128>,
}

impl SumPlan {
    /// Groups by every chosen column that is no figure, and by currency where a figure is money.
    pub(in crate::report) fn new(
        source: SumSource,
        (from, to): Between,
        zone: TimeZone,
        columns: &[&Column],
        filters: Vec<(SumFilter, Test)>,
        having: Vec<Having>,
    ) -> Self {
        let origins = || columns.iter().map(|column| column.from);
        let has = |grain| origins().any(|origin| origin == Origin::Time(grain));
        let grain = [Grain::Hour, Grain::Day, Grain::Month].into_iter().find(|grain| has(*grain));
        let mut dimensions: Vec<Dimension> = Vec::new();
        for origin in origins() {
            if let Origin::Id(dimension) | Origin::Name(dimension) = origin
                && !dimensions.contains(&dimension)
            {
                dimensions.push(dimension);
            }
        }
        let figures = || origins().chain(having.iter().map(|having| having.of));
        let without_days = without_days(grain, &filters);
        let mut measures: Vec<Measure> = Vec::new();
        for measure in figures().flat_map(Origin::measures) {
            let has_no_day = measure.is_of_days() && without_days.is_some();
            if !has_no_day && !measures.contains(measure) {
                measures.push(*measure);
            }
        }
        let revenues = figures().filter_map(|origin| match origin {
            Origin::Ratio(revenue, _, Need::CostInSameCurrency) => Some(revenue),
            _ => None,
        });
        let revenues = revenues.collect();
        let by_currency =
            measures.iter().any(|measure| measure.money) || origins().any(|from| from == Origin::Currency);
        let between = (from, to);
        let query = SumQuery { source, between, zone, grain, dimensions, by_currency, measures, filters };
        let without_days = without_days.filter(|_| figures().flat_map(Origin::measures).any(|one| one.is_of_days()));
        SumPlan { query, having, revenues, without_days }
    }

    /// Remarks on the sums for the reader.
    pub(in crate::report) fn notes(&self, columns: &[&Column]) -> Vec<String> {
        let mut notes = Vec::new();
        let (from, to) = self.query.between;
        if [from, to].into_iter().any(|at| at != at.quarter()) {
            notes.push(
                "sums are kept by quarter hour: a quarter hour belongs to the span of time in which it begins"
                    .to_owned(),
            );
        }
        if self.query.by_currency && !columns.iter().any(|column| column.from == Origin::Currency) {
            notes.push(
                "amounts of several currencies are never added up: each currency has a row of its own; \
                 the column currency tells which"
                    .to_owned(),
            );
        }
        if columns.iter().any(|column| needs_cost(column.from)) {
            notes.push(
                "a figure per cost or cost per conversion is empty where no cost is known, by pixel, and where cost and \
                 revenue are in different currencies"
                    .to_owned(),
            );
        }
        notes.extend(self.without_days.map(str::to_owned));
        if self.query.measures.contains(&Measure::MEDIA_COST) && !self.has_whole_days() {
            notes.push(
                "media cost is of whole days: a day belongs to the span of time in which it begins, in the report's time \
                 zone"
                    .to_owned(),
            );
        }
        notes
    }

    /// Whether it begins and ends with a day of its zone.
    fn has_whole_days(&self) -> bool {
        let (from, to) = self.query.between;
        [from, to].into_iter().all(|at| at == Grain::Day.begin(at, &self.query.zone))
    }

    /// The rows, before [`SumPlan::keep_wanted`].
    pub(in crate::report) async fn read(&self, store: &Store, by: &Reader) -> Result<Vec<SumRow>, StoreError> {
        let mut rows = store.report_sums(by, self.query.clone()).await?;
        if !self.revenues.is_empty() {
            let is_of_currency = |(filter, _): &(SumFilter, Test)| *filter == SumFilter::Currency;
            if self.query.filters.iter().any(is_of_currency) {
                let mut query = self.query.clone();
                query.filters.retain(|filter| !is_of_currency(filter));
                let all = store.report_sums(by, query).await?;
                self.add_elsewhere(&mut rows, &self.revenues_by_group(&all));
            } else {
                let groups = self.revenues_by_group(&rows);
                self.add_elsewhere(&mut rows, &groups);
            }
        }
        Ok(rows)
    }

    /// Sums of these rows, one for each currency.
    pub(in crate::report) fn totals(&self, rows: &[SumRow]) -> Vec<SumRow> {
        let mut totals: Vec<_> = by_currency(rows)
            .into_iter()
            .map(|(currency, figures)| SumRow { at: None, objects: Vec::new(), currency, figures })
            .collect();
        // Cost and revenue of different currencies may lie in different groups.
        let groups = self.revenues_by_group(&totals);
        self.add_elsewhere(&mut totals, &groups);
        totals
    }

    fn revenues_by_group(&self, rows: &[SumRow]) -> HashMap<Group, Vec<i128>> {
        let mut groups: HashMap<Group, Vec<i128>> = HashMap::new();
        for row in rows {
            let sums = groups.entry(group(row)).or_insert_with(|| vec![0; self.revenues.len()]);
            for (sum, revenue) in sums.iter_mut().zip(&self.revenues) {
                *sum += self.sum(revenue, &row.figures);
            }
        }
        groups
    }

    /// Adds to each row the group's revenues in other currencies.
    fn add_elsewhere(&self, rows: &mut [SumRow], groups: &HashMap<Group, Vec<i128>>) {
        let figures = self.query.measures.len();
        for row in rows {
            let of_group = groups.get(&group(row));
            row.figures.resize(figures + self.revenues.len(), 0);
            for (index, revenue) in self.revenues.iter().enumerate() {
                let all = of_group.and_then(|sums| sums.get(index)).copied().unwrap_or(0);
                let elsewhere = all - self.sum(revenue, &row.figures);
                if let Some(figure) = row.figures.get_mut(figures + index) {
                    *figure += elsewhere;
                }
            }
        }
    }

    /// Keeps the rows that are wanted. There may be a million, so it runs on a thread for blocking work.
    pub(in crate::report) fn keep_wanted(&self, rows: &mut Vec<SumRow>) {
        rows.retain(|row| {
            let passes = |having: &Having| having.operator.passes(self.figure_of(having.of, row), &having.values);
            self.having.iter().all(passes)
        });
    }

    /// A row's values, for these columns.
    pub(in crate::report) fn cells(&self, columns: &[&'static Column], row: &SumRow) -> Vec<Value> {
        columns.iter().map(|column| self.value(column.from, row)).collect()
    }

    /// The span of time that it groups by.
    pub(in crate::report) fn grain(&self) -> Option<Grain> {
        self.query.grain
    }

    /// The first moment, and the first one after.
    pub(in crate::report) fn between(&self) -> Between {
        self.query.between
    }

    fn value(&self, origin: Origin, row: &SumRow) -> Value {
        let number = |number: Option<i64>| Value::Stored(number.map_or(Scalar::Null, Scalar::Int));
        let text = |text: Option<&str>| Value::Stored(text.map_or(Scalar::Null, |text| Scalar::Text(text.to_owned())));
        let object = |of| {
            let place = self.query.dimensions.iter().position(|dimension| *dimension == of)?;
            row.objects.get(place)
        };
        match origin {
            Origin::Field(_) => Value::NULL,
            Origin::Time(_) => number(row.at.map(|at| at.0)),
            Origin::Id(dimension) => number(object(dimension).and_then(|object| object.id)),
            Origin::Name(dimension) => text(object(dimension).and_then(|object| object.name.as_deref())),
            Origin::Currency => text(row.currency.as_ref().map(Currency::as_str)),
            Origin::Sum(_) | Origin::Ratio(..) | Origin::PerThousand(..) => {
                self.figure_of(origin, row).map_or(Value::NULL, Value::Figure)
            }
        }
    }

    /// The figure of a row. Costs of days have no source: divided by those of all sources, they would mean nothing.
    fn figure_of(&self, origin: Origin, row: &SumRow) -> Option<i128> {
        let by_source = !row.objects.is_empty() && self.query.dimensions.contains(&Dimension::Source);
        if by_source && needs_cost(origin) && self.sum(&[Measure::MEDIA_COSTS], &row.figures) > 0 {
            return None;
        }
        self.figure(origin, &row.figures)
    }

    /// A count as it is, an amount or a ratio in millionths.
    pub(in crate::report) fn figure(&self, origin: Origin, figures: &[i128]) -> Option<i128> {
        let sum = |of: &[Measure]| self.sum(of, figures);
        let millionths = |of: &[Measure]| {
            let unit = if of.iter().any(|measure| measure.money) { 1 } else { Micros::UNIT };
            sum(of) * i128::from(unit)
        };
        match origin {
            Origin::Sum(of) => of.iter().any(|measure| self.query.measures.contains(measure)).then(|| sum(of)),
            Origin::Ratio(over, under, need) if self.is_met(need, over, figures) => {
                ratio(millionths(over), millionths(under))
            }
            Origin::PerThousand(over, under, need) if self.is_met(need, over, figures) => {
                ratio(millionths(over) * 1_000, millionths(under))
            }
            _ => None,
        }
    }

    fn is_met(&self, need: Need, over: &[Measure], figures: &[i128]) -> bool {
        if need == Need::Nothing {
            return true;
        }
        // Costs belong to no pixel.
        let is_known = self.sum(KNOWN_COSTS, figures) > 0 && !self.query.dimensions.contains(&Dimension::Pixel);
        let place = self.revenues.iter().position(|revenue| *revenue == over);
        let elsewhere = place.and_then(|place| figures.get(self.query.measures.len() + place)).copied().unwrap_or(0);
        is_known && (need == Need::KnownCost || elsewhere == 0 || self.sum(over, figures) != 0)
    }

    fn sum(&self, of: &[Measure], figures: &[i128]) -> i128 {
        let summands = of.iter().filter_map(|measure| {
            let place = self.query.measures.iter().position(|known| known == measure)?;
            figures.get(place)
        });
        summands.sum()
    }
}

/// What rows of several currencies have in common.
type Group = (Option<Millis>, Vec<Option<i64>>);

fn group(row: &SumRow) -> Group {
    (row.at, row.objects.iter().map(|object| object.id).collect())
}

fn needs_cost(origin: Origin) -> bool {
    let (Origin::Ratio(.., need) | Origin::PerThousand(.., need)) = origin else { return false };
    need != Need::Nothing
}

/// Why costs of days cannot be shown by this span of time, or under these filters.
fn without_days(grain: Option<Grain>, filters: &[(SumFilter, Test)]) -> Option<&'static str> {
    let is_elsewhere = |(filter, _): &(SumFilter, Test)| {
        let (SumFilter::Id(of) | SumFilter::Name(of)) = filter else { return false };
        [Dimension::Pixel, Dimension::Source].contains(of)
    };
    if grain == Some(Grain::Hour) {
        return Some(
            "media cost is of whole days: by hour it is left out, and cost is what came with views and clicks",
        );
    }
    filters.iter().any(is_elsewhere).then_some(
        "media cost belongs to no pixel and no source: under such a filter it is left out, and cost is what came with views \
         and clicks",
    )
}

/// The sums of rows by currency.
pub(in crate::report) fn by_currency(rows: &[SumRow]) -> BTreeMap<Option<Currency>, Vec<i128>> {
    let mut sums: BTreeMap<Option<Currency>, Vec<i128>> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.currency).or_insert_with(|| vec![0; row.figures.len()]);
        for (sum, figure) in sum.iter_mut().zip(&row.figures) {
            *sum += figure;
        }
    }
    sums
}

/// In millionths, rounded half up. None for a division by zero.
fn ratio(over: i128, under: i128) -> Option<i128> {
    let scaled = over.checked_mul(Micros::UNIT.into())?.checked_add(under / 2)?;
    scaled.checked_div(under)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_exact_to_six_decimals() {
        assert_eq!(ratio(1, 3), Some(333_333));
        assert_eq!(ratio(2, 3), Some(666_667));
        assert_eq!(ratio(0, 3), Some(0));
        assert_eq!(ratio(3, 0), None);
        let billion_largest = i128::from(Micros::MAX.0) * 1_000_000_000;
        assert_eq!(ratio(billion_largest, 1), Some(billion_largest * 1_000_000));
    }
}
