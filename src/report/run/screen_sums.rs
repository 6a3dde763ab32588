//! A report for a page that adds up sums: all its rows come at once.

use super::background::ProgressCounter;
use super::points::Points;
use super::screen::{Drawing, First, MOST_SHOWN, Screen, lines};
use crate::domain::{Grain, Reader};
use crate::report::definition::Column;
use crate::report::format::cell;
use crate::report::format::cell::Value;
use crate::report::off_thread;
use crate::report::request::Plan;
use crate::report::request::sum_plan::{SumPlan, by_currency};
use crate::store::{MOST_SUM_ROWS, Store, StoreError, SumRow};

/// Figures that are parts of one whole: a drawing shows them together.
const TOGETHER: &[&[&str]] =
    &[&["post_click_convs", "post_view_convs"], &["post_click", "post_view", "unattributed", "not_counted"]];

/// Runs such a plan. `figure` is the column for the drawing, if the user chose one.
pub(in crate::report) async fn run(
    store: &Store,
    by: &Reader,
    plan: Plan,
    sums: SumPlan,
    figure: Option<String>,
    progress: &ProgressCounter,
) -> Result<Screen, StoreError> {
    let mut rows = sums.read(store, by).await?;
    progress.more(u64::try_from(rows.len()).unwrap_or(u64::MAX), Some(100));
    off_thread(move || {
        sums.keep_wanted(&mut rows);
        of_sums(plan, &sums, &rows, figure.as_deref())
    })
    .await
}

fn of_sums(plan: Plan, sums: &SumPlan, rows: &[SumRow], figure: Option<&str>) -> Screen {
    let mut first = First::default();
    for part in rows.chunks(MOST_SHOWN.max(MOST_SUM_ROWS / 100)) {
        first.take(&plan, part.iter().map(|row| sums.cells(&plan.columns, row)).collect());
    }
    let figures: Vec<&'static Column> = plan.columns.iter().copied().filter(|column| column.from.is_figure()).collect();
    let mut totals = Vec::new();
    if rows.len() > 1 && !figures.is_empty() {
        totals.extend(sums.totals(rows).iter().map(|total| sums.cells(&plan.columns, total)));
    }
    let drawing = match sums.grain() {
        Some(grain) => draw_sums(&plan, sums, rows, grain, &drawn(&figures, figure)),
        None => Drawing::None,
    };
    first.finish(plan, totals, drawing)
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

fn draw_sums(plan: &Plan, sums: &SumPlan, rows: &[SumRow], grain: Grain, drawn: &[&'static Column]) -> Drawing {
    let money = |column: &&Column| column.from.measures().any(|measure| measure.money);
    let currencies = by_currency(rows).into_iter().filter(|(_, figures)| figures.iter().any(|figure| *figure != 0));
    if drawn.iter().any(money) && currencies.count() > 1 {
        return Drawing::Mixed;
    }
    let mut points = Points::new(plan.zone.clone(), grain);
    for row in rows {
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
