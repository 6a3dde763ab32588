//! A report for a page: its first rows, the sums of all rows, and the figures by time for a drawing. It follows the same
//! plan as the files, and knows nothing of pages.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::cell;
use super::definition::{Column, Origin};
use super::off_thread;
use super::points::Points;
use super::request::{Between, Plan, Work};
use super::run::{Slices, by_columns};
use super::sums::SumPlan;
use super::under_way::Progress;
use crate::domain::{Currency, Millis, Reader};
use crate::store::{Grain, MOST_SUM_ROWS, ReportQuery, ReportSource, Scalar, Store, StoreError, SumRow};

/// The most rows on a page; the files hold all.
pub const MOST_SHOWN: usize = 200;

/// A report on a page.
#[derive(Clone, Debug)]
pub struct Screen {
    /// The columns.
    pub columns: Vec<&'static Column>,
    /// The first [`MOST_SHOWN`] rows, a text for each column: the same as in the files.
    pub rows: Vec<Vec<String>>,
    /// How many rows the report has.
    pub count: u64,
    /// The sums of all rows: one row for each currency, empty where a column does not add up. None for a single row.
    pub totals: Vec<Vec<String>>,
    /// The figures by time.
    pub drawing: Drawing,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// The time zone.
    pub zone: TimeZone,
}

/// Figures by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// The report has no time, or only one span of it.
    None,
    /// Amounts of several currencies cannot share an axis.
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

/// Figures that are parts of one whole: a drawing shows them together.
const TOGETHER: &[&[&str]] =
    &[&["post_click_convs", "post_view_convs"], &["post_click", "post_view", "unattributed", "not_counted"]];

/// Runs a plan for a page. `figure` is the column for the drawing, if the user chose one.
pub(super) async fn look(
    store: &Store,
    by: &Reader,
    plan: Plan,
    figure: Option<String>,
    progress: &Progress,
) -> Result<Screen, StoreError> {
    match plan.work.clone() {
        Work::Sums(sums) => {
            let mut rows = sums.read(store, by).await?;
            progress.more(u64::try_from(rows.len()).unwrap_or(u64::MAX), Some(100));
            off_thread(move || {
                sums.keep_wanted(&mut rows);
                of_sums(plan, &sums, &rows, figure.as_deref())
            })
            .await
        }
        Work::Scan(mut query) => {
            let now = plan.now;
            let mut scan = Scan::new(plan, &mut query);
            let mut slices = Slices::new(store, by, query, now, progress);
            while let Some(rows) = slices.next().await? {
                scan = off_thread(move || scan.take(rows)).await?;
            }
            off_thread(move || scan.finish()).await
        }
    }
}

fn of_sums(plan: Plan, sums: &SumPlan, found: &[SumRow], figure: Option<&str>) -> Screen {
    let mut first = First::default();
    for some in found.chunks(MOST_SHOWN.max(MOST_SUM_ROWS / 100)) {
        first.take(&plan, some.iter().map(|row| sums.cells(&plan.columns, row)).collect());
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
        Some(grain) => draw_sums(&plan, sums, found, grain, &drawn(&figures, figure)),
        None => Drawing::None,
    };
    first.finish(plan, totals, drawing)
}

fn by_currency(found: &[SumRow]) -> BTreeMap<Option<Currency>, Vec<i64>> {
    let mut sums: BTreeMap<Option<Currency>, Vec<i64>> = BTreeMap::new();
    for row in found {
        let sum = sums.entry(row.currency).or_insert_with(|| vec![0; row.figures.len()]);
        for (sum, figure) in sum.iter_mut().zip(&row.figures) {
            *sum = sum.saturating_add(*figure);
        }
    }
    sums
}

/// The figures to draw: the chosen one, else those that belong together, else the first.
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
            let value = sums.figure(column.from, figures).map_or(Scalar::Null, Scalar::Int);
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
    values: impl Fn(&[i64]) -> Vec<String>,
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
type Point = (Millis, Vec<i64>);

/// What a scan reads of each row beside the chosen columns, for the drawing and for the sums.
struct Beside {
    columns: &'static [&'static str],
    /// The lines of the drawing.
    lines: &'static [&'static str],
    /// Reads the time and the lines' figures.
    read: fn(&[Scalar]) -> Option<Point>,
    /// The field that adds up, and its index in `columns`.
    adds: Option<(&'static str, usize)>,
    /// The index of the currency in `columns`.
    currency: Option<usize>,
}

impl Beside {
    /// The amount that adds up, with its currency.
    fn amount(&self, row: &[Scalar]) -> Option<(Option<String>, i64)> {
        let (_, index) = self.adds?;
        let Some(Scalar::Int(amount)) = row.get(index) else { return None };
        let currency = self.currency.and_then(|index| match row.get(index) {
            Some(Scalar::Text(currency)) => Some(currency.clone()),
            _ => None,
        });
        Some((currency, *amount))
    }
}

fn beside(source: ReportSource) -> Option<Beside> {
    match source {
        ReportSource::AttributedConversions => Some(Beside {
            columns: &["at", "reason", "value", "currency"],
            lines: &["post_click", "post_view"],
            read: |row| match row {
                [Scalar::Int(at), Scalar::Text(reason), ..] => {
                    let is_click = reason == "post_click";
                    Some((Millis(*at), vec![i64::from(is_click), i64::from(!is_click)]))
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
                [Scalar::Int(at), Scalar::Int(loads), ..] => Some((Millis(*at), vec![*loads])),
                _ => None,
            },
            adds: Some(("loads", 1)),
            currency: None,
        }),
        ReportSource::PixelFired => None,
    }
}

/// A report whose rows come one by one, slice after slice.
struct Scan {
    plan: Plan,
    beside: Option<Beside>,
    between: Between,
    first: First,
    points: Points,
    /// Sums of the column that adds up, by currency.
    sums: BTreeMap<Option<String>, i64>,
}

impl Scan {
    /// Has the query also read what stands beside the chosen columns.
    fn new(plan: Plan, query: &mut ReportQuery) -> Self {
        let beside = beside(query.source);
        if let Some(beside) = &beside {
            query.columns.extend(beside.columns);
        }
        let between = query.between.unwrap_or((Millis(0), Millis(i64::MAX)));
        let grain = match query.source {
            ReportSource::SegmentLoad => Grain::Day,
            _ if between.1.since(between.0) <= 3 * Millis::DAY => Grain::Hour,
            _ => Grain::Day,
        };
        let points = Points::new(plan.zone.clone(), grain);
        Scan { plan, beside, between, first: First::default(), points, sums: BTreeMap::new() }
    }

    fn take(mut self, mut rows: Vec<Vec<Scalar>>) -> Self {
        let chosen = self.plan.columns.len();
        if let Some(beside) = &self.beside {
            for row in &mut rows {
                let more = row.split_off(chosen);
                if let Some((at, figures)) = (beside.read)(&more) {
                    self.points.add(at, &figures);
                }
                if let Some((currency, amount)) = beside.amount(&more) {
                    let sum = self.sums.entry(currency).or_default();
                    *sum = sum.saturating_add(amount);
                }
            }
        }
        self.first.take(&self.plan, rows);
        self
    }

    fn finish(self) -> Screen {
        let totals = self.totals();
        let Scan { plan, beside, between, first, points, .. } = self;
        let drawing = match &beside {
            Some(beside) => lines(&plan, points, between, beside.lines.iter().copied(), |figures| {
                figures.iter().map(ToString::to_string).collect()
            }),
            None => Drawing::None,
        };
        first.finish(plan, totals, drawing)
    }

    fn totals(&self) -> Vec<Vec<Scalar>> {
        let adds = self.beside.as_ref().and_then(|beside| beside.adds).map(|(field, _)| field);
        let is_sum = |column: &Column| adds.is_some_and(|field| column.from == Origin::Field(field));
        if self.first.count < 2 || !self.plan.columns.iter().any(|column| is_sum(column)) {
            return Vec::new();
        }
        let row = |(currency, sum): (&Option<String>, &i64)| {
            let cell = |column: &&'static Column| match column.from {
                _ if is_sum(column) => Scalar::Int(*sum),
                Origin::Field("currency") => currency.clone().map_or(Scalar::Null, Scalar::Text),
                _ => Scalar::Null,
            };
            self.plan.columns.iter().map(cell).collect()
        };
        self.sums.iter().map(row).collect()
    }
}

/// The first rows in the order asked for, whatever order they come in. It never holds more than a slice.
#[derive(Default)]
struct First {
    rows: Vec<Vec<Scalar>>,
    count: u64,
}

impl First {
    fn take(&mut self, plan: &Plan, rows: Vec<Vec<Scalar>>) {
        self.count += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.rows.extend(rows);
        if !plan.orders.is_empty() {
            self.rows.sort_by(|one, other| by_columns(&plan.orders, one, other));
        }
        self.rows.truncate(MOST_SHOWN);
    }

    fn finish(self, plan: Plan, totals: Vec<Vec<Scalar>>, drawing: Drawing) -> Screen {
        let Plan { columns, zone, notes, .. } = plan;
        let texts = |rows: Vec<Vec<Scalar>>, is_total: bool| {
            let shown = |(column, value): (&&'static Column, &Scalar)| match value {
                // A total is about no pixel, so it never says that one never fired.
                Scalar::Null if is_total => String::new(),
                value => cell::show(column.kind, value, &zone).text,
            };
            rows.iter().map(|row| columns.iter().zip(row).map(shown).collect()).collect()
        };
        let (rows, totals) = (texts(self.rows, false), texts(totals, true));
        Screen { rows, totals, count: self.count, drawing, columns, notes, zone }
    }
}
