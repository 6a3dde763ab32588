//! A report that was run, as its page shows it: the table, what it adds up to, the drawing with its text. Text for
//! people; nothing here runs anything.

use jiff::tz::TimeZone;

use super::super::wording::{and, number, plural};
use super::typed::Typed;
use super::words::{is_figure, label};
use crate::domain::{Millis, TotalMicros};
use crate::report::{Column, Drawing, Kind, Line, MOST_SHOWN, Origin, Screen};
use crate::store::Grain;
use crate::web::chart::{self, Chart, Series};

/// A report on its page.
pub struct Shown {
    /// "1,204 rows".
    pub count: String,
    /// "The first 200 are shown; the files hold them all."; empty where all are shown.
    pub cut: String,
    pub heads: Vec<Head>,
    pub rows: Vec<Vec<Cell>>,
    pub totals: Vec<Vec<Cell>>,
    pub notes: Vec<String>,
    pub drawing: Option<Drawn>,
    /// Why there is no drawing; empty if nobody would expect one.
    pub no_drawing: &'static str,
}

/// A column's head.
pub struct Head {
    pub label: String,
    /// What it means.
    pub about: &'static str,
    /// Where a click on it leads.
    pub address: String,
    /// `ascending`, `descending`, or empty.
    pub sorted: &'static str,
    pub number: bool,
}

/// A cell.
pub struct Cell {
    pub text: String,
    pub label: String,
    pub number: bool,
    /// Whether it stays on one line: all but names and what came from outside.
    pub short: bool,
}

/// The drawing, and the table behind it.
pub struct Drawn {
    pub title: String,
    /// SVG, safe to put into a page.
    pub svg: String,
    /// Class and label of each line.
    pub legend: Vec<(&'static str, String)>,
    pub span: &'static str,
    /// When, and a figure for each line; the latest first.
    pub rows: Vec<(String, Vec<String>)>,
}

impl Shown {
    /// Words a report; `path` is the page's.
    pub fn of(screen: &Screen, typed: &Typed, path: &str) -> Self {
        let shown = u64::try_from(screen.rows.len()).unwrap_or(u64::MAX);
        let (drawing, no_drawing) = match &screen.drawing {
            Drawing::None => (None, ""),
            Drawing::Mixed => {
                (None, "Amounts of several currencies share no scale. Choose one currency to see them drawn.")
            }
            Drawing::Lines { grain, begins, lines } => {
                (Some(draw(*grain, &labels(*grain, begins, &screen.zone), lines, screen)), "")
            }
        };
        Shown {
            count: plural(screen.count, typed.words.row),
            cut: if shown < screen.count {
                format!("The first {MOST_SHOWN} are shown; the files hold them all.")
            } else {
                String::new()
            },
            heads: screen.columns.iter().map(|column| head(column, typed, path)).collect(),
            rows: screen.rows.iter().map(|row| cells(&screen.columns, row)).collect(),
            totals: screen.totals.iter().map(|row| totals(&screen.columns, row)).collect(),
            notes: screen.notes.iter().map(|note| super::super::form::sentence(note)).collect(),
            drawing,
            no_drawing,
        }
    }
}

fn head(column: &Column, typed: &Typed, path: &str) -> Head {
    let number = is_figure(column);
    let sorted = typed.sort.as_ref().filter(|(name, _)| name == column.name).map(|(_, descending)| *descending);
    let mut again = typed.clone();
    again.sort = Some((column.name.to_owned(), sorted.map_or(number, |descending| !descending)));
    Head {
        label: label(column.name),
        about: column.about,
        address: format!("{path}?{}", again.query()),
        sorted: match sorted {
            None => "",
            Some(true) => "descending",
            Some(false) => "ascending",
        },
        number,
    }
}

fn cells(columns: &[&'static Column], row: &[String]) -> Vec<Cell> {
    let cell = |(column, text): (&&'static Column, &String)| Cell {
        text: said(column, text),
        label: label(column.name),
        number: is_figure(column),
        short: column.kind != Kind::Text || (!text.contains(' ') && text.len() <= 40),
    };
    columns.iter().zip(row).map(cell).collect()
}

/// A row of sums begins with the word, where nothing else stands there.
fn totals(columns: &[&'static Column], row: &[String]) -> Vec<Cell> {
    let mut cells = cells(columns, row);
    if let Some(first) = cells.first_mut() {
        first.text = if first.text.is_empty() { "In all".to_owned() } else { format!("In all: {}", first.text) };
    }
    cells
}

/// A value of a file as people read it.
fn said(column: &Column, text: &str) -> String {
    let micros = || TotalMicros::parse(text.strip_prefix('-').unwrap_or(text)).ok();
    let sign = if text.starts_with('-') { "-" } else { "" };
    match (column.kind, column.from) {
        _ if text.is_empty() => String::new(),
        (Kind::Int, _) if is_figure(column) => number(text),
        (Kind::Ratio | Kind::Amount, Origin::Ratio(over, _)) if over.iter().any(|measure| measure.money) => {
            micros().map_or_else(|| text.to_owned(), |m| format!("{sign}{}", hundredths(m.0)))
        }
        (Kind::Amount, _) => micros().map_or_else(|| text.to_owned(), |m| format!("{sign}{}", number(&m.to_money()))),
        // A share of one count in another.
        (Kind::Ratio, _) => micros().map_or_else(|| text.to_owned(), |m| format!("{sign}{} %", hundredths(m.0 * 100))),
        _ => text.to_owned(),
    }
}

/// Millionths with two decimals, rounded half up.
fn hundredths(micros: i128) -> String {
    let hundredths = (micros + 5_000) / 10_000;
    number(&format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// When each point begins; hours of one day by the clock alone.
fn labels(grain: Grain, begins: &[Millis], zone: &TimeZone) -> Vec<String> {
    let begins: Vec<jiff::Zoned> = begins.iter().map(|at| at.timestamp().to_zoned(zone.clone())).collect();
    let one_day = begins.windows(2).all(|pair| matches!(pair, [one, other] if one.date() == other.date()));
    let form = match grain {
        Grain::Hour if one_day => "%H:%M",
        Grain::Hour => "%-d %b %H:%M",
        Grain::Day => "%-d %b",
        Grain::Month => "%b %Y",
    };
    begins.iter().map(|begin| begin.strftime(form).to_string()).collect()
}

/// The colour of a figure.
fn class(name: &str) -> &'static str {
    match name {
        "post_click" | "post_click_convs" | "post_click_revenue" => "post-click",
        "post_view" | "post_view_convs" | "post_view_revenue" => "post-view",
        "unattributed" => "unattributed",
        "not_counted" => "not-counted",
        _ => "loads",
    }
}

/// More spans than this are drawn as a line.
const MOST_BARS: usize = 62;

fn draw(grain: Grain, labels: &[String], lines: &[Line], screen: &Screen) -> Drawn {
    let (span, spans) = match grain {
        Grain::Hour => ("Hour", "hour"),
        Grain::Day => ("Day", "day"),
        Grain::Month => ("Month", "month"),
    };
    let names: Vec<String> = lines.iter().map(|line| label(line.name)).collect();
    let parts: Vec<String> = match names.as_slice() {
        [first, rest @ ..] => [first.clone()].into_iter().chain(rest.iter().map(|name| name.to_lowercase())).collect(),
        [] => Vec::new(),
    };
    let title = format!("{} by {spans}", and(&parts));
    let values: Vec<Vec<f64>> =
        lines.iter().map(|line| line.values.iter().map(|text| text.parse().unwrap_or(0.0)).collect()).collect();
    let texts: Vec<Vec<String>> = lines.iter().map(|line| texts(line, screen)).collect();
    let series = lines.iter().zip(&names).zip(values.iter().zip(&texts));
    let series: Vec<Series<'_>> =
        series.map(|((line, name), (values, texts))| Series { class: class(line.name), name, values, texts }).collect();
    let count = plural(u64::try_from(labels.len()).unwrap_or(0), spans);
    let told: Vec<String> = lines.iter().zip(&names).map(|(line, name)| told(line, name, labels)).collect();
    let desc = format!("{count}. {}.", told.join("; "));
    let chart = Chart { id: "by-time", title: &title, desc: &desc, labels, series: &series };
    let svg =
        if labels.len() > MOST_BARS && lines.len() == 1 { chart::lines(&chart) } else { chart::stacked_bars(&chart) };
    let text = |texts: &Vec<String>, at: usize| texts.get(at).cloned().unwrap_or_default();
    let row = |(at, label): (usize, &String)| (label.clone(), texts.iter().map(|texts| text(texts, at)).collect());
    Drawn {
        svg,
        legend: lines.iter().map(|line| class(line.name)).zip(names).collect(),
        span,
        rows: labels.iter().enumerate().rev().map(row).collect(),
        title,
    }
}

/// The figures of a line as people read them.
fn texts(line: &Line, screen: &Screen) -> Vec<String> {
    let column = screen.columns.iter().copied().find(|column| column.name == line.name);
    line.values.iter().map(|text| column.map_or_else(|| number(text), |column| said(column, text))).collect()
}

/// A line in words: its greatest figure, and when that was.
fn told(line: &Line, name: &str, labels: &[String]) -> String {
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

    fn in_words(report: &str, column: &str, text: &str) -> String {
        let definition = DEFINITIONS.iter().find(|definition| definition.report_type == report).unwrap();
        said(definition.column(column).unwrap(), text)
    }

    #[test]
    fn figures_are_said_as_people_read_them_and_ids_as_they_are() {
        for (column, text, expected) in [
            ("imps", "1234567", "1,234,567"),
            ("ctr", "0.012345", "1.23 %"),
            ("convs_rate", "1", "100.00 %"),
            ("roas", "12.345678", "12.35"),
            ("roas", "20000000000000000000", "20,000,000,000,000,000,000.00"),
            ("total_revenue", "20000000000000.000001", "20,000,000,000,000.000001"),
            ("total_revenue", "-1234.5", "-1,234.50"),
            ("cpa", "", ""),
            ("cpa", "2.345678", "2.35"),
            ("line_item_id", "123456", "123456"),
            ("line_item_name", "1234567", "1234567"),
        ] {
            assert_eq!(in_words("advertiser_analytics", column, text), expected, "{column}");
        }
        assert_eq!(in_words("attributed_conversions", "user_id", "9007199254740993"), "9007199254740993");
        assert_eq!(in_words("segment_load", "uniques", "1204"), "1,204");
    }

    #[test]
    fn a_line_is_told_by_its_greatest_figure() {
        let labels = ["1 Oct".to_owned(), "2 Oct".to_owned()];
        let line = |values: [&str; 2]| Line { name: "imps", values: values.map(str::to_owned).to_vec() };
        assert_eq!(told(&line(["5", "1200"]), "Views", &labels), "Views: 1,200 at most, 2 Oct");
        assert_eq!(told(&line(["0", ""]), "Views", &labels), "Views: none");
        let largest = told(&line(["20000000000000.5", "1"]), "Cost", &labels);
        assert_eq!(largest, "Cost: 20,000,000,000,000.5 at most, 1 Oct");
    }
}
