//! Stacked bars: where each part lies, the numbers on top, and the names beside the last full column.

use askama::Template;

use super::frame::{Frame, SideName};
use super::numbers::{Coordinate, sane, short_number};
use super::scale::{BASE, Scale, TOP};
use super::{Chart, Columns, Slot};

/// Parts of a stack are parted by a gap of this height.
const GAP: f64 = 1.5;
/// A line of text is as high.
const LINE: f64 = 15.0;

#[derive(Template)]
#[template(path = "chart/bars.svg")]
pub(super) struct Bars<'a> {
    frame: Frame<'a>,
    columns: Vec<BarColumn<'a>>,
    /// The hatching over the last column, if its time is not over.
    hatch: Option<Bar<'a>>,
    /// The numbers on top of bars.
    numbers: Vec<Number>,
}

struct BarColumn<'a> {
    slot: Slot,
    /// The address behind it; empty for none.
    link: &'a str,
    /// What it is compared with.
    ghost: Option<Bar<'a>>,
    bars: Vec<Bar<'a>>,
}

struct Bar<'a> {
    class: &'a str,
    x: Coordinate,
    width: Coordinate,
    y: Coordinate,
    height: Coordinate,
}

struct Number {
    x: Coordinate,
    y: Coordinate,
    text: String,
}

impl<'a> Bars<'a> {
    pub(super) fn new(chart: &Chart<'a>, columns: &Columns<'a>) -> Self {
        let totals: Vec<f64> = (0..chart.labels.len()).map(|at| total(chart, at)).collect();
        let before = columns.before.iter().take(totals.len()).map(|value| sane(*value));
        let scale = Scale::up_to(totals.iter().copied().chain(before).fold(0.0, f64::max));
        let is_running = !columns.running.is_empty();
        let names = names(chart, &scale, &totals, is_running);
        Bars {
            frame: Frame::new(chart, &scale, names, !columns.links.is_empty()),
            columns: (0..totals.len()).map(|at| BarColumn::new(chart, columns, &scale, at)).collect(),
            hatch: totals.last().filter(|total| is_running && **total > 0.0).map(|total| {
                let at = totals.len() - 1;
                let y = scale.y(*total) - 1.0;
                Bar::new(chart, at, "", (y, BASE - y))
            }),
            numbers: numbers(chart, &scale, &totals, is_running),
        }
    }
}

fn total(chart: &Chart<'_>, at: usize) -> f64 {
    chart.series.iter().map(|series| series.value(at)).sum()
}

impl<'a> BarColumn<'a> {
    fn new(chart: &Chart<'a>, columns: &Columns<'a>, scale: &Scale, at: usize) -> Self {
        let mut below = 0.0;
        let mut bars = Vec::new();
        for series in chart.series {
            let value = series.value(at);
            if value <= 0.0 {
                continue;
            }
            let (top, bottom) = (scale.y(below + value), scale.y(below));
            let gap = if below > 0.0 { GAP.min((bottom - top) / 2.0) } else { 0.0 };
            bars.push(Bar::new(chart, at, series.class, (top, bottom - top - gap)));
            below += value;
        }
        let link = columns.links.get(at).map_or("", String::as_str);
        let mut slot = Slot::new(chart, at);
        if let Some(title) = columns.titles.get(at) {
            title.clone_into(&mut slot.title);
        }
        if !link.is_empty() {
            slot.title.push_str(". Show these events");
        }
        let before = columns.before.get(at).map(|value| scale.y(sane(*value))).filter(|y| *y < BASE);
        let ghost = before.map(|y| Bar::new(chart, at, "", (y, BASE - y)).widened(chart, at));
        BarColumn { slot, link, ghost, bars }
    }
}

impl<'a> Bar<'a> {
    /// Takes the middle 60% of its column.
    fn new(chart: &Chart<'_>, at: usize, class: &'a str, (y, height): (f64, f64)) -> Self {
        Bar {
            class,
            x: Coordinate(chart.left(at) + chart.slot() * 0.2),
            width: Coordinate(chart.slot() * 0.6),
            y: Coordinate(y),
            height: Coordinate(height),
        }
    }

    /// Takes nearly all of its column.
    fn widened(self, chart: &Chart<'_>, at: usize) -> Self {
        let (x, width) = (chart.left(at) + chart.slot() * 0.07, chart.slot() * 0.86);
        Bar { x: Coordinate(x), width: Coordinate(width), ..self }
    }
}

/// The highest column and the one whose time is not over carry their number.
fn numbers(chart: &Chart<'_>, scale: &Scale, totals: &[f64], is_running: bool) -> Vec<Number> {
    let highest = (0..totals.len()).reduce(|best, at| if totals.get(at) > totals.get(best) { at } else { best });
    let last = totals.len().checked_sub(1).filter(|_| is_running);
    let mut numbers: Vec<Number> = Vec::new();
    for at in [highest, last.filter(|last| Some(*last) != highest)].into_iter().flatten() {
        let total = totals.get(at).copied().unwrap_or(0.0);
        let (x, y) = (chart.middle(at), scale.y(total) - 5.0);
        let touches = |other: &Number| (other.x.0 - x).abs() < 8.0 && (other.y.0 - y).abs() < LINE;
        if total > 0.0 && !numbers.iter().any(touches) {
            numbers.push(Number { x: Coordinate(x), y: Coordinate(y), text: short_number(total) });
        }
    }
    numbers
}

/// The names of several series, each at the height of its part in the last full column that has any, and none over
/// another.
fn names<'a>(chart: &Chart<'a>, scale: &Scale, totals: &[f64], is_running: bool) -> Vec<SideName<'a>> {
    let full = totals.get(..totals.len() - usize::from(is_running && totals.len() > 1)).unwrap_or_default();
    let Some(at) = full.iter().rposition(|total| *total > 0.0).filter(|_| chart.series.len() > 1) else {
        return Vec::new();
    };
    let mut below = 0.0;
    let mut names: Vec<SideName<'a>> = Vec::new();
    for series in chart.series {
        let value = series.value(at);
        let middle = scale.y(below + value / 2.0) + 4.0;
        below += value;
        if (0..totals.len()).any(|at| series.value(at) > 0.0) {
            let y = names.last().map_or(middle, |last| middle.min(last.y.0 - LINE));
            names.push(SideName::new(series.class, y, series.name));
        }
    }
    let mut least = TOP;
    for name in names.iter_mut().rev() {
        name.y.0 = name.y.0.max(least);
        least = name.y.0 + LINE;
    }
    names
}
