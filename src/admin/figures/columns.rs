//! The columns of a list with figures: those that every list has, those of its own, and the named sets of them.

use super::amount::{Amount, divide, ratio};
use crate::domain::TotalMicros;
use crate::store::Figures;

/// A column that shows a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Imps,
    Clicks,
    Ctr,
    PostClick,
    PostView,
    Conversions,
    Value,
    Payout,
    Cost,
    Cpc,
    Cpa,
    Roas,
}

impl Figure {
    /// In the order of columns: the word in addresses and files, the head, and the name in the picker.
    pub const ALL: [(Figure, &str, &str, &str); 12] = [
        (Figure::Imps, "imps", "Impressions", "Impressions"),
        (Figure::Clicks, "clicks", "Clicks", "Clicks"),
        (Figure::Ctr, "ctr", "CTR", "CTR"),
        (Figure::PostClick, "click_convs", "By click", "Conversions by click"),
        (Figure::PostView, "view_convs", "By view", "Conversions by view"),
        (Figure::Conversions, "convs", "Conversions", "Conversions"),
        (Figure::Value, "order_value", "Order value", "Order value"),
        (Figure::Payout, "payout", "Payout", "Payout"),
        (Figure::Cost, "cost", "Cost", "Cost"),
        (Figure::Cpc, "cpc", "CPC", "CPC"),
        (Figure::Cpa, "cpa", "CPA", "CPA"),
        (Figure::Roas, "roas", "ROAS", "ROAS"),
    ];

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, ..)| *known == word).map(|(figure, ..)| *figure)
    }

    pub fn word(self) -> &'static str {
        self.entry().1
    }

    /// The head. Conversions of one kind have a common head.
    pub fn head(self) -> &'static str {
        self.entry().2
    }

    /// The name where the column has no common head.
    pub fn name(self) -> &'static str {
        self.entry().3
    }

    fn entry(self) -> (Figure, &'static str, &'static str, &'static str) {
        Self::ALL.into_iter().find(|(figure, ..)| *figure == self).unwrap_or((self, "", "", ""))
    }

    /// What a row shows; none for nothing.
    pub fn of(self, row: &RowFigures) -> Option<Amount> {
        let of = &row.figures;
        let count = |count: u64| (count > 0).then_some(Amount::Count(count));
        let money = |amount: TotalMicros| (amount.0 != 0).then_some(Amount::Money(amount));
        let cost = (of.costs > 0).then_some(of.cost);
        let each = |count: u64| {
            cost.filter(|_| count > 0).map(|cost| Amount::Money(TotalMicros(divide(cost.0, count.into()))))
        };
        match self {
            Figure::Imps => count(of.imps),
            Figure::Clicks => count(of.clicks),
            Figure::Ctr => {
                let clicks = Some(row.clicks_after_imps).filter(|clicks| *clicks > 0)?;
                ratio(i128::from(clicks) * 100, of.imps.into()).map(Amount::Percent)
            }
            Figure::PostClick => count(of.post_click),
            Figure::PostView => count(of.post_view),
            Figure::Conversions => count(of.conversions()),
            Figure::Value => money(of.value),
            Figure::Payout => money(of.payout),
            Figure::Cost => cost.map(Amount::Money),
            Figure::Cpc => each(of.clicks),
            Figure::Cpa => each(of.conversions()),
            Figure::Roas => cost.and_then(|cost| ratio(row.paid_value.0, cost.0)).map(Amount::Ratio),
        }
    }
}

/// The figures of a row in one currency, or of all rows together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowFigures {
    pub figures: Figures,
    /// The clicks of rows that report impressions, too. Others have no CTR.
    pub clicks_after_imps: u64,
    /// The order value of line items that have a cost. Others have no ROAS.
    pub paid_value: TotalMicros,
}

impl RowFigures {
    pub fn of(figures: Figures, paid_value: TotalMicros) -> Self {
        RowFigures { figures, clicks_after_imps: if figures.imps > 0 { figures.clicks } else { 0 }, paid_value }
    }

    pub fn add(&mut self, other: &Self) {
        self.figures.add(&other.figures);
        self.clicks_after_imps += other.clicks_after_imps;
        self.paid_value += other.paid_value;
    }
}

/// A column that one list has of its own: the advertiser, the dates.
#[derive(Clone, Copy, Debug)]
pub struct FactColumn {
    /// The word in addresses and files.
    pub word: &'static str,
    pub label: &'static str,
    /// Whether it shows beside figures unless somebody chooses.
    pub is_shown: bool,
    pub is_number: bool,
}

impl FactColumn {
    pub const fn new(word: &'static str, label: &'static str) -> Self {
        FactColumn { word, label, is_shown: false, is_number: false }
    }

    #[must_use]
    pub const fn shown(mut self) -> Self {
        self.is_shown = true;
        self
    }

    #[must_use]
    pub const fn number(mut self) -> Self {
        self.is_number = true;
        self
    }
}

/// What a cell of such a column holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    pub text: String,
    /// The page that it leads to; empty for none.
    pub address: String,
    /// What the list sorts by, if it is not the text.
    pub rank: Option<i64>,
}

impl Fact {
    pub fn text(text: impl Into<String>) -> Self {
        Fact { text: text.into(), ..Fact::default() }
    }

    pub fn link(text: impl Into<String>, address: impl Into<String>) -> Self {
        Fact { text: text.into(), address: address.into(), rank: None }
    }

    #[must_use]
    pub fn ranked(mut self, rank: i64) -> Self {
        self.rank = Some(rank);
        self
    }
}

/// A column of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The list's own column at this place.
    Fact(usize),
    Figure(Figure),
}

/// Columns that have a name together.
pub struct ColumnSet {
    pub word: &'static str,
    pub label: &'static str,
    figures: &'static [Figure],
    /// Whether it has all columns of the list's own.
    all_facts: bool,
}

use Figure::{Clicks, Conversions, Cost, Cpa, Ctr, Imps, Payout, PostClick, PostView, Roas, Value};

pub static SETS: [ColumnSet; 3] = [
    ColumnSet {
        word: "media_buyer",
        label: "Media buyer",
        figures: &[Imps, Clicks, Ctr, PostClick, PostView, Value, Payout, Cost, Cpa, Roas],
        all_facts: false,
    },
    ColumnSet {
        word: "advertiser",
        label: "Advertiser",
        figures: &[Imps, Clicks, PostClick, PostView, Conversions, Value, Payout],
        all_facts: false,
    },
    ColumnSet { word: "details", label: "Details", figures: &[Conversions], all_facts: true },
];

impl ColumnSet {
    pub fn columns(&self, facts: &[FactColumn]) -> Vec<Shown> {
        let own = facts.iter().enumerate().filter(|(_, fact)| self.all_facts || fact.is_shown);
        own.map(|(place, _)| Shown::Fact(place)).chain(self.figures.iter().copied().map(Shown::Figure)).collect()
    }
}

/// The column with this word.
pub fn find(word: &str, facts: &[FactColumn]) -> Option<Shown> {
    let own = facts.iter().position(|fact| fact.word == word).map(Shown::Fact);
    own.or_else(|| Figure::parse(word).map(Shown::Figure))
}

impl Shown {
    pub fn word(self, facts: &[FactColumn]) -> &'static str {
        match self {
            Shown::Fact(place) => facts.get(place).map_or("", |fact| fact.word),
            Shown::Figure(figure) => figure.word(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(figures: Figures) -> String {
        let row = RowFigures::of(figures, figures.value);
        let text = |(figure, ..): &(Figure, &str, &str, &str)| figure.of(&row).map_or("–".to_owned(), Amount::text);
        Figure::ALL.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_dash_stands_for_nothing_and_for_what_has_no_divisor() {
        assert_eq!(shown(Figures::default()), "– – – – – – – – – – – –");
        let units = |units: i128| TotalMicros(units * 1_000_000);
        let full = Figures {
            imps: 1_284_302,
            clicks: 6_120,
            post_click: 214,
            post_view: 96,
            value: units(58_869),
            payout: units(5_580),
            cost: units(6_840),
            costs: 1,
            ..Figures::default()
        };
        assert_eq!(shown(full), "1,284,302 6,120 0.48% 214 96 310 58,869.00 5,580.00 6,840.00 1.12 22.06 8.61");
        assert_eq!(shown(Figures { cost: units(0), costs: 0, ..full }).split(' ').skip(8).collect::<String>(), "––––");
        let links = Figures { imps: 0, post_click: 0, post_view: 0, value: units(0), payout: units(0), ..full };
        assert_eq!(shown(links), "– 6,120 – – – – – – 6,840.00 1.12 – 0.00");
        let free = Figures { cost: units(0), ..full };
        assert!(shown(free).ends_with("0.00 0.00 0.00 –"), "{}", shown(free));
    }

    #[test]
    fn the_ctr_of_all_leaves_out_rows_without_impressions() {
        let row = |imps, clicks| RowFigures::of(Figures { imps, clicks, ..Figures::default() }, TotalMicros::default());
        let mut all = row(100, 2);
        all.add(&row(0, 50));
        assert_eq!(Figure::Ctr.of(&all).map(Amount::text).as_deref(), Some("2.00%"));
        assert_eq!(Figure::Clicks.of(&all).map(Amount::text).as_deref(), Some("52"));
    }

    #[test]
    fn each_column_has_a_word_of_its_own() {
        for (figure, word, ..) in Figure::ALL {
            assert_eq!((Figure::parse(word), figure.word()), (Some(figure), word));
        }
        let facts = [FactColumn::new("kind", "Type").shown(), FactColumn::new("owner", "Advertiser")];
        assert_eq!(
            (find("owner", &facts), find("cost", &facts), find("x", &facts)),
            (Some(Shown::Fact(1)), Some(Shown::Figure(Figure::Cost)), None)
        );
        assert_eq!(SETS[0].columns(&facts)[..2], [Shown::Fact(0), Shown::Figure(Figure::Imps)]);
        assert_eq!(SETS[2].columns(&facts), [Shown::Fact(0), Shown::Fact(1), Shown::Figure(Figure::Conversions)]);
    }
}
