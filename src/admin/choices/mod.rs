//! The options of selects and filters: the objects that a user sees, by name.

pub mod zone;

use std::collections::HashSet;

use crate::domain::Reader;
use crate::store::{Entity, ListQuery, Scalar, Store, StoreError, Test};

/// The most options of one select. A longer list is cut, and its last option says so.
const MOST: u32 = 1_000;

/// The last option of a select that leaves some out.
pub const MORE: &str = "Only the first 1,000 are listed; for others start at their own page";

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
    if options.len() > most {
        let rest = options.split_off(most);
        options.extend(rest.into_iter().filter(|choice| choice.chosen));
        options.push(Choice { id: String::new(), name: MORE.to_owned(), chosen: false, disabled: true });
    }
    options
}

/// Whether one select is too short for this many objects.
pub fn are_too_many(objects: usize) -> bool {
    u32::try_from(objects).is_ok_and(|objects| objects > MOST)
}

/// An option that users can choose.
pub fn choice(id: String, name: String, chosen: bool) -> Choice {
    Choice { id, name, chosen, disabled: false }
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
    fn a_select_that_leaves_some_out_says_so_and_keeps_the_chosen_one() {
        let all = options_of(1_000, "7");
        assert_eq!((all.len(), all.iter().any(|choice| choice.disabled)), (1_000, false));
        let some = options_of(1_010, "1005");
        assert_eq!(some.len(), 1_002);
        assert_eq!((some[1_000].id.as_str(), some[1_000].chosen), ("1005", true));
        assert_eq!((some[1_001].name.as_str(), some[1_001].disabled), (MORE, true));
    }
}
