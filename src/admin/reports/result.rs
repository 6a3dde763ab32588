//! A finished report as its page shows it: the table, the totals, and the chart with its description. Pure.

use jiff::tz::TimeZone;

use super::definition::ReportFormData;
use super::labels::{help, is_figure, label, word};
use crate::admin::text::format::{number, plural};
use crate::domain::{Grain, Millis, TotalMicros, offset_if_repeated};
use crate::report::{Column, Drawing, Kind, Line, MOST_SHOWN, Order, Origin, Screen};
use crate::web::chart::{self, Chart, Columns, Series};

pub struct ReportView {
    /// "1,204 rows".
    pub count: String,
    /// A note that the page shows only the first rows; empty if it shows all.
    pub cut_note: String,
    pub heads: Vec<ColumnHead>,
    pub rows: Vec<Vec<Cell>>,
    pub totals: Vec<Vec<Cell>>,
    pub notes: Vec<String>,
    pub chart: Option<ChartView>,
    /// Why there is no chart; empty if the report needs none.
    pub no_chart: &'static str,
}

pub struct ColumnHead {
    pub label: String,
    /// The meaning of the column; empty where the label says it all.
    pub help: &'static str,
    /// The address that sorts the report by it.
    pub address: String,
    /// `ascending`, `descending`, or empty.
    pub sorted: &'static str,
    pub number: bool,
}

pub struct Cell {
    pub text: String,
    pub number: bool,
    /// Whether the text stays on one line.
    pub short: bool,
}

/// A chart with its table.
pub struct ChartView {
    pub title: String,
    /// SVG, safe to put into a page.
    pub svg: String,
    /// The names of the figures.
    pub names: Vec<String>,
    /// "Hour", "Day" or "Month".
    pub span: &'static str,
    /// The rows of the table, the latest first.
    pub rows: Vec<ChartRow>,
}

pub struct ChartRow {
    /// The time.
    pub label: String,
    /// A figure for each name.
    pub values: Vec<String>,
}

/// With more columns than this a table scrolls in a box of its own.
const MOST_IN_SIGHT: usize = 10;

impl ReportView {
    pub fn is_wide(&self) -> bool {
        self.heads.len() > MOST_IN_SIGHT
    }

    /// `path` is the address of the page without its query string.
    pub fn of(screen: &Screen, data: &ReportFormData, path: &str, now: Millis) -> Self {
        let rows = u64::try_from(screen.rows.len()).unwrap_or(u64::MAX);
        let (chart, no_chart) = match &screen.drawing {
            Drawing::None => (None, ""),
            Drawing::Mixed => (None, "Select one currency to see amounts in the chart."),
            Drawing::Lines { grain, begins, lines } => {
                let running = running(*grain, begins, &screen.zone, now);
                (Some(draw((*grain, running), &labels(*grain, begins, &screen.zone), lines, screen)), "")
            }
        };
        ReportView {
            count: plural(screen.count, data.labels.row),
            cut_note: if rows < screen.count {
                format!("The first {MOST_SHOWN} are shown. Files hold all.")
            } else {
                String::new()
            },
            heads: screen.columns.iter().map(|column| head(column, data, path)).collect(),
            rows: screen.rows.iter().map(|row| cells(&screen.columns, row)).collect(),
            totals: screen.totals.iter().map(|row| totals(&screen.columns, row)).collect(),
            notes: screen.notes.iter().map(|note| crate::admin::shell::form::sentence(note)).collect(),
            chart,
            no_chart,
        }
    }
}

fn head(column: &Column, data: &ReportFormData, path: &str) -> ColumnHead {
    let number = is_figure(column);
    let descending = data.sort.as_ref().filter(|sort| sort.column == column.name).map(|sort| sort.descending);
    let mut next = data.clone();
    next.sort =
        Some(Order { column: column.name.to_owned(), descending: descending.map_or(number, |descending| !descending) });
    ColumnHead {
        label: label(column.name),
        help: help(column.name),
        address: format!("{path}?{}", next.query()),
        sorted: match descending {
            None => "",
            Some(true) => "descending",
            Some(false) => "ascending",
        },
        number,
    }
}

fn cells(columns: &[&'static Column], row: &[String]) -> Vec<Cell> {
    let cell = |(column, text): (&&'static Column, &String)| Cell {
        text: value_text(column, text),
        number: is_figure(column),
        short: !matches!(column.kind, Kind::Text | Kind::Beginning(_)) || (!text.contains(' ') && text.len() <= 40),
    };
    columns.iter().zip(row).map(cell).collect()
}

/// A row of totals. Its first cell says so.
fn totals(columns: &[&'static Column], row: &[String]) -> Vec<Cell> {
    let mut cells = cells(columns, row);
    if let Some(first) = cells.first_mut() {
        first.text = if first.text.is_empty() { "Total".to_owned() } else { format!("Total: {}", first.text) };
    }
    cells
}

/// A value of the report's file as text for people.
fn value_text(column: &Column, text: &str) -> String {
    let micros = || TotalMicros::parse(text.strip_prefix('-').unwrap_or(text)).ok();
    let sign = if text.starts_with('-') { "–" } else { "" };
    match (column.kind, column.from) {
        _ if text.is_empty() => String::new(),
        _ if column.name == "last_fired" && text.starts_with("1900-") => "never".to_owned(),
        (Kind::Month | Kind::Day | Kind::UtcDay | Kind::Hour | Kind::Moment(_), _) => dated(text),
        (Kind::Words(_), _) => word(text).to_owned(),
        (Kind::Int, _) if is_figure(column) => number(text),
        (Kind::Ratio | Kind::Amount, Origin::Ratio(over, ..)) if over.iter().any(|measure| measure.money) => {
            micros().map_or_else(|| text.to_owned(), |m| format!("{sign}{}", hundredths(m.0)))
        }
        (Kind::Amount, _) => micros().map_or_else(|| text.to_owned(), |m| format!("{sign}{}", number(&m.to_money()))),
        // The share of one count in another.
        (Kind::Ratio, _) => micros().map_or_else(|| text.to_owned(), |m| format!("{sign}{}%", hundredths(m.0 * 100))),
        _ => text.to_owned(),
    }
}

/// `2026-10-01 14:00:00` as `1 Oct 2026 14:00:00`, and `2026-10` as `Oct 2026`.
fn dated(text: &str) -> String {
    let (date, rest) = text.split_at_checked(10).unwrap_or((text, ""));
    if let Ok(day) = date.parse::<jiff::civil::Date>() {
        return day.strftime("%-d %b %Y").to_string() + rest;
    }
    match format!("{text}-01").parse::<jiff::civil::Date>() {
        Ok(month) => month.strftime("%b %Y").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// Millionths as text with two decimals, rounded half up.
fn hundredths(micros: i128) -> String {
    let hundredths = (micros + 5_000) / 10_000;
    number(&format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// The start of each point. Hours of a single day need no date; an hour that clocks show twice needs its offset.
fn labels(grain: Grain, begins: &[Millis], zone: &TimeZone) -> Vec<String> {
    let is_hour = grain == Grain::Hour;
    let offset = |at: &Millis| if is_hour { offset_if_repeated(*at, true, zone) } else { String::new() };
    let offsets: Vec<String> = begins.iter().map(offset).collect();
    let begins: Vec<jiff::Zoned> = begins.iter().map(|at| at.timestamp().to_zoned(zone.clone())).collect();
    let one_day = begins.windows(2).all(|pair| matches!(pair, [one, other] if one.date() == other.date()));
    let form = match grain {
        Grain::Hour if one_day => "%H:00",
        Grain::Hour => "%-d %b %H:00",
        Grain::Day => "%-d %b",
        Grain::Month => "%b %Y",
    };
    begins.iter().zip(offsets).map(|(begin, offset)| begin.strftime(form).to_string() + &offset).collect()
}

/// What the last point is called if its time is not over; else empty.
fn running(grain: Grain, begins: &[Millis], zone: &TimeZone, now: Millis) -> &'static str {
    let form = |at: Millis| {
        let at = at.timestamp().to_zoned(zone.clone());
        match grain {
            Grain::Hour => at.strftime("%F %H %z").to_string(),
            Grain::Day => at.strftime("%F").to_string(),
            Grain::Month => at.strftime("%Y-%m").to_string(),
        }
    };
    match (begins.last().is_some_and(|last| form(*last) == form(now)), grain) {
        (false, _) => "",
        (true, Grain::Hour) => "This hour",
        (true, Grain::Day) => "Today",
        (true, Grain::Month) => "This month",
    }
}

/// The short name of a figure beside others.
fn short_name(name: &str) -> String {
    match class(name) {
        "click" => "Click".to_owned(),
        "view" => "View".to_owned(),
        _ => label(name),
    }
}

/// The class that colours a figure.
fn class(name: &str) -> &'static str {
    match name {
        "post_click" | "post_click_convs" | "post_click_revenue" => "click",
        "post_view" | "post_view_convs" | "post_view_revenue" => "view",
        "unattributed" => "none",
        "not_counted" => "ignored",
        _ => "loads",
    }
}

/// The most bars of a chart. More points become a line.
const MOST_BARS: usize = 62;

fn draw((grain, running): (Grain, &str), labels: &[String], lines: &[Line], screen: &Screen) -> ChartView {
    let (span, spans) = match grain {
        Grain::Hour => ("Hour", "hour"),
        Grain::Day => ("Day", "day"),
        Grain::Month => ("Month", "month"),
    };
    let names: Vec<String> = lines.iter().map(|line| label(line.name)).collect();
    let title = title(&names, spans);
    let values: Vec<Vec<f64>> =
        lines.iter().map(|line| line.values.iter().map(|text| text.parse().unwrap_or(0.0)).collect()).collect();
    let texts: Vec<Vec<String>> = lines.iter().map(|line| texts(line, screen)).collect();
    let shown: Vec<String> = lines.iter().map(|line| short_name(line.name)).collect();
    let series = lines.iter().zip(&shown).zip(values.iter().zip(&texts));
    let series: Vec<Series<'_>> =
        series.map(|((line, name), (values, texts))| Series { class: class(line.name), name, values, texts }).collect();
    let count = plural(u64::try_from(labels.len()).unwrap_or(0), spans);
    let peaks: Vec<String> = lines.iter().zip(&names).map(|(line, name)| peak(line, name, labels)).collect();
    let desc = format!("{count}. {}.", peaks.join(". "));
    let chart = Chart { id: "by-time", title: &title, desc: &desc, labels, series: &series };
    let columns = Columns { running, links: &[] };
    let svg = if labels.len() > MOST_BARS && lines.len() == 1 {
        chart::lines(&chart)
    } else {
        chart::stacked_bars(&chart, &columns)
    };
    let text = |texts: &Vec<String>, at: usize| texts.get(at).cloned().unwrap_or_default();
    let row = |(at, label): (usize, &String)| ChartRow {
        label: label.clone(),
        values: texts.iter().map(|texts| text(texts, at)).collect(),
    };
    ChartView { svg, names, span, rows: labels.iter().enumerate().rev().map(row).collect(), title }
}

/// The figures of a line as people read them.
fn texts(line: &Line, screen: &Screen) -> Vec<String> {
    let column = screen.columns.iter().copied().find(|column| column.name == line.name);
    line.values.iter().map(|text| column.map_or_else(|| number(text), |column| value_text(column, text))).collect()
}

/// "Impressions by day"; "Conversions by day" and "Events by day" for figures that are drawn together.
fn title(names: &[String], spans: &str) -> String {
    match names {
        [only] => format!("{only} by {spans}"),
        [_, _] => format!("Conversions by {spans}"),
        _ => format!("Events by {spans}"),
    }
}

/// The greatest figure of a line, and its time.
fn peak(line: &Line, name: &str, labels: &[String]) -> String {
    let value = |text: &String| TotalMicros::parse(text).map_or(0, |total| total.0);
    let most = line.values.iter().zip(labels).max_by_key(|(text, _)| value(text));
    match most {
        Some((text, label)) if value(text) > 0 => format!("{name}: {} at most, {label}", number(text)),
        _ => format!("{name}: none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::DEFINITIONS;

    fn text_of(report: &str, column: &str, text: &str) -> String {
        let definition = DEFINITIONS.iter().find(|definition| definition.report_type == report).unwrap();
        value_text(definition.column(column).unwrap(), text)
    }

    #[test]
    fn figures_get_commas_and_ids_do_not() {
        for (column, text, expected) in [
            ("imps", "1234567", "1,234,567"),
            ("ctr", "0.012345", "1.23%"),
            ("convs_rate", "1", "100.00%"),
            ("roas", "12.345678", "12.35"),
            ("roas", "20000000000000000000", "20,000,000,000,000,000,000.00"),
            ("total_revenue", "20000000000000.000001", "20,000,000,000,000.000001"),
            ("total_revenue", "-1234.5", "–1,234.50"),
            ("cpa", "", ""),
            ("cpa", "2.345678", "2.35"),
            ("line_item_id", "123456", "123456"),
            ("line_item_name", "1234567", "1234567"),
        ] {
            assert_eq!(text_of("advertiser_analytics", column, text), expected, "{column}");
        }
        assert_eq!(text_of("attributed_conversions", "user_id", "9007199254740993"), "9007199254740993");
        assert_eq!(text_of("segment_load", "uniques", "1204"), "1,204");
    }

    #[test]
    fn times_and_words_are_those_of_the_screens() {
        for (report, column, text, expected) in [
            ("pixel_outcomes", "day", "2026-10-01", "1 Oct 2026"),
            ("pixel_outcomes", "month", "2026-10", "Oct 2026"),
            ("pixel_outcomes", "hour", "2026-10-25 02:00+01:00", "25 Oct 2026 02:00+01:00"),
            ("attributed_conversions", "datetime", "2026-10-01 14:40:07", "1 Oct 2026 14:40:07"),
            ("attributed_conversions", "post_click_or_post_view_conv", "Post View", "View"),
            ("pixel_fired", "last_fired", "1900-01-01 00:00:00", "never"),
        ] {
            assert_eq!(text_of(report, column, text), expected, "{column}");
        }
    }

    #[test]
    fn an_hour_that_clocks_show_twice_has_two_labels() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let hour = |at: &str| Millis::parse(at).unwrap();
        let begins = [hour("2026-10-25 00:00:00"), hour("2026-10-25 01:00:00"), hour("2026-10-25 02:00:00")];
        assert_eq!(labels(Grain::Hour, &begins, &zone), ["02:00+02:00", "02:00+01:00", "03:00"]);
        assert_eq!(labels(Grain::Day, &begins[..1], &zone), ["25 Oct"]);
    }

    #[test]
    fn a_line_is_described_by_its_greatest_figure() {
        let labels = ["1 Oct".to_owned(), "2 Oct".to_owned()];
        let line = |values: [&str; 2]| Line { name: "imps", values: values.map(str::to_owned).to_vec() };
        assert_eq!(peak(&line(["5", "1200"]), "Views", &labels), "Views: 1,200 at most, 2 Oct");
        assert_eq!(peak(&line(["0", ""]), "Views", &labels), "Views: none");
        let largest = peak(&line(["20000000000000.5", "1"]), "Cost", &labels);
        assert_eq!(largest, "Cost: 20,000,000,000,000.5 at most, 1 Oct");
    }
}
