//! A row of a table of cost: its day, campaign, account, amount and currency, or the rule that it breaks.

use jiff::civil::Date;

use super::vocabulary::{ACCOUNT, AMOUNT, CLICKS, COSTS, CURRENCY, DAY, LAST_DAY, NAME, VIEWS};
use crate::domain::{Currency, Micros};
use crate::tables::columns::Mapping;
use crate::tables::columns::names::currency_in;
use crate::tables::rows::{Cell, Problem};
use crate::tables::text::{Layout, Record};

/// What a row's cost is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    pub day: Date,
    /// The campaign or ad set as the file calls it.
    pub name: String,
    /// Empty if the file names none.
    pub account: String,
    pub currency: Currency,
}

/// What to do with a cost below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NegativeCost {
    /// The user was not asked yet.
    Ask,
    Take,
    LeaveOut,
}

/// What a table does not say itself.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The last day that is no day of the future.
    pub today: Date,
    /// The currency of rows that name none.
    pub currency: Option<Currency>,
    pub negative: NegativeCost,
}

/// The mapped columns, with what their names say.
pub struct Columns<'a> {
    layout: &'a Layout,
    mapping: &'a Mapping,
    currency: Option<Currency>,
}

impl<'a> Columns<'a> {
    pub fn of(layout: &'a Layout, mapping: &'a Mapping) -> Self {
        let columns = Columns { layout, mapping, currency: None };
        let currency = currency_in(columns.name(AMOUNT));
        Columns { currency, ..columns }
    }

    pub fn column(&self, key: &str) -> Option<usize> {
        COSTS.place(key).and_then(|place| self.mapping.column(place))
    }

    pub fn name(&self, key: &str) -> &'a str {
        self.column(key).and_then(|column| self.layout.header.get(column)).map_or("", String::as_str)
    }

    /// The column's name and what the row has there.
    pub fn quote<'r>(&self, key: &str, record: &'r Record) -> (&'a str, &'r str) {
        (self.name(key), self.column(key).map_or("", |column| record.cell(column)))
    }
}

/// A row with its cells in the order of the vocabulary.
pub struct RowCells<'a> {
    pub columns: &'a Columns<'a>,
    pub record: &'a Record,
    pub cells: &'a [Cell],
}

/// A row that says what was spent.
pub struct CostRow {
    pub origin: Origin,
    pub amount: Micros,
    pub views: Option<u64>,
    pub clicks: Option<u64>,
    /// Whether the currency is the one that the user named for the file.
    pub is_currency_asked: bool,
}

/// Why a row says nothing.
pub enum Fault {
    Rule(Problem),
    /// Neither the row nor the user names its currency.
    NoCurrency,
    LongerThanADay(Problem),
    /// Its cost is empty.
    Empty,
    /// It sums up the others.
    Summary(String),
}

impl CostRow {
    pub fn read(row: &RowCells<'_>, terms: &Terms) -> Result<Self, Fault> {
        if row.is_summary() {
            return Err(Fault::Summary("a row without day and campaign".to_owned()));
        }
        let day = row.day(terms.today)?;
        let name = row.text(NAME)?;
        if name.is_empty() {
            return Err(row.fault(NAME, "is empty"));
        }
        let account = row.text(ACCOUNT)?;
        let (amount, beside) = row.amount()?;
        let known = row.currency(beside)?;
        let Some(currency) = known.or(terms.currency) else {
            return Err(Fault::NoCurrency);
        };
        let (views, clicks) = (row.count(VIEWS)?, row.count(CLICKS)?);
        let origin = Origin { day, name, account, currency };
        Ok(CostRow { origin, amount, views, clicks, is_currency_asked: known.is_none() })
    }
}

impl RowCells<'_> {
    fn cell(&self, key: &str) -> &Cell {
        COSTS.place(key).and_then(|place| self.cells.get(place)).unwrap_or(&Cell::None)
    }

    fn problem(&self, key: &str, rule: &str) -> Problem {
        let (column, value) = self.columns.quote(key, self.record);
        Problem::new(self.record.line, column, value, rule)
    }

    fn fault(&self, key: &str, rule: &str) -> Fault {
        Fault::Rule(self.problem(key, rule))
    }

    /// Meta's summary names no campaign, and no day or the first and last of all.
    fn is_summary(&self) -> bool {
        let has_no_day = *self.cell(DAY) == Cell::None || *self.cell(LAST_DAY) != Cell::None;
        *self.cell(NAME) == Cell::None && has_no_day && *self.cell(AMOUNT) != Cell::None
    }

    fn day(&self, today: Date) -> Result<Date, Fault> {
        let day = match self.cell(DAY) {
            Cell::Day(written) => written.day,
            Cell::Bad(why) => return Err(self.fault(DAY, why)),
            _ => return Err(self.fault(DAY, "is empty")),
        };
        match self.cell(LAST_DAY) {
            Cell::Day(last) if last.day != day => {
                Err(Fault::LongerThanADay(self.problem(LAST_DAY, &format!("is another day than {day}"))))
            }
            Cell::Bad(why) => Err(self.fault(LAST_DAY, why)),
            _ if day > today => Err(self.fault(DAY, "is a day of the future")),
            _ => Ok(day),
        }
    }

    fn text(&self, key: &str) -> Result<String, Fault> {
        match self.cell(key) {
            Cell::Text(text) => Ok(text.clone()),
            Cell::Bad(why) => Err(self.fault(key, why)),
            Cell::None | Cell::Day(_) | Cell::Number(_) | Cell::Count(_) | Cell::Currency(_) => Ok(String::new()),
        }
    }

    fn count(&self, key: &str) -> Result<Option<u64>, Fault> {
        match self.cell(key) {
            Cell::Count(count) => Ok(Some(*count)),
            Cell::Bad(why) => Err(self.fault(key, why)),
            _ => Ok(None),
        }
    }

    /// The amount, and the currency in its cell.
    fn amount(&self) -> Result<(Micros, Option<Currency>), Fault> {
        match self.cell(AMOUNT) {
            Cell::Number(number) if number.is_percentage => Err(self.fault(AMOUNT, "is a percentage, no amount")),
            Cell::Number(number) => Ok((number.amount, number.currency)),
            Cell::Bad(why) => Err(self.fault(AMOUNT, why)),
            _ => Err(Fault::Empty),
        }
    }

    /// The currency that the row names, in a column of its own, beside the amount, or in the amount's header.
    fn currency(&self, beside: Option<Currency>) -> Result<Option<Currency>, Fault> {
        let own = match self.cell(CURRENCY) {
            Cell::Currency(currency) => Some(*currency),
            Cell::Bad(why) => return Err(self.fault(CURRENCY, why)),
            _ => None,
        };
        let at_amount = beside.or(self.columns.currency);
        match (own, at_amount) {
            (Some(own), Some(other)) if own != other => {
                Err(self.fault(CURRENCY, &format!("is another currency than the {other} of the amount")))
            }
            _ => Ok(own.or(at_amount)),
        }
    }
}
