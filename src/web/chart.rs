//! Draws charts as SVG text on the server: stacked bars, lines, sparklines, and the bar that shows an age within its window.
//! Every colour comes from CSS classes (`static/pixeld.css`, part 13), so one drawing is right on light and on dark.
//! It must not know what the numbers mean, where they come from, or anything of HTTP; it never fails: what is not a finite
//! number, or is below zero, is drawn as zero.
//!
//! Widths are percentages and heights are pixels, so that labels keep their size and bars their corners at any width.
//! The outer `<svg>` has no view box for that reason: it is the plot, and the axis labels hang over into its CSS padding. Lines sit in an inner one that has (`preserveAspectRatio="none"`).
//! Texts are escaped here. The returned text is safe to put into a page unescaped (`{{ chart|safe }}`).

use std::fmt::Write as _;

/// The drawing shows a larger value as this one, so that no coordinate is infinite.
const MOST: f64 = 1e30;
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
    /// One for each label; missing ones count as zero.
    pub values: &'a [f64],
    /// The text of each value, for values of more digits than a float holds. A missing text is the value with two decimals.
    pub texts: &'a [String],
}

/// What a chart with axes needs. The first series stands at the bottom of a stack.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    /// Unique within the page; the ids of title and description are made from it.
    pub id: &'a str,
    /// What is drawn, in a few words: "Conversions by day".
    pub title: &'a str,
    /// The text alternative: the finding in a sentence, not a list of the numbers (the table behind the chart has those).
    pub desc: &'a str,
    /// One per column, in order: "16 Nov".
    pub labels: &'a [String],
    /// Drawn in this order.
    pub series: &'a [Series<'a>],
}

/// Stacked bars, one column for each label.
#[must_use]
pub fn stacked_bars(chart: &Chart<'_>) -> String {
    let totals = chart.labels.iter().enumerate().map(|(at, _)| column_total(chart, at));
    let scale = Scale::up_to(totals.fold(0.0, f64::max));
    let slot = 100.0 / count(chart.labels.len()).max(1.0);
    frame(chart, &scale, |out| {
        for (at, label) in chart.labels.iter().enumerate() {
            let left = slot * count(at);
            column_start(out, left, slot, &column_title(chart, at, label));
            let mut below = 0.0;
            for series in chart.series {
                let value = value_at(series, at);
                if value > 0.0 {
                    let top = scale.y(below + value);
                    let height = scale.y(below) - top;
                    let _ = write!(
                        out,
                        r#"<rect class="bar {}" x="{}%" width="{}%" y="{}%" height="{}%" rx="2"><title>{}: {} {}</title></rect>"#,
                        escape(series.class),
                        coordinate(left + slot * 0.17),
                        coordinate(slot * 0.66),
                        coordinate(top),
                        coordinate(height),
                        escape(label),
                        escape(series.name),
                        escape(&text_at(series, at)),
                    );
                    below += value;
                }
            }
            out.push_str("</g>");
        }
    })
}

/// Lines over a shared zero baseline, the first series with its area filled. One label alone is drawn as a flat line.
#[must_use]
pub fn lines(chart: &Chart<'_>) -> String {
    let values = chart.series.iter().flat_map(|series| series.values.iter().copied().map(sane));
    let scale = Scale::up_to(values.fold(0.0, f64::max));
    let slot = 100.0 / count(chart.labels.len()).max(1.0);
    frame(chart, &scale, |out| {
        out.push_str(r#"<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%">"#);
        for (order, series) in chart.series.iter().enumerate() {
            let points: Vec<(f64, f64)> =
                (0..chart.labels.len()).map(|at| (slot * (count(at) + 0.5), scale.y(value_at(series, at)))).collect();
            line_and_area(out, series.class, &points, order == 0);
        }
        out.push_str("</svg>");
        for (at, label) in chart.labels.iter().enumerate() {
            let left = slot * count(at);
            column_start(out, left, slot, &column_title(chart, at, label));
            for series in chart.series {
                let _ = write!(
                    out,
                    r#"<circle class="dot {}" cx="{}%" cy="{}%" r="4.5"/>"#,
                    escape(series.class),
                    coordinate(left + slot / 2.0),
                    coordinate(scale.y(value_at(series, at))),
                );
            }
            out.push_str("</g>");
        }
    })
}

/// A small line without axes, for a table cell or a card. `title` says it in words: "Loads in the last 12 hours: 1,204, none in the last hour".
/// `class` is the colour class. An empty list draws an empty frame of the same size.
#[must_use]
pub fn sparkline(title: &str, class: &str, values: &[f64]) -> String {
    let scale = Scale { top: values.iter().copied().map(sane).fold(0.0, f64::max).max(f64::MIN_POSITIVE), step: 1.0 };
    let last = count(values.len().saturating_sub(1)).max(1.0);
    // The line keeps 4 of 100 clear above and below, so that its own width is not cut off.
    let points: Vec<(f64, f64)> = values
        .iter()
        .enumerate()
        .map(|(at, value)| (100.0 * count(at) / last, 4.0 + 0.92 * scale.y(sane(*value))))
        .collect();
    let mut out = format!(
        r#"<svg class="spark" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{0}"><title>{0}</title>"#,
        escape(title),
    );
    line_and_area(&mut out, class, &points, true);
    out.push_str("</svg>");
    out
}

/// The bar beside an exposure that shows how much of its window its age has used. `share` is age divided by window;
/// above 1 the bar is full and has the class `is-over`. Decoration only: the same is always said in words beside it.
#[must_use]
pub fn window_bar(share: f64) -> String {
    let share = sane(share);
    format!(
        r#"<svg class="window-bar{}" aria-hidden="true"><rect width="{}%" height="100%" rx="3.5"/></svg>"#,
        if share > 1.0 { " is-over" } else { "" },
        coordinate((share * 100.0).clamp(1.5, 100.0)),
    )
}

/// The y axis: zero at the bottom, a round number at the top, three to five steps.
struct Scale {
    top: f64,
    step: f64,
}

impl Scale {
    /// The smallest round scale that holds `most`. Steps are 1, 2 or 5 times a power of ten and never below 1 for whole counts.
    fn up_to(most: f64) -> Self {
        let most = sane(most);
        if most <= 0.0 {
            return Self { top: 1.0, step: 1.0 };
        }
        let rough = most / 4.0;
        let mut power = 1.0;
        while power * 10.0 <= rough {
            power *= 10.0;
        }
        while power > rough && (most.fract() != 0.0 || power > 1.0) {
            power /= 10.0;
        }
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|times| times * power)
            .find(|step| *step >= rough)
            .unwrap_or(power * 10.0);
        Self { top: (most / step).ceil() * step, step }
    }

    /// Distance from the top in hundredths of the plot.
    fn y(&self, value: f64) -> f64 {
        100.0 * (1.0 - value / self.top)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        (0_u32..=10).map(|at| f64::from(at) * self.step).take_while(|tick| *tick <= self.top + self.step / 2.0)
    }
}

/// The outer drawing, grid, axis labels and, when there is nothing to draw, the words that say so. `marks` draws into the plot.
fn frame(chart: &Chart<'_>, scale: &Scale, marks: impl FnOnce(&mut String)) -> String {
    let id = escape(chart.id);
    let mut out = format!(
        r#"<svg class="chart" role="img" aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>"#,
        escape(chart.title),
        escape(chart.desc),
    );
    let empty = chart.labels.is_empty()
        || chart.series.iter().all(|series| series.values.iter().all(|value| sane(*value) <= 0.0));
    for tick in scale.ticks().filter(|tick| !empty || *tick <= 0.0) {
        let y = coordinate(scale.y(tick));
        let class = if tick > 0.0 { "grid" } else { "base" };
        let _ = write!(
            out,
            r#"<line class="{class}" x1="0" x2="100%" y1="{y}%" y2="{y}%"/><text class="y-label" x="-10" y="{y}%" dy="4">{}</text>"#,
            short_number(tick),
        );
    }
    if empty {
        out.push_str(r#"<text class="no-data" x="50%" y="50%">Nothing to show in this range yet</text>"#);
    } else {
        marks(&mut out);
    }
    x_labels(&mut out, chart.labels);
    out.push_str("</svg>");
    out
}

/// Writes every nth label so that they do not touch; counted from the right, because the newest day matters most.
fn x_labels(out: &mut String, labels: &[String]) {
    let slot = 100.0 / count(labels.len()).max(1.0);
    let every = labels.len().div_ceil(MOST_LABELS).max(1);
    for (at, label) in labels.iter().enumerate() {
        let from_right = labels.len() - 1 - at;
        if !from_right.is_multiple_of(every) {
            continue;
        }
        // A middled last label would hang over the right edge when columns are narrow.
        let hangs_over = from_right == 0 && labels.len() > 7;
        let class = match from_right / every {
            0 if hangs_over => "x-label last",
            steps if labels.len() > 4 && !steps.is_multiple_of(2) => "x-label minor",
            _ => "x-label",
        };
        let x = if hangs_over { "100".to_owned() } else { coordinate(slot * (count(at) + 0.5)) };
        let _ = write!(out, r#"<text class="{class}" x="{x}%" y="100%" dy="20">{}</text>"#, escape(label));
    }
}

/// Opens the group of one column: a full-height area that takes the pointer, with the whole column in words.
fn column_start(out: &mut String, left: f64, slot: f64, title: &str) {
    let _ = write!(
        out,
        r#"<g class="column"><title>{}</title><rect class="slot" x="{}%" width="{}%" height="100%"/>"#,
        escape(title),
        coordinate(left),
        coordinate(slot),
    );
}

fn column_title(chart: &Chart<'_>, at: usize, label: &str) -> String {
    let parts: Vec<String> =
        chart.series.iter().map(|series| format!("{} {}", series.name, text_at(series, at))).collect();
    format!("{label}: {}", parts.join(", "))
}

fn column_total(chart: &Chart<'_>, at: usize) -> f64 {
    chart.series.iter().map(|series| value_at(series, at)).sum()
}

fn line_and_area(out: &mut String, class: &str, points: &[(f64, f64)], filled: bool) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    let mut path = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let _ = write!(path, "{}{} {}", if at == 0 { "M" } else { "L" }, coordinate(*x), coordinate(*y));
    }
    if points.len() == 1 {
        let _ = write!(path, "M0 {0}L100 {0}", coordinate(first.1));
    }
    if filled && points.len() > 1 {
        let _ = write!(
            out,
            r#"<path class="area {}" d="{path}L{} 100L{} 100Z"/>"#,
            escape(class),
            coordinate(last.0),
            coordinate(first.0),
        );
    }
    let _ = write!(out, r#"<path class="line {}" d="{path}"/>"#, escape(class));
}

fn value_at(series: &Series<'_>, at: usize) -> f64 {
    series.values.get(at).copied().map_or(0.0, sane)
}

fn text_at(series: &Series<'_>, at: usize) -> String {
    series.texts.get(at).cloned().unwrap_or_else(|| number(value_at(series, at)))
}

/// Zero for what cannot be drawn: NaN, infinities, negatives.
fn sane(value: f64) -> f64 {
    if value.is_finite() && value > 0.0 { value.min(MOST) } else { 0.0 }
}

/// An index or length as a float; exact, since no chart has four thousand million columns.
fn count(items: usize) -> f64 {
    u32::try_from(items).map_or(f64::from(u32::MAX), f64::from)
}

/// Two decimals at most, none that say nothing: `12`, `12.5`.
fn coordinate(value: f64) -> String {
    trim_decimals(&format!("{value:.2}")).to_owned()
}

/// For reading: thousands in groups, two decimals at most: `1,204.5`.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = trim_decimals(&text);
    let (whole, rest) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// For an axis: `950`, `1,500`, `20k`, `1.5M`.
fn short_number(value: f64) -> String {
    if value >= 1_000_000.0 {
        format!("{}M", number(value / 1_000_000.0))
    } else if value >= 10_000.0 {
        format!("{}k", number(value / 1_000.0))
    } else {
        number(value)
    }
}

fn trim_decimals(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Text made safe between tags and in double-quoted attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(count: usize) -> Vec<String> {
        (1..=count).map(|day| format!("{day} Nov")).collect()
    }

    fn draw(labels: &[String], values: &[f64]) -> String {
        let series = [Series { class: "post-click", name: "post-click", values, texts: &[] }];
        stacked_bars(&Chart { id: "c", title: "Conversions by day", desc: "Up.", labels, series: &series })
    }

    #[test]
    fn ticks_are_round_and_start_at_zero() {
        for (most, expected) in [
            (1.0, vec!["0", "1"]),
            (3.0, vec!["0", "1", "2", "3"]),
            (7.0, vec!["0", "2", "4", "6", "8"]),
            (43.0, vec!["0", "20", "40", "60"]),
            (0.3, vec!["0", "0.1", "0.2", "0.3"]),
            (1_234.0, vec!["0", "500", "1,000", "1,500"]),
            (61_000.0, vec!["0", "20k", "40k", "60k", "80k"]),
        ] {
            let ticks: Vec<String> = Scale::up_to(most).ticks().map(short_number).collect();
            assert_eq!(ticks, expected, "for {most}");
        }
    }

    #[test]
    fn a_stack_fills_from_the_baseline_up() {
        let labels = days(1);
        let series = [
            Series { class: "post-click", name: "post-click", values: &[2.0], texts: &[] },
            Series { class: "post-view", name: "post-view", values: &[2.0], texts: &[] },
        ];
        let svg = stacked_bars(&Chart { id: "c", title: "t", desc: "d", labels: &labels, series: &series });
        assert!(svg.contains(r#"class="bar post-click" x="17%" width="66%" y="50%" height="50%""#), "{svg}");
        assert!(svg.contains(r#"class="bar post-view" x="17%" width="66%" y="0%" height="50%""#), "{svg}");
        assert!(svg.contains("<title>1 Nov: post-click 2, post-view 2</title>"));
    }

    #[test]
    fn every_text_is_escaped() {
        let labels = vec![r#"<b>"1" & 2"#.to_owned()];
        let series = [Series { class: r#""x"#, name: "<i>", values: &[1.0], texts: &["<u>".to_owned()] }];
        for draw in [stacked_bars, lines] {
            let svg = draw(&Chart { id: "\"", title: "<t>", desc: "d&", labels: &labels, series: &series });
            assert!(["<b>", "<i>", "<u>", "<t>", "\"\"x"].iter().all(|raw| !svg.contains(raw)), "{svg}");
            assert!(svg.contains("&lt;b&gt;&quot;1&quot; &amp; 2"));
        }
        assert!(sparkline("a\"<b>", "loads", &[1.0]).contains("aria-label=\"a&quot;&lt;b&gt;\""));
    }

    #[test]
    fn no_style_and_no_colour_is_written() {
        let svg = draw(&days(3), &[1.0, 2.0, 3.0]) + &sparkline("s", "loads", &[1.0, 2.0]) + &window_bar(0.5);
        assert!(!svg.contains("style") && !svg.contains("fill=") && !svg.contains("stroke=") && !svg.contains('\''));
    }

    #[test]
    fn what_is_no_number_is_drawn_as_nothing() {
        let svg = draw(&days(4), &[f64::NAN, f64::INFINITY, -3.0, 4.0]);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert_eq!(svg.matches("class=\"bar").count(), 1);
    }

    #[test]
    fn an_empty_chart_says_so() {
        assert!(draw(&[], &[]).contains("Nothing to show"));
        assert!(draw(&days(3), &[0.0, 0.0, 0.0]).contains("Nothing to show"));
        assert!(sparkline("none", "loads", &[]).ends_with("</svg>"));
    }

    #[test]
    fn fewer_values_than_labels_are_taken_as_zero() {
        assert_eq!(draw(&days(5), &[1.0]).matches("class=\"bar").count(), 1);
    }

    #[test]
    fn long_ranges_thin_their_labels_and_keep_the_newest() {
        let svg = draw(&days(30), &[1.0; 30]);
        assert!(svg.matches("x-label").count() <= MOST_LABELS);
        assert!(svg.contains(">30 Nov</text>"));
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(0.0), "0");
        assert_eq!(number(1_234_567.5), "1,234,567.5");
        assert_eq!(number(999.999), "1,000");
        assert_eq!(short_number(1_500_000.0), "1.5M");
    }

    #[test]
    fn an_age_past_its_window_is_full_and_marked() {
        assert!(window_bar(1.2).contains("is-over") && window_bar(1.2).contains("width=\"100%\""));
        assert!(!window_bar(1.0).contains("is-over"));
    }

    #[test]
    fn single_points_and_huge_values_draw() {
        let labels = days(1);
        let series = [Series { class: "loads", name: "loads", values: &[f64::MAX], texts: &[] }];
        let svg = lines(&Chart { id: "c", title: "t", desc: "d", labels: &labels, series: &series });
        assert!(svg.contains("M0 ") && !svg.contains("NaN") && !svg.contains("inf"), "{}", &svg[..200]);
    }
}
