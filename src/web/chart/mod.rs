//! Draws charts as SVG text on the server: stacked bars, lines, sparklines, and the ruler of an event. It works out where
//! things go; the templates in `templates/chart` write them and escape every text. It knows nothing of the meaning of the
//! numbers, and never fails.

mod bars;
mod frame;
mod numbers;
mod ruler;
mod scale;
#[cfg(test)]
mod tests;

use askama::Template;

pub use ruler::{Ruler, RulerMark, ruler};

use bars::Bars;
use frame::Frame;
use numbers::{Coordinate, count, number, sane};
use scale::{BASE, Scale, TOP};

// Widths are percentages and heights are pixels, so that text keeps its size and bars their corners at any width. The
// axis, the plot and the names beside it are three drawings side by side. Lines sit in an inner one that has a view box.
// Every colour comes from CSS classes (`static/pixeld.css`, part 14), so one drawing is right on light and on dark.

/// One row of values: a colour class (`click`, `view`, `none`, `ignored`, `loads`), the name that is shown and read out,
/// and one value for each label.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// Colour class.
    pub class: &'a str,
    /// Shown on hover, and beside the last full column if there are several series.
    pub name: &'a str,
    /// One for each label. Missing, negative and non-finite ones count as zero.
    pub values: &'a [f64],
    /// The text of each value, for more digits than a float holds. A missing text is the value with two decimals.
    pub texts: &'a [String],
}

impl Series<'_> {
    fn value(&self, at: usize) -> f64 {
        self.values.get(at).copied().map_or(0.0, sane)
    }

    fn text(&self, at: usize) -> String {
        self.texts.get(at).cloned().unwrap_or_else(|| number(self.value(at)))
    }
}

/// The content of a chart with axes. The first series is at the bottom of a stack.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    /// Unique within the page; title and description get ids from it.
    pub id: &'a str,
    /// The subject, in a few words: "Conversions by day".
    pub title: &'a str,
    /// The text alternative: the finding in a sentence, not a list of the numbers (the table behind the chart has those).
    pub desc: &'a str,
    /// One per column, in order: "16 Nov".
    pub labels: &'a [String],
    /// Drawn in this order.
    pub series: &'a [Series<'a>],
}

/// What the columns of stacked bars say besides their values.
#[derive(Debug, Clone, Copy, Default)]
pub struct Columns<'a> {
    /// The label of the last column if its time is not over: "Today". Its bar is hatched. Empty if the time is over.
    pub running: &'a str,
    /// The address behind each column; none without one.
    pub links: &'a [String],
    /// What each column is compared with, as a pale bar behind it; none without one.
    pub before: &'a [f64],
    /// Each column in words; a missing one lists the values of the series.
    pub titles: &'a [String],
}

/// Stacked bars, one column for each label. Safe to put into a page unescaped (`{{ chart|safe }}`), as all of these are.
#[must_use]
pub fn stacked_bars(chart: &Chart<'_>, columns: &Columns<'_>) -> String {
    let mut labels = chart.labels.to_vec();
    if let Some(last) = labels.last_mut().filter(|_| !columns.running.is_empty()) {
        columns.running.clone_into(last);
    }
    draw(&Bars::new(&Chart { labels: &labels, ..*chart }, columns))
}

/// Lines over a shared zero baseline, the first series with its area filled. One label alone is drawn as a flat line.
#[must_use]
pub fn lines(chart: &Chart<'_>) -> String {
    let values = chart.series.iter().flat_map(|series| series.values.iter().copied().map(sane));
    let scale = Scale::up_to(values.fold(0.0, f64::max));
    let columns: Vec<_> = (0..chart.labels.len()).map(|at| DotColumn::new(chart, &scale, at)).collect();
    let line = |(order, series): (usize, &Series<'_>)| {
        let point = |at| (chart.middle(at), scale.y(series.value(at)) - TOP);
        let points: Vec<_> = (0..chart.labels.len()).map(point).collect();
        Line::through(&points, series.class.to_owned(), (order == 0).then_some(BASE - TOP))
    };
    let lines = chart.series.iter().enumerate().filter_map(line).collect();
    draw(&Lines { frame: Frame::new(chart, &scale, Vec::new(), false), lines, columns })
}

/// A small line without axes, for a table cell or a tile. `title` says it in words: "Events in the last 12 hours: 1,204".
/// `class` is the colour class. An empty list draws an empty frame of the same size.
#[must_use]
pub fn sparkline(title: &str, class: &str, values: &[f64]) -> String {
    let most = values.iter().copied().map(sane).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let last = count(values.len().saturating_sub(1)).max(1.0);
    // The line keeps 2 of 36 clear above and below, so that its own width is not cut off.
    let point = |(at, value): (usize, &f64)| (100.0 * count(at) / last, 34.0 - 32.0 * (sane(*value) / most));
    let points: Vec<_> = values.iter().enumerate().map(point).collect();
    draw(&Sparkline { title, class, line: Line::through(&points, String::new(), Some(36.0)) })
}

fn draw(template: &impl Template) -> String {
    // Writing texts and numbers into a text cannot fail.
    template.render().unwrap_or_default()
}

impl Chart<'_> {
    /// A column's width, in hundredths of the plot.
    fn slot(&self) -> f64 {
        100.0 / count(self.labels.len()).max(1.0)
    }

    /// Where a column begins.
    fn left(&self, at: usize) -> f64 {
        self.slot() * count(at)
    }

    fn middle(&self, at: usize) -> f64 {
        self.slot() * (count(at) + 0.5)
    }

    fn label(&self, at: usize) -> &str {
        self.labels.get(at).map_or("", String::as_str)
    }

    /// The values of a column in words: "16 Nov: click 3, view 1".
    fn words(&self, at: usize) -> String {
        let parts: Vec<_> = self.series.iter().map(|series| format!("{} {}", series.name, series.text(at))).collect();
        format!("{}: {}", self.label(at), parts.join(", "))
    }
}

#[derive(Template)]
#[template(path = "chart/lines.svg")]
struct Lines<'a> {
    frame: Frame<'a>,
    lines: Vec<Line>,
    columns: Vec<DotColumn<'a>>,
}

#[derive(Template)]
#[template(path = "chart/sparkline.svg")]
struct Sparkline<'a> {
    title: &'a str,
    class: &'a str,
    line: Option<Line>,
}

/// The area of one column that takes the pointer, with the whole column in words.
struct Slot {
    left: Coordinate,
    width: Coordinate,
    title: String,
}

impl Slot {
    fn new(chart: &Chart<'_>, at: usize) -> Self {
        Slot { left: Coordinate(chart.left(at)), width: Coordinate(chart.slot()), title: chart.words(at) }
    }
}

struct DotColumn<'a> {
    slot: Slot,
    dots: Vec<Dot<'a>>,
}

struct Dot<'a> {
    class: &'a str,
    x: Coordinate,
    y: Coordinate,
}

impl<'a> DotColumn<'a> {
    fn new(chart: &Chart<'a>, scale: &Scale, at: usize) -> Self {
        let dot = |series: &Series<'a>| Dot {
            class: series.class,
            x: Coordinate(chart.middle(at)),
            y: Coordinate(scale.y(series.value(at))),
        };
        DotColumn { slot: Slot::new(chart, at), dots: chart.series.iter().map(dot).collect() }
    }
}

/// A line as the data of an SVG path.
struct Line {
    class: String,
    path: String,
    /// Closes the path along the baseline, for the filled area below the line.
    floor: Option<String>,
}

impl Line {
    /// Nothing where there are no points. The area below is filled down to `floor`, if there is one.
    fn through(points: &[(f64, f64)], class: String, floor: Option<f64>) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        let steps = points.iter().map(|(x, y)| format!("{} {}", Coordinate(*x), Coordinate(*y)));
        let mut path = format!("M{}", steps.collect::<Vec<_>>().join("L"));
        if points.len() == 1 {
            path += &format!("M0 {0}L100 {0}", Coordinate(first.1));
        }
        let close = |at| format!("L{} {at}L{} {at}Z", Coordinate(last.0), Coordinate(first.0));
        Some(Line { class, path, floor: floor.map(Coordinate).filter(|_| points.len() > 1).map(close) })
    }
}
