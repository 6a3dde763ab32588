//! What a page of a list with figures shows, for `admin/figures/list.html`.

use std::collections::HashMap;

use askama::Template;

use super::choice::{Choices, Pick, all};
use super::columns::{Fact, Figure, RowFigures, SETS, Shown};
use super::list::MeasuredList;
use super::measured::Measured;
use super::table::{Block, Key, Line, NAME, Rest};
use crate::admin::lists::filters::Listing;
use crate::admin::lists::paging;
use crate::admin::lists::paging::{Column, Pager, Sort};
use crate::admin::scope::PageScope;
use crate::admin::shell::page::Page;
use crate::admin::text::format::{grouped, plural};
use crate::domain::{Currency, Status};

#[derive(Template)]
#[template(path = "admin/figures/list.html")]
pub struct View {
    page: Page,
    pub scope: PageScope,
    noun: &'static str,
    path: &'static str,
    lede: &'static str,
    /// The days in words.
    days: String,
    /// How many there are.
    count: String,
    /// Whether there is no such object at all.
    is_empty: bool,
    empty_title: &'static str,
    empty_text: &'static str,
    actions: Vec<Action>,
    listing: Listing,
    heads: Vec<Column>,
    /// Where two kinds of conversions share a head.
    over: Option<Over>,
    blocks: Vec<BlockView>,
    sets: Vec<Pick>,
    /// The set of columns.
    chosen: &'static str,
    boxes: Vec<Pick>,
    /// What the form of columns keeps of the address.
    kept: Vec<(String, String)>,
    sizes: Vec<Pick>,
    size: usize,
    csv: String,
    pager: Pager,
    /// The sentence below the table.
    all: String,
}

/// A button in the head of a list.
pub struct Action {
    pub label: String,
    pub address: String,
    pub is_primary: bool,
}

impl Action {
    pub fn new(label: impl Into<String>, address: impl Into<String>) -> Self {
        Action { label: label.into(), address: address.into(), is_primary: false }
    }

    /// The one that people want most.
    #[must_use]
    pub fn primary(mut self) -> Self {
        self.is_primary = true;
        self
    }
}

/// How many columns there are before a shared head without the name, and after it.
struct Over {
    before: usize,
    after: usize,
}

struct BlockView {
    /// The currency; empty if the list has no figures.
    currency: String,
    /// "9 line items".
    count: String,
    totals: Vec<CellView>,
    rows: Vec<RowView>,
    /// What the totals count besides the rows.
    rest: Vec<RestView>,
}

/// Figures of what the list does not have.
struct RestView {
    /// "3 deleted line items", "Without a campaign".
    name: String,
    cells: Vec<CellView>,
}

struct RowView {
    address: String,
    name: String,
    state: Status,
    cells: Vec<CellView>,
}

/// The class of a cell that shows nothing, not even a dash: totals have no such column.
const BLANK: &str = "blank";

struct CellView {
    /// Empty for a dash.
    text: String,
    address: String,
    class: &'static str,
}

impl View {
    /// The page, and the choices to remember.
    pub fn new<'a, E: Measured>(
        list: MeasuredList<'a, E>,
        facts: &HashMap<usize, Vec<Fact>>,
        actions: Vec<Action>,
    ) -> (Self, Choices<'a>) {
        let rows: usize = list.blocks.iter().map(|block| block.lines.len()).sum();
        let page = list.page();
        let shown: usize = page.iter().map(|(_, lines)| lines.len()).sum();
        let block =
            |(place, lines): &(usize, Vec<Line>)| Some(block_view(&list, list.blocks.get(*place)?, lines, facts));
        let blocks: Vec<BlockView> = page.iter().filter_map(block).collect();
        let (kind, objects) = (list.spec.kind, list.objects.len());
        let count = grouped(len(objects));
        let (heads, sets, boxes, csv) = (heads(&list), sets(&list), boxes(&list), csv_address(&list));
        let pager = Pager::sized(kind.path, list.query, (list.start, shown, rows), list.size);
        let all = all_of(&list, &pager, rows, shown);
        let sizes = list.choices.sizes(kind.path, list.size);
        let kept = list.choices.kept(&["columns", "column", "start", "format"]);
        let mut listing = list.request.listing(Vec::new(), objects, len(objects));
        listing.hidden_fields = list.choices.kept(&["search", "start", "format", "advertiser_id"]);
        listing.hidden_fields.retain(|(name, _)| listing.selects.iter().all(|select| select.name != name));
        let view = View {
            heads,
            over: over(&list.columns.shown),
            sets,
            chosen: list.columns.label,
            boxes,
            kept,
            sizes,
            size: list.size,
            csv,
            pager,
            all,
            page: list.session.page(kind.section, kind.plural).with_tab(format!("{} ({count})", kind.plural)),
            days: list.scope.days_in_words(),
            noun: kind.noun,
            path: kind.path,
            lede: list.spec.lede,
            count,
            is_empty: objects == 0
                && blocks.is_empty()
                && !listing.is_filtered
                && (list.scope.advertiser.is_none() || list.session.reader().scope().advertiser().is_some()),
            blocks,
            empty_title: list.spec.empty.0,
            empty_text: list.spec.empty.1,
            actions,
            listing,
            scope: list.scope,
        };
        (view, list.choices)
    }
}

fn len(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn block_view<E: Measured>(
    list: &MeasuredList<'_, E>,
    block: &Block,
    lines: &[Line],
    facts: &HashMap<usize, Vec<Fact>>,
) -> BlockView {
    let row = |line: &Line| {
        let object = list.objects.get(line.object)?;
        Some(RowView {
            address: list.spec.kind.address(object.id()),
            name: object.name().to_owned(),
            state: object.state(),
            cells: cells(list, &line.figures, facts.get(&line.object)),
        })
    };
    BlockView {
        currency: match block.currency {
            Some(Currency::NONE) => "No currency".to_owned(),
            Some(currency) => currency.to_string(),
            None => String::new(),
        },
        count: plural(len(block.lines.len()), list.spec.kind.noun),
        totals: cells(list, &block.totals, None),
        rows: lines.iter().filter_map(row).collect(),
        // They follow the last line of the block, on its page.
        rest: match block.lines.last() == lines.last() {
            true => block.rest.iter().map(|rest| rest_view(list, rest)).collect(),
            false => Vec::new(),
        },
    }
}

fn rest_view<E>(list: &MeasuredList<'_, E>, rest: &Rest) -> RestView {
    RestView { name: list.rest_name(rest), cells: cells(list, &rest.figures, None) }
}

/// The cells of a row; of totals without the list's own columns.
fn cells<E>(list: &MeasuredList<'_, E>, figures: &RowFigures, facts: Option<&Vec<Fact>>) -> Vec<CellView> {
    let cell = |column: &Shown| match column {
        Shown::Figure(figure) => {
            let amount = figure.of(figures);
            let is_low = *figure == Figure::Roas && amount.is_some_and(|amount| amount.rank() < 100);
            CellView {
                text: amount.map(super::amount::Amount::text).unwrap_or_default(),
                address: String::new(),
                class: if is_low { "n low" } else { "n" },
            }
        }
        Shown::Fact(place) => {
            let Some(facts) = facts else {
                return CellView { text: String::new(), address: String::new(), class: BLANK };
            };
            let fact = facts.get(*place).cloned().unwrap_or_default();
            let is_number = list.spec.facts.get(*place).is_some_and(|fact| fact.is_number);
            CellView { text: fact.text, address: fact.address, class: if is_number { "n" } else { "nowrap" } }
        }
    };
    list.columns.shown.iter().map(cell).collect()
}

fn heads<E>(list: &MeasuredList<'_, E>) -> Vec<Column> {
    let word = match list.key {
        Key::Name => NAME,
        Key::Fact(place) => Shown::Fact(place).word(list.spec.facts),
        Key::Figure(figure) => figure.word(),
    };
    let sort = Sort { key: word, descending: list.descending };
    let head = |word, label, number| sort.column(list.spec.kind.path, list.query, word, label, number);
    let both = over(&list.columns.shown).is_some();
    let column = |column: &Shown| match column {
        Shown::Fact(place) => {
            let fact = list.spec.facts.get(*place)?;
            Some(head(fact.word, fact.label, fact.is_number))
        }
        Shown::Figure(figure) => {
            let label = if both { figure.head() } else { figure.name() };
            Some(head(figure.word(), label, true))
        }
    };
    let name = head(NAME, list.spec.head, false);
    std::iter::once(name).chain(list.columns.shown.iter().filter_map(column)).collect()
}

/// Where both kinds of conversions show side by side.
fn over(shown: &[Shown]) -> Option<Over> {
    let place = shown.iter().position(|column| *column == Shown::Figure(Figure::PostClick))?;
    (shown.get(place + 1) == Some(&Shown::Figure(Figure::PostView)))
        .then(|| Over { before: place, after: shown.len() - place - 2 })
}

fn sets<E>(list: &MeasuredList<'_, E>) -> Vec<Pick> {
    let pick = |set: &super::columns::ColumnSet| Pick {
        label: set.label.to_owned(),
        value: paging::address(list.spec.kind.path, list.query, &[("columns", set.word), ("column", "")]),
        is_chosen: list.columns.set == set.word,
    };
    SETS.iter().map(pick).collect()
}

fn boxes<E>(list: &MeasuredList<'_, E>) -> Vec<Pick> {
    let facts = list.spec.facts;
    let pick = |column: Shown| Pick {
        label: match column {
            Shown::Fact(place) => facts.get(place).map_or("", |fact| fact.label).to_owned(),
            Shown::Figure(figure) => figure.name().to_owned(),
        },
        value: column.word(facts).to_owned(),
        is_chosen: list.columns.shown.contains(&column),
    };
    all(facts).into_iter().map(pick).collect()
}

/// The address of the file. It names the scope and the columns, so it gives the same to anybody.
fn csv_address<E>(list: &MeasuredList<'_, E>) -> String {
    let scope = list.scope.pairs();
    let mut change: Vec<(&str, &str)> = vec![("start", ""), ("size", ""), ("from", ""), ("to", ""), ("range", "")];
    change.retain(|(name, _)| scope.iter().all(|(own, _)| own != name));
    change.extend(scope.iter().map(|(name, value)| (*name, value.as_str())));
    change.push(("format", "csv"));
    if !list.columns.set.is_empty() {
        change.extend([("columns", list.columns.set), ("column", "")]);
    }
    paging::address(list.spec.kind.path, list.query, &change)
}

/// The sentences below the table: "All 14 line items." or the range of rows.
fn all_of<E>(list: &MeasuredList<'_, E>, pager: &Pager, rows: usize, shown: usize) -> String {
    let which = match len(list.objects.len()) {
        _ if shown < rows => format!("{} rows", pager.words),
        count if count < 2 => pager.words.clone(),
        count => format!("All {}", plural(count, list.spec.kind.noun)),
    };
    format!("{which}. Amounts are never converted or added up across currencies.")
}
