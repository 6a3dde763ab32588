//! The frame of a chart with axes: the ticks of the y axis, the labels under the x axis and the names beside the plot.

use super::Chart;
use super::numbers::{Coordinate, sane, short_number};
use super::scale::Scale;

/// At most this many labels are written under the x axis, and fewer if they are long. Half of them when narrow (the
/// others have the class `minor`).
pub(super) const MOST_LABELS: usize = 8;
const MOST_LONG_LABELS: usize = 5;
/// A label of more characters is long.
const LONG: usize = 8;
/// Labels stand at every so many columns.
const STEPS: [usize; 8] = [1, 2, 3, 7, 14, 28, 56, 112];
/// A name beside the plot of more characters needs the wide place.
const LONG_NAME: usize = 6;

/// The frame around the marks.
pub(super) struct Frame<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) desc: &'a str,
    pub(super) ticks: Vec<Tick>,
    pub(super) is_empty: bool,
    pub(super) labels: Vec<Label>,
    pub(super) names: Vec<SideName<'a>>,
    /// Whether a name is long.
    pub(super) is_wide: bool,
    /// Whether the columns are links.
    pub(super) has_links: bool,
}

impl<'a> Frame<'a> {
    pub(super) fn new(chart: &Chart<'a>, scale: &Scale, names: Vec<SideName<'a>>, has_links: bool) -> Self {
        let is_empty = chart.labels.is_empty()
            || chart.series.iter().all(|series| series.values.iter().all(|value| sane(*value) <= 0.0));
        let ticks = scale.ticks().filter(|tick| !is_empty || *tick <= 0.0);
        let tick = |tick| Tick { is_base: tick <= 0.0, y: Coordinate(scale.y(tick)), text: short_number(tick) };
        Frame {
            id: chart.id,
            title: chart.title,
            desc: chart.desc,
            ticks: ticks.map(tick).collect(),
            is_empty,
            labels: x_labels(chart),
            is_wide: names.iter().any(|name| name.text.len() > LONG_NAME),
            names,
            has_links,
        }
    }
}

impl Frame<'_> {
    /// Whether the numbers of the axis need a wide place.
    pub(super) fn is_far(&self) -> bool {
        self.ticks.iter().any(|tick| tick.text.len() > 3)
    }
}

pub(super) struct Tick {
    pub(super) is_base: bool,
    pub(super) y: Coordinate,
    pub(super) text: String,
}

/// A label under the x axis.
pub(super) struct Label {
    pub(super) class: &'static str,
    pub(super) x: Coordinate,
    pub(super) text: String,
}

/// The name of a series, right of the plot.
pub(super) struct SideName<'a> {
    pub(super) class: &'a str,
    pub(super) y: Coordinate,
    text: &'a str,
}

impl<'a> SideName<'a> {
    pub(super) fn new(class: &'a str, y: f64, text: &'a str) -> Self {
        SideName { class, y: Coordinate(y), text }
    }

    /// The name with a capital letter.
    pub(super) fn text(&self) -> String {
        let mut letters = self.text.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
    }
}

/// Every nth label, so that they do not touch; counted from the right, because the newest day matters most.
fn x_labels(chart: &Chart<'_>) -> Vec<Label> {
    let are_long = chart.labels.iter().any(|label| label.len() > LONG);
    let most = if are_long { MOST_LONG_LABELS } else { MOST_LABELS };
    let least = chart.labels.len().div_ceil(most).max(1);
    let every = STEPS.into_iter().find(|step| *step >= least).unwrap_or(least);
    let label = |(at, text): (usize, &String)| {
        let from_right = chart.labels.len() - 1 - at;
        if !from_right.is_multiple_of(every) {
            return None;
        }
        let steps = from_right / every;
        // A long last label in the middle of its column would hang over the right edge.
        let hangs_over = from_right == 0 && are_long && chart.labels.len() > 4;
        let class = match steps {
            0 if hangs_over => "x-label last",
            _ if chart.labels.len() > 4 && !steps.is_multiple_of(2) => "x-label minor",
            _ => "x-label",
        };
        let x = if hangs_over { 100.0 } else { chart.middle(at) };
        Some(Label { class, x: Coordinate(x), text: text.clone() })
    };
    chart.labels.iter().enumerate().filter_map(label).collect()
}
