//! The rows of a list with figures: in blocks by currency, each with the totals of all its rows, in any order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::columns::{Fact, Figure, RowFigures};
use super::sums::ByCurrency;
use crate::domain::Currency;

/// The figures of one object in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The object's place in the list of objects.
    pub object: usize,
    pub figures: RowFigures,
}

/// The rows of one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// None where the list has no figures at all.
    pub currency: Option<Currency>,
    pub totals: RowFigures,
    pub lines: Vec<Line>,
    /// The figures that belong to no object of the list.
    pub rest: Vec<Rest>,
}

/// Figures of a block that belong to no object of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How many objects they belong to. The list leaves these out, or they were deleted. 0 for figures without an object.
    pub objects: u64,
    pub figures: RowFigures,
}

/// The word of [`Key::Name`] in addresses.
pub const NAME: &str = "name";

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Name,
    /// The list's own column at this place.
    Fact(usize),
    Figure(Figure),
}

/// An object of the list: its id, and the currency that its row has without figures.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub id: i64,
    pub home: Option<Currency>,
}

/// Makes the blocks, the longest first. Lines are in the order of the objects. What belongs to none of these objects counts
/// only in a list that is whole.
pub fn blocks(objects: &[Place], mut figures: BTreeMap<i64, ByCurrency>, is_whole: bool) -> Vec<Block> {
    let mut by_currency: HashMap<Option<Currency>, Vec<Line>> = HashMap::new();
    let mut homeless = Vec::new();
    for (object, place) in objects.iter().enumerate() {
        let of = figures.remove(&place.id).unwrap_or_default();
        for (currency, figures) in &of {
            let line = Line { object, figures: *figures };
            by_currency.entry(Some(*currency)).or_default().push(line);
        }
        if of.is_empty() {
            let line = Line { object, figures: RowFigures::default() };
            match place.home {
                Some(home) => by_currency.entry(Some(home)).or_default().push(line),
                None => homeless.push(line),
            }
        }
    }
    let mut rest = if is_whole { rest(figures) } else { BTreeMap::new() };
    rest.keys().for_each(|currency| {
        by_currency.entry(Some(*currency)).or_default();
    });
    let mut block = |(currency, lines): (Option<Currency>, Vec<Line>)| {
        let rest = currency.and_then(|currency| rest.remove(&currency)).unwrap_or_default();
        let mut totals = RowFigures::default();
        lines.iter().for_each(|line| totals.add(&line.figures));
        rest.iter().for_each(|rest| totals.add(&rest.figures));
        Block { currency, totals, lines, rest }
    };
    let mut blocks: Vec<Block> = by_currency.into_iter().map(&mut block).collect();
    blocks.sort_by(|a, b| b.lines.len().cmp(&a.lines.len()).then_with(|| code(a).cmp(code(b))));
    match blocks.first_mut() {
        None if !homeless.is_empty() => blocks.push(block((None, homeless))),
        None => {}
        Some(first) => {
            first.lines.extend(homeless);
            first.lines.sort_by_key(|line| line.object);
        }
    }
    blocks
}

/// By currency: what belongs to no object, then what belongs to all others together.
fn rest(figures: BTreeMap<i64, ByCurrency>) -> BTreeMap<Currency, Vec<Rest>> {
    let mut rest: BTreeMap<Currency, Vec<Rest>> = BTreeMap::new();
    for (id, of) in figures {
        let objects = u64::from(id != 0);
        for (currency, figures) in of {
            let rest = rest.entry(currency).or_default();
            match rest.last_mut().filter(|last| last.objects > 0 && objects > 0) {
                Some(last) => {
                    last.objects += 1;
                    last.figures.add(&figures);
                }
                None => rest.push(Rest { objects, figures }),
            }
        }
    }
    rest
}

fn code(block: &Block) -> &str {
    block.currency.as_ref().map_or("", Currency::as_str)
}

/// Sorts within the blocks. Rows with nothing to sort by come last, either way. The objects are in the order of their
/// names, which is kept among equals.
pub fn sort(blocks: &mut [Block], key: Key, descending: bool, facts: &HashMap<usize, Vec<Fact>>) {
    for block in blocks {
        match key {
            Key::Name if descending => block.lines.sort_by_key(|line| std::cmp::Reverse(line.object)),
            Key::Name => {}
            Key::Figure(figure) => {
                let rank = |line: &Line| figure.of(&line.figures).map(super::amount::Amount::rank);
                block.lines.sort_by(|a, b| compare(rank(a), rank(b), descending));
            }
            Key::Fact(place) => {
                let fact = |line: &Line| facts.get(&line.object).and_then(|facts| facts.get(place));
                let rank = |line: &Line| {
                    fact(line).filter(|fact| !fact.text.is_empty()).map(|fact| (fact.rank, fact.text.to_lowercase()))
                };
                block.lines.sort_by_cached_key(|line| line.object);
                block.lines.sort_by(|a, b| compare(rank(a), rank(b), descending));
            }
        }
    }
}

fn compare<T: Ord>(a: Option<T>, b: Option<T>, descending: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if descending => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// The order unless somebody chooses one: by cost, else by conversions, else by clicks, else by name.
pub fn usual_key(blocks: &[Block]) -> Key {
    let has = |figure: &Figure| blocks.iter().any(|block| figure.of(&block.totals).is_some());
    [Figure::Cost, Figure::Conversions, Figure::Clicks].into_iter().find(has).map_or(Key::Name, Key::Figure)
}

/// The rows of a page: of each block that reaches into it, its place and lines. A block without lines is on the last page.
pub fn page(blocks: &[Block], start: usize, size: usize) -> Vec<(usize, Vec<Line>)> {
    let (mut skip, mut left) = (start, size);
    let mut page = Vec::new();
    let rows: usize = blocks.iter().map(|block| block.lines.len()).sum();
    let is_last = start.saturating_add(size) >= rows;
    for (place, block) in blocks.iter().enumerate() {
        let lines: Vec<Line> = block.lines.iter().skip(skip).take(left).copied().collect();
        skip = skip.saturating_sub(block.lines.len());
        left -= lines.len();
        if !lines.is_empty() || (is_last && block.lines.is_empty()) {
            page.push((place, lines));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TotalMicros;
    use crate::store::Figures;

    fn eur() -> Currency {
        Currency::parse("EUR").unwrap()
    }

    fn clicks(clicks: u64, cost: Option<i128>) -> RowFigures {
        let costs = u64::from(cost.is_some());
        let figures = Figures { clicks, cost: TotalMicros(cost.unwrap_or(0)), costs, ..Figures::default() };
        RowFigures::of(figures, TotalMicros::default())
    }

    fn some() -> Vec<Block> {
        some_of(false)
    }

    /// Objects 1 to 5: in euro, in dollars, in both, and two without figures.
    fn some_of(is_whole: bool) -> Vec<Block> {
        let places = [(1, Some(eur())), (2, None), (3, None), (4, None), (5, Some(Currency::USD))];
        let places: Vec<_> = places.into_iter().map(|(id, home)| Place { id, home }).collect();
        let figures = BTreeMap::from([
            (1, ByCurrency::from([(eur(), clicks(5, None))])),
            (2, ByCurrency::from([(Currency::USD, clicks(7, Some(3)))])),
            (3, ByCurrency::from([(eur(), clicks(9, None)), (Currency::USD, clicks(1, Some(8)))])),
            (0, ByCurrency::from([(eur(), clicks(300, None))])),
            (98, ByCurrency::from([(eur(), clicks(20, None)), (Currency::NONE, clicks(3, None))])),
            (99, ByCurrency::from([(eur(), clicks(1_000, None))])),
        ]);
        blocks(&places, figures, is_whole)
    }

    fn shown(blocks: &[Block]) -> String {
        let block = |block: &Block| {
            let lines: Vec<_> = block.lines.iter().map(|line| (line.object + 1).to_string()).collect();
            format!("{} {}: {}", code(block), block.totals.figures.clicks, lines.join(" "))
        };
        blocks.iter().map(block).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn each_currency_is_a_block_with_the_totals_of_its_rows() {
        assert_eq!(shown(&some()), "USD 8: 2 3 4 5; EUR 14: 1 3");
        assert_eq!(shown(&blocks(&[Place { id: 1, home: None }], BTreeMap::new(), true)), " 0: 1");
        assert_eq!(blocks(&[], BTreeMap::new(), true), []);
    }

    #[test]
    fn a_whole_list_counts_what_belongs_to_none_of_its_objects() {
        let blocks = some_of(true);
        assert_eq!(shown(&blocks), format!("USD 8: 2 3 4 5; EUR 1334: 1 3; {} 3: ", Currency::NONE));
        let rest = |place: usize| {
            let rest = blocks[place].rest.iter().map(|rest| (rest.objects, rest.figures.figures.clicks));
            rest.collect::<Vec<_>>()
        };
        assert_eq!((rest(0), rest(1), rest(2)), (vec![], vec![(0, 300), (2, 1_020)], vec![(1, 3)]));
        let pages = |start| page(&blocks, start, 5).iter().map(|(place, _)| *place).collect::<Vec<_>>();
        assert_eq!((pages(0), pages(5)), (vec![0, 1], vec![1, 2]));
    }

    #[test]
    fn rows_without_a_figure_come_last_either_way() {
        let none = HashMap::new();
        for (key, descending, order) in [
            (Key::Name, false, "USD 8: 2 3 4 5; EUR 14: 1 3"),
            (Key::Name, true, "USD 8: 5 4 3 2; EUR 14: 3 1"),
            (Key::Figure(Figure::Clicks), true, "USD 8: 2 3 4 5; EUR 14: 3 1"),
            (Key::Figure(Figure::Clicks), false, "USD 8: 3 2 4 5; EUR 14: 1 3"),
            (Key::Figure(Figure::Cost), true, "USD 8: 3 2 4 5; EUR 14: 1 3"),
        ] {
            let mut blocks = some();
            sort(&mut blocks, key, descending, &none);
            assert_eq!(shown(&blocks), order, "{key:?} {descending}");
        }
        let facts = HashMap::from([(1, vec![Fact::text("b")]), (2, vec![Fact::text("A")]), (3, vec![Fact::text("")])]);
        let mut blocks = some();
        sort(&mut blocks, Key::Fact(0), true, &facts);
        assert_eq!(shown(&blocks), "USD 8: 2 3 4 5; EUR 14: 3 1");
    }

    #[test]
    fn the_usual_order_is_by_what_is_known() {
        assert_eq!(usual_key(&some()), Key::Figure(Figure::Cost));
        assert_eq!(usual_key(&some()[1..]), Key::Figure(Figure::Clicks));
        assert_eq!(usual_key(&[]), Key::Name);
    }

    #[test]
    fn a_page_goes_on_in_the_next_block() {
        let blocks = some();
        let objects = |start, size| {
            let page = page(&blocks, start, size);
            page.iter().map(|(place, lines)| format!("{place}:{}", lines.len())).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            (objects(0, 3), objects(3, 3), objects(5, 3), objects(6, 3)),
            ("0:3".into(), "0:1 1:2".into(), "1:1".into(), String::new())
        );
    }
}
