//! What a page shows of a report: its first rows, what they all add up to, and its figures by time for a drawing. Made
//! from the same plan as the files; it knows nothing of pages.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::cell::{self, Value};
use super::definition::{Column, Origin};
use super::points::Points;
use super::request::{Between, Plan, Work};
use super::run::{Slices, by_columns, stored};
use super::sums::SumPlan;
use super::under_way::Progress;
use crate::domain::{Currency, Millis, Reader};
use crate::store::{Grain, MOST_SUM_ROWS, ReportQuery, ReportSource, Scalar, Store, StoreError, SumRow};

/// So many rows are shown; the files hold them all.
pub const MOST_SHOWN: usize = 200;

/// A report on a page.
#[derive(Clone, Debug)]
pub struct Screen {
    /// The columns.
    pub columns: Vec<&'static Column>,
    /// The first [`MOST_SHOWN`] rows, a text for each column: the same as in the files.
    pub rows: Vec<Vec<String>>,
    /// How many there are in all.
    pub count: u64,
    /// What all rows add up to: a row for each currency, empty where a column does not add up. None for a single row.
    pub totals: Vec<Vec<String>>,
    /// The figures by time.
    pub drawing: Drawing,
    /// What whoever asked should know.
    pub notes: Vec<String>,
    /// The time zone.
    pub zone: TimeZone,
}

/// Figures by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// There is no time in the report, or one span alone.
    None,
    /// Amounts of several currencies, which share no axis.
    Mixed,
    /// Lines of figures.
    Lines {
        /// What a point spans.
        grain: Grain,
        /// When each point begins.
        begins: Vec<Millis>,
        /// The figures.
        lines: Vec<Line>,
    },
}

/// One figure by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its published name.
    pub name: &'static str,
    /// A text for each point; empty where there is none.
    pub values: Vec<String>,
}

/// Figures that are parts of one whole, and so are drawn together where a report has them.
const TOGETHER: &[&[&str]] =
    &[&["post_click_convs", "post_view_convs"], &["post_click", "post_view", "unattributed", "not_counted"]];

/// Runs a plan for a page. `figure` is the column that is wanted in the drawing.
pub(super) async fn look(
    store: &Store,
    by: &Reader,
    plan: Plan,
    figure: Option<String>,
    progress: &Progress,
) -> Result<Screen, StoreError> {
    match plan.work.clone() {
        Work::Sums(sums) => {
            let found = sums.found(store, by).await?;
            progress.more(u64::try_from(found.len()).unwrap_or(u64::MAX), Some(100));
            let made = tokio::task::spawn_blocking(move || of_sums(&plan, &sums, &found, figure.as_deref()));
            made.await.map_err(StoreError::fault)
        }
        Work::Scan(query) => of_rows(store, by, plan, query, progress).await,
    }
}

fn of_sums(plan: &Plan, sums: &SumPlan, found: &[SumRow], figure: Option<&str>) -> Screen {
    let mut first = First::new(plan);
    for some in found.chunks(MOST_SHOWN.max(MOST_SUM_ROWS / 100)) {
        first.take(some.iter().map(|row| sums.cells(&plan.columns, row)).collect());
    }
    let figures: Vec<&'static Column> = plan.columns.iter().copied().filter(|column| column.from.is_figure()).collect();
    let mut totals = Vec::new();
    if found.len() > 1 && !figures.is_empty() {
        for (currency, figures) in by_currency(found) {
            let sum = SumRow { at: None, objects: Vec::new(), currency, figures };
            totals.push(sums.cells(&plan.columns, &sum));
        }
    }
    let drawing = match sums.grain() {
        Some(grain) => draw_sums(plan, sums, found, grain, &drawn(&figures, figure)),
        None => Drawing::None,
    };
    first.finish(totals, drawing)
}

fn by_currency(found: &[SumRow]) -> BTreeMap<Option<Currency>, Vec<i128>> {
    let mut sums: BTreeMap<Option<Currency>, Vec<i128>> = BTreeMap::new();
    for row in found {
        let sum = sums.entry(row.currency).or_insert_with(|| vec![0; row.figures.len()]);
        for (sum, figure) in sum.iter_mut().zip(&row.figures) {
            *sum += figure;
        }
    }
    sums
}

/// The figures to draw: the one that is wanted, else those that belong together, else the first.
fn drawn(figures: &[&'static Column], wanted: Option<&str>) -> Vec<&'static Column> {
    let named = |name: &str| figures.iter().copied().find(|column| column.name == name);
    if let Some(column) = wanted.and_then(named) {
        return vec![column];
    }
    let together = TOGETHER.iter().map(|names| names.iter().filter_map(|name| named(name)).collect::<Vec<_>>());
    let together = together.max_by_key(Vec::len).filter(|columns| !columns.is_empty());
    together.unwrap_or_else(|| figures.first().copied().into_iter().collect())
}

fn draw_sums(plan: &Plan, sums: &SumPlan, found: &[SumRow], grain: Grain, drawn: &[&'static Column]) -> Drawing {
    let money = |column: &&Column| column.from.measures().any(|measure| measure.money);
    let currencies = by_currency(found).into_iter().filter(|(_, figures)| figures.iter().any(|figure| *figure != 0));
    if drawn.iter().any(money) && currencies.count() > 1 {
        return Drawing::Mixed;
    }
    let mut points = Points::new(plan.zone.clone(), grain);
    for row in found {
        if let Some(at) = row.at {
            points.add(at, &row.figures);
        }
    }
    lines(plan, points, sums.between(), drawn.iter().map(|column| column.name), |figures| {
        let value = |column: &&'static Column| {
            let value = sums.figure(column.from, figures).map_or(Value::NULL, Value::Figure);
            cell::show(column.kind, &value, &plan.zone).text
        };
        drawn.iter().map(value).collect()
    })
}

fn lines(
    plan: &Plan,
    points: Points,
    (from, to): Between,
    names: impl Iterator<Item = &'static str>,
    values: impl Fn(&[i128]) -> Vec<String>,
) -> Drawing {
    let points = points.filled((from, to.min(plan.now.plus(1))));
    let (grain, rows) = (points.grain, points.into_rows());
    let mut lines: Vec<Line> = names.map(|name| Line { name, values: Vec::new() }).collect();
    if rows.len() < 2 || lines.is_empty() {
        return Drawing::None;
    }
    for (_, figures) in &rows {
        for (line, value) in lines.iter_mut().zip(values(figures)) {
            line.values.push(value);
        }
    }
    Drawing::Lines { grain, begins: rows.into_iter().map(|(at, _)| at).collect(), lines }
}

/// When a row is, and its figures in the lines' order.
type Point = (Millis, Vec<i128>);

/// What is read of each row beside the chosen columns: for the drawing and for the sums.
struct Beside {
    columns: &'static [&'static str],
    /// The lines of the drawing.
    lines: &'static [&'static str],
    /// Reads them.
    read: fn(&[Scalar]) -> Option<Point>,
    /// The field that adds up, and its place beside.
    adds: Option<(&'static str, usize)>,
    /// The place of the currency beside.
    currency: Option<usize>,
}

fn beside(source: ReportSource) -> Option<Beside> {
    match source {
        ReportSource::AttributedConversions => Some(Beside {
            columns: &["at", "reason", "value", "currency"],
            lines: &["post_click", "post_view"],
            read: |row| match row {
                [Scalar::Int(at), Scalar::Text(reason), ..] => {
                    let is_click = reason == "post_click";
                    Some((Millis(*at), vec![i128::from(is_click), i128::from(!is_click)]))
                }
                _ => None,
            },
            adds: Some(("value", 2)),
            currency: Some(3),
        }),
        ReportSource::SegmentLoad => Some(Beside {
            columns: &["day", "loads"],
            lines: &["loads"],
            read: |row| match row {
                [Scalar::Int(at), Scalar::Int(loads), ..] => Some((Millis(*at), vec![i128::from(*loads)])),
                _ => None,
            },
            adds: Some(("loads", 1)),
            currency: None,
        }),
        ReportSource::PixelFired => None,
    }
}

async fn of_rows(
    store: &Store,
    by: &Reader,
    plan: Plan,
    mut query: ReportQuery,
    progress: &Progress,
) -> Result<Screen, StoreError> {
    let (source, chosen) = (query.source, plan.columns.len());
    let beside = beside(source);
    if let Some(beside) = &beside {
        query.columns.extend(beside.columns);
    }
    let between = query.between.unwrap_or((Millis(0), Millis(i64::MAX)));
    let grain = match source {
        ReportSource::SegmentLoad => Grain::Day,
        _ if between.1.since(between.0) <= 3 * Millis::DAY => Grain::Hour,
        _ => Grain::Day,
    };
    let mut points = Points::new(plan.zone.clone(), grain);
    let mut sums: BTreeMap<Option<String>, i128> = BTreeMap::new();
    let mut first = First::new(&plan);
    let mut slices = Slices::new(store, by, query, plan.now, progress);
    while let Some(mut rows) = slices.next().await? {
        for row in &mut rows {
            let more = row.split_off(chosen);
            let Some(beside) = &beside else { continue };
            if let Some((at, figures)) = (beside.read)(&more) {
                points.add(at, &figures);
            }
            if let Some((_, place)) = beside.adds
                && let Some(Scalar::Int(amount)) = more.get(place)
            {
                let currency = beside.currency.and_then(|place| match more.get(place) {
                    Some(Scalar::Text(currency)) => Some(currency.clone()),
                    _ => None,
                });
                *sums.entry(currency).or_default() += i128::from(*amount);
            }
        }
        first.take(stored(rows));
    }
    let adds = beside.as_ref().and_then(|beside| beside.adds).map(|(field, _)| field);
    let is_sum = |column: &&&'static Column| adds.is_some_and(|field| column.from == Origin::Field(field));
    let mut totals = Vec::new();
    if first.count > 1 && plan.columns.iter().any(|column| is_sum(&column)) {
        for (currency, sum) in sums {
            let cell = |column: &&'static Column| match column.from {
                _ if is_sum(&column) => Value::Figure(sum),
                Origin::Field("currency") => Value::Stored(currency.clone().map_or(Scalar::Null, Scalar::Text)),
                _ => Value::NULL,
            };
            totals.push(plan.columns.iter().map(cell).collect());
        }
    }
    let drawing = match &beside {
        Some(beside) => lines(&plan, points, between, beside.lines.iter().copied(), |figures| {
            figures.iter().map(ToString::to_string).collect()
        }),
        None => Drawing::None,
    };
    Ok(first.finish(totals, drawing))
}

/// The first rows in the order asked for, whatever order they come in; holds few of them.
struct First<'a> {
    plan: &'a Plan,
    rows: Vec<Vec<Value>>,
    count: u64,
}

impl<'a> First<'a> {
    fn new(plan: &'a Plan) -> Self {
        First { plan, rows: Vec::new(), count: 0 }
    }

    fn take(&mut self, rows: Vec<Vec<Value>>) {
        self.count += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.rows.extend(rows);
        if !self.plan.orders.is_empty() {
            self.rows.sort_by(|one, other| by_columns(&self.plan.orders, one, other));
        }
        self.rows.truncate(MOST_SHOWN);
    }

    fn finish(self, totals: Vec<Vec<Value>>, drawing: Drawing) -> Screen {
        let Plan { columns, zone, notes, .. } = self.plan;
        let texts = |rows: Vec<Vec<Value>>, none: bool| {
            let shown = |(column, value): (&&'static Column, &Value)| match value {
                // A sum is about no pixel, so it never says that one never fired.
                Value::Stored(Scalar::Null) if none => String::new(),
                value => cell::show(column.kind, value, zone).text,
            };
            rows.iter().map(|row| columns.iter().zip(row).map(shown).collect()).collect()
        };
        Screen {
            rows: texts(self.rows, false),
            totals: texts(totals, true),
            count: self.count,
            drawing,
            columns: columns.clone(),
            notes: notes.clone(),
            zone: zone.clone(),
        }
    }
}
