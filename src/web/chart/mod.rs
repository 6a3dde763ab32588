//! Draws charts as SVG text on the server: stacked bars, lines, sparklines, and the ruler of an event. It works out where things go; the templates in `templates/chart` write them and escape every text. It knows
//! nothing of the meaning of the numbers, and never fails.

mod frame;
mod numbers;
mod ruler;
mod scale;
#[cfg(test)]
mod tests;

use askama::Template;

pub use ruler::{Ruler, RulerMark, ruler};

use frame::Frame;
use numbers::{Coordinate, count, number, sane};
use scale::Scale;

// Widths are percentages and heights are pixels, so that labels keep their size and bars their corners at any width. The
// outer `<svg>` has no view box for that reason: it is the plot, and the axis labels hang over into its CSS padding. Lines
// sit in an inner one that has a view box. Every colour comes from CSS classes (`static/pixeld.css`, part 13), so one
// drawing is right on light and on dark.

/// At most this many labels are written under the x axis; half of them when narrow (the others have the class `minor`).
const MOST_LABELS: usize = 8;

/// One row of values: a colour class (`post-click`, `post-view`, `unattributed`, `not-counted`, `loads`), the name that is
/// read out, and one value for each label.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// Colour class.
    pub class: &'a str,
    /// Read out and shown on hover.
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

/// Stacked bars, one column for each label. Safe to put into a page unescaped (`{{ chart|safe }}`), as all of these are.
#[must_use]
pub fn stacked_bars(chart: &Chart<'_>) -> String {
    let total = |at| chart.series.iter().map(|series| series.value(at)).sum();
    let scale = Scale::up_to((0..chart.labels.len()).map(total).fold(0.0, f64::max));
    let columns = (0..chart.labels.len()).map(|at| BarColumn::new(chart, &scale, at)).collect();
    draw(&Bars { frame: Frame::new(chart, &scale), columns })
}

/// Lines over a shared zero baseline, the first series with its area filled. One label alone is drawn as a flat line.
#[must_use]
pub fn lines(chart: &Chart<'_>) -> String {
    let values = chart.series.iter().flat_map(|series| series.values.iter().copied().map(sane));
    let scale = Scale::up_to(values.fold(0.0, f64::max));
    let columns: Vec<_> = (0..chart.labels.len()).map(|at| DotColumn::new(chart, &scale, at)).collect();
    let line = |(order, series): (usize, &Series<'_>)| {
        let points: Vec<_> = (0..chart.labels.len()).map(|at| (chart.middle(at), scale.y(series.value(at)))).collect();
        Line::through(&points, series.class.to_owned(), order == 0)
    };
    let lines = chart.series.iter().enumerate().filter_map(line).collect();
    draw(&Lines { frame: Frame::new(chart, &scale), lines, columns })
}

/// A small line without axes, for a table cell or a card. `title` says it in words: "Loads in the last 12 hours: 1,204,
/// none in the last hour". `class` is the colour class. An empty list draws an empty frame of the same size.
#[must_use]
pub fn sparkline(title: &str, class: &str, values: &[f64]) -> String {
    let scale = Scale::without_ticks(values.iter().copied().map(sane).fold(0.0, f64::max));
    let last = count(values.len().saturating_sub(1)).max(1.0);
    // The line keeps 4 of 100 clear above and below, so that its own width is not cut off.
    let point = |(at, value): (usize, &f64)| (100.0 * count(at) / last, 4.0 + 0.92 * scale.y(sane(*value)));
    let points: Vec<_> = values.iter().enumerate().map(point).collect();
    draw(&Sparkline { title, line: Line::through(&points, class.to_owned(), true) })
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
}

#[derive(Template)]
#[template(path = "chart/bars.svg")]
struct Bars<'a> {
    frame: Frame<'a>,
    columns: Vec<BarColumn<'a>>,
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
        let parts: Vec<_> = chart.series.iter().map(|series| format!("{} {}", series.name, series.text(at))).collect();
        let title = format!("{}: {}", chart.label(at), parts.join(", "));
        Slot { left: Coordinate(chart.left(at)), width: Coordinate(chart.slot()), title }
    }
}

struct BarColumn<'a> {
    slot: Slot,
    bars: Vec<Bar<'a>>,
}

struct Bar<'a> {
    class: &'a str,
    x: Coordinate,
    width: Coordinate,
    y: Coordinate,
    height: Coordinate,
    title: String,
}

impl<'a> BarColumn<'a> {
    fn new(chart: &Chart<'a>, scale: &Scale, at: usize) -> Self {
        let mut below = 0.0;
        let mut bars = Vec::new();
        for series in chart.series {
            let value = series.value(at);
            if value <= 0.0 {
                continue;
            }
            let top = scale.y(below + value);
            bars.push(Bar {
                class: series.class,
                x: Coordinate(chart.left(at) + chart.slot() * 0.17),
                width: Coordinate(chart.slot() * 0.66),
                y: Coordinate(top),
                height: Coordinate(scale.y(below) - top),
                title: format!("{}: {} {}", chart.label(at), series.name, series.text(at)),
            });
            below += value;
        }
        BarColumn { slot: Slot::new(chart, at), bars }
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
    /// Nothing where there are no points.
    fn through(points: &[(f64, f64)], class: String, filled: bool) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        let steps = points.iter().map(|(x, y)| format!("{} {}", Coordinate(*x), Coordinate(*y)));
        let mut path = format!("M{}", steps.collect::<Vec<_>>().join("L"));
        if points.len() == 1 {
            path += &format!("M0 {0}L100 {0}", Coordinate(first.1));
        }
        let floor = || format!("L{} 100L{} 100Z", Coordinate(last.0), Coordinate(first.0));
        Some(Line { class, path, floor: (filled && points.len() > 1).then(floor) })
    }
}
