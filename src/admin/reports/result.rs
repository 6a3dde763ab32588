//! A finished report as its page shows it: the table with its totals, remarks and the chart. Pure.

use super::definition::ReportFormData;
use super::drawing;
use super::drawing::ChartView;
use super::labels::{help, is_figure, label};
use super::value::value_text;
use crate::admin::text::format::plural;
use crate::admin::text::glossary::Named;
use crate::domain::Millis;
use crate::report::{Column, Drawing, Kind, MOST_SHOWN, Order, Screen};

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
    /// Whether a head before it has the help of the same term.
    pub again: bool,
}

pub struct Cell {
    pub text: String,
    pub number: bool,
    /// Whether the text stays on one line.
    pub short: bool,
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
            Drawing::Lines { grain, begins, lines } => (Some(drawing::draw((*grain, begins, lines), screen, now)), ""),
        };
        ReportView {
            count: plural(screen.count, data.labels.row),
            cut_note: if rows < screen.count {
                format!("The first {MOST_SHOWN} are shown. Files hold all.")
            } else {
                String::new()
            },
            heads: heads(&screen.columns, data, path),
            rows: screen.rows.iter().map(|row| cells(&screen.columns, row)).collect(),
            totals: screen.totals.iter().map(|row| totals(&screen.columns, row)).collect(),
            notes: screen.notes.iter().map(|note| remark(note)).collect(),
            chart,
            no_chart,
        }
    }
}

/// A remark of the report in the words of the pages.
fn remark(note: &str) -> String {
    const KNOWN: [(&str, &str); 6] = [
        (
            "sums are kept by quarter hour",
            "Figures are kept by quarter hour. Each quarter hour counts where it begins.",
        ),
        (
            "amounts of several currencies",
            "Amounts of several currencies are never added up. The column “Currency” tells the rows apart.",
        ),
        (
            "a figure per cost",
            "CPA and ROAS are empty where no cost is known, by pixel, and where the currencies differ.",
        ),
        (
            "media cost is of whole days: by hour",
            "Cost by day is left out by hour. Cost is what was sent with the ads.",
        ),
        ("media cost is of whole days: a day", "Cost by day counts where the day begins."),
        (
            "media cost belongs to no pixel",
            "Cost by day is left out: it belongs to no pixel and no source. Cost is what was sent with the ads.",
        ),
    ];
    let known = KNOWN.iter().find(|(start, _)| note.starts_with(start));
    known.map_or_else(|| crate::admin::shell::form::sentence(note), |(_, text)| (*text).to_owned())
}

fn heads(columns: &[&'static Column], data: &ReportFormData, path: &str) -> Vec<ColumnHead> {
    let mut named = Named::default();
    columns.iter().map(|column| head(column, data, path, named.again(&label(column.name)))).collect()
}

fn head(column: &Column, data: &ReportFormData, path: &str, again: bool) -> ColumnHead {
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
        again,
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
