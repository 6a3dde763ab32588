//! The frame of a chart with axes: the ticks of the y axis and the labels under the x axis.

use super::numbers::{Coordinate, sane, short_number};
use super::scale::Scale;
use super::{Chart, MOST_LABELS};

/// The frame around the marks.
pub(super) struct Frame<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) desc: &'a str,
    pub(super) ticks: Vec<Tick>,
    pub(super) is_empty: bool,
    pub(super) labels: Vec<Label<'a>>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(chart: &Chart<'a>, scale: &Scale) -> Self {
        let is_empty = chart.labels.is_empty()
            || chart.series.iter().all(|series| series.values.iter().all(|value| sane(*value) <= 0.0));
        let ticks = scale.ticks().filter(|tick| !is_empty || *tick <= 0.0);
        let tick = |tick| Tick {
            class: if tick > 0.0 { "grid" } else { "base" },
            y: Coordinate(scale.y(tick)),
            text: short_number(tick),
        };
        let ticks = ticks.map(tick).collect();
        Frame { id: chart.id, title: chart.title, desc: chart.desc, ticks, is_empty, labels: x_labels(chart) }
    }
}

pub(super) struct Tick {
    pub(super) class: &'static str,
    pub(super) y: Coordinate,
    pub(super) text: String,
}

/// A label under the x axis.
pub(super) struct Label<'a> {
    pub(super) class: &'static str,
    pub(super) x: Coordinate,
    pub(super) text: &'a str,
}

/// Every nth label, so that they do not touch; counted from the right, because the newest day matters most.
fn x_labels<'a>(chart: &Chart<'a>) -> Vec<Label<'a>> {
    let every = chart.labels.len().div_ceil(MOST_LABELS).max(1);
    let label = |(at, text): (usize, &'a String)| {
        let from_right = chart.labels.len() - 1 - at;
        if !from_right.is_multiple_of(every) {
            return None;
        }
        // A middled last label would hang over the right edge when columns are narrow.
        let hangs_over = from_right == 0 && chart.labels.len() > 7;
        let class = match from_right / every {
            0 if hangs_over => "x-label last",
            steps if chart.labels.len() > 4 && !steps.is_multiple_of(2) => "x-label minor",
            _ => "x-label",
        };
        let x = if hangs_over { 100.0 } else { chart.middle(at) };
        Some(Label { class, x: Coordinate(x), text })
    };
    chart.labels.iter().enumerate().filter_map(label).collect()
}
