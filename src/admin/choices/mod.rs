//! The options of selects and filters: the objects that a user sees, by name.

pub mod zone;

use std::collections::{HashMap, HashSet};

use crate::domain::{Advertiser, Reader};
use crate::store::{Entity, ListQuery, Scalar, Store, StoreError, Test};

/// The most options of one select. A longer list is cut, and its last option says so.
const MOST: u32 = 5_000;

/// The most options of a select that a form has in each of its rows.
pub const MOST_IN_ROWS: usize = 1_000;

/// The last option of a select that leaves some out.
pub const MORE: &str = "Only the first 5,000 are listed; for others start at their own page";

/// One option of a select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value that the form sends.
    pub id: String,
    /// The text on the page.
    pub name: String,
    pub chosen: bool,
    /// Whether the option is a note that users cannot choose.
    pub disabled: bool,
    /// The group that begins with this option: the advertiser that owns it and those after it.
    pub begins: Option<String>,
    /// Whether a group ends with it.
    pub ends: bool,
}

/// Loads up to `MOST + 1` objects by name (the extra one shows that the list is cut), plus those with these ids.
pub async fn all<E: Entity>(store: &Store, by: &Reader, ids: &[i64]) -> Result<Vec<E>, StoreError> {
    all_with::<E>(store, by, ListQuery::default(), ids).await
}

/// Loads every object that passes a query's filters, however many there are.
pub async fn every<E: Entity>(store: &Store, by: &Reader, query: ListQuery) -> Result<Vec<E>, StoreError> {
    let mut every: Vec<E> = Vec::new();
    loop {
        let start_element = u32::try_from(every.len()).map_err(StoreError::fault)?;
        let page = store.list::<E>(by, ListQuery { start_element, num_elements: MOST, ..query.clone() }).await?;
        let ended = page.items.is_empty();
        every.extend(page.items);
        if ended || u64::try_from(every.len()).is_ok_and(|read| read >= page.count) {
            return Ok(every);
        }
    }
}

/// Loads up to `MOST + 1` objects that pass a query's filters, by name.
pub async fn all_that<E: Entity>(store: &Store, by: &Reader, query: ListQuery) -> Result<Vec<E>, StoreError> {
    let by_name = E::FIELDS.iter().find(|field| field.name == E::NAME).map(|field| (field, false));
    let query = ListQuery { sort: by_name.into_iter().collect(), start_element: 0, num_elements: MOST + 1, ..query };
    Ok(store.list::<E>(by, query).await?.items)
}

/// Loads up to `MOST + 1` objects that pass a query's filters, plus those with these ids. A form must offer what an
/// object names already, however many others there are.
pub async fn all_with<E: Entity>(
    store: &Store,
    by: &Reader,
    query: ListQuery,
    ids: &[i64],
) -> Result<Vec<E>, StoreError> {
    let mut all = all_that::<E>(store, by, query.clone()).await?;
    let loaded: HashSet<i64> = all.iter().map(E::id).collect();
    let missing: HashSet<_> = ids.iter().filter(|id| !loaded.contains(id)).collect();
    if !missing.is_empty() {
        let missing = Test::In(missing.into_iter().map(|id| Scalar::Int(*id)).collect());
        all.extend(all_that::<E>(store, by, query.with::<E>("id", missing)).await?);
    }
    Ok(all)
}

/// The options of a select: up to `MOST`, always with the chosen one. The last says so if some are missing.
pub fn options<T>(objects: &[T], chosen: &str, word: impl Fn(&T) -> (i64, String)) -> Vec<Choice> {
    let option = |object| {
        let (id, name) = word(object);
        let id = id.to_string();
        let chosen = id == chosen;
        choice(id, name, chosen)
    };
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let mut options: Vec<Choice> = objects.iter().map(option).collect();
    tell_apart(&mut options);
    if options.len() > most {
        let rest = options.split_off(most);
        options.extend(rest.into_iter().filter(|choice| choice.chosen));
        options.push(Choice { disabled: true, ..choice(String::new(), MORE.to_owned(), false) });
    }
    options
}

/// The same in groups by advertiser, if there are several.
pub async fn by_advertiser<E: Entity>(
    store: &Store,
    by: &Reader,
    objects: &[E],
    chosen: &str,
    word: impl Fn(&E) -> (i64, String),
) -> Result<Vec<Choice>, StoreError> {
    let owners = objects.iter().filter_map(|object| object.advertiser()).map(|id| id.0).collect::<HashSet<_>>();
    let names = store.names::<Advertiser>(by, owners.into_iter().collect()).await?;
    let options = options(objects, chosen, word);
    let owner_of: HashMap<String, Option<i64>> =
        objects.iter().map(|object| (object.id().to_string(), object.advertiser().map(|id| id.0))).collect();
    Ok(match names.len() {
        0 | 1 => options,
        _ => in_groups(options, |choice| owner_of.get(&choice.id).copied().flatten(), &names),
    })
}

/// Puts options into groups by their owners' names. Those without an owner come first, and notes come last.
fn in_groups(
    options: Vec<Choice>,
    owner: impl Fn(&Choice) -> Option<i64>,
    names: &HashMap<i64, String>,
) -> Vec<Choice> {
    let name = |choice: &Choice| owner(choice).and_then(|id| names.get(&id)).cloned().unwrap_or_default();
    let mut sorted: Vec<(Option<i64>, String, Choice)> =
        options.into_iter().map(|choice| (owner(&choice), name(&choice), choice)).collect();
    sorted.sort_by_cached_key(|(id, name, choice)| (choice.disabled, name.to_lowercase(), *id));
    let mut grouped: Vec<Choice> = Vec::with_capacity(sorted.len());
    let mut before: Option<i64> = None;
    for (id, name, mut choice) in sorted {
        if id != before {
            if let (Some(last), Some(_)) = (grouped.last_mut(), before) {
                last.ends = true;
            }
            choice.begins = id.map(|_| name);
            before = id;
        }
        grouped.push(choice);
    }
    if let (Some(last), Some(_)) = (grouped.last_mut(), before) {
        last.ends = true;
    }
    grouped
}

/// Adds the ID to each name that comes more than once, whatever its capitals and blanks.
pub fn tell_apart(options: &mut [Choice]) {
    let folded = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut times: HashMap<String, usize> = HashMap::new();
    for option in options.iter() {
        *times.entry(folded(&option.name)).or_default() += 1;
    }
    for option in options.iter_mut().filter(|option| times.get(&folded(&option.name)).is_some_and(|times| *times > 1)) {
        option.name = format!("{} (ID {})", option.name, option.id);
    }
}

/// Whether one select is too short for this many objects.
pub fn are_too_many(objects: usize) -> bool {
    u32::try_from(objects).is_ok_and(|objects| objects > MOST)
}

/// An option that users can choose.
pub fn choice(id: String, name: String, chosen: bool) -> Choice {
    Choice { id, name, chosen, disabled: false, begins: None, ends: false }
}

/// The options of a select of fixed words, from values and labels.
pub fn words(words: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let option = |(id, name): &(&str, &str)| choice((*id).to_owned(), (*name).to_owned(), *id == chosen);
    words.iter().map(option).collect()
}

/// The currencies that forms propose. Users may type any other.
pub const CURRENCIES: [(&str, &str); 24] = [
    ("AUD", "Australian dollar"),
    ("BRL", "Brazilian real"),
    ("CAD", "Canadian dollar"),
    ("CHF", "Swiss franc"),
    ("CNY", "Chinese yuan"),
    ("CZK", "Czech koruna"),
    ("DKK", "Danish krone"),
    ("EUR", "Euro"),
    ("GBP", "Pound sterling"),
    ("HKD", "Hong Kong dollar"),
    ("HUF", "Hungarian forint"),
    ("INR", "Indian rupee"),
    ("JPY", "Japanese yen"),
    ("KRW", "South Korean won"),
    ("MXN", "Mexican peso"),
    ("NOK", "Norwegian krone"),
    ("NZD", "New Zealand dollar"),
    ("PLN", "Polish złoty"),
    ("SEK", "Swedish krona"),
    ("SGD", "Singapore dollar"),
    ("TRY", "Turkish lira"),
    ("UAH", "Ukrainian hryvnia"),
    ("USD", "US dollar"),
    ("ZAR", "South African rand"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    #[test]
    fn the_proposed_currencies_are_codes_of_iso_4217() {
        assert!(CURRENCIES.is_sorted());
        for (code, name) in CURRENCIES {
            assert_eq!(Currency::parse(code).map(|currency| currency.to_string()).as_deref(), Some(code), "{name}");
        }
    }

    fn options_of(objects: i64, chosen: &str) -> Vec<Choice> {
        let objects: Vec<i64> = (1..=objects).collect();
        options(&objects, chosen, |id| (*id, format!("Pixel {id}")))
    }

    #[test]
    fn names_in_use_twice_carry_their_ids() {
        let names = [(1, "Sale"), (2, "sale "), (3, "Order"), (4, "Sale")];
        let options = options(&names, "2", |(id, name)| (*id, (*name).to_owned()));
        let names: Vec<_> = options.iter().map(|choice| choice.name.as_str()).collect();
        assert_eq!(names, ["Sale (ID 1)", "sale  (ID 2)", "Order", "Sale (ID 4)"]);
    }

    #[test]
    fn a_select_that_leaves_some_out_says_so_and_keeps_the_chosen_one() {
        let all = options_of(5_000, "7");
        assert_eq!((all.len(), all.iter().any(|choice| choice.disabled)), (5_000, false));
        let some = options_of(5_010, "5005");
        assert_eq!(some.len(), 5_002);
        assert_eq!((some[5_000].id.as_str(), some[5_000].chosen), ("5005", true));
        assert_eq!((some[5_001].name.as_str(), some[5_001].disabled), (MORE, true));
    }

    #[test]
    fn groups_are_closed_and_notes_belong_to_none() {
        let owner = |choice: &Choice| match choice.id.as_str() {
            "1" | "3" => Some(8),
            "2" => Some(9),
            _ => None,
        };
        let names = HashMap::from([(8, "Zebra".to_owned()), (9, "apple".to_owned())]);
        let mut options =
            options(&[(1, "A"), (2, "B"), (3, "C"), (4, "D")], "", |(id, name)| (*id, (*name).to_owned()));
        options.push(Choice { disabled: true, ..choice(String::new(), MORE.to_owned(), false) });
        let grouped = in_groups(options, owner, &names);
        let shown: Vec<_> = grouped.iter().map(|c| (c.id.as_str(), c.begins.as_deref(), c.ends)).collect();
        assert_eq!(
            shown,
            [
                ("4", None, false),
                ("2", Some("apple"), true),
                ("1", Some("Zebra"), false),
                ("3", None, true),
                ("", None, false)
            ]
        );
    }
}
