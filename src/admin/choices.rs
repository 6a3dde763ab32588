//! What selects and filters offer: the objects a user sees, by name.

use crate::domain::Reader;
use crate::store::{Entity, ListQuery, Scalar, Store, StoreError, Test};

/// More than this many are not offered in one select.
const MOST: u32 = 1_000;

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The id, as the form sends it.
    pub id: String,
    /// What is shown.
    pub name: String,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

/// All objects of a kind.
///
/// # Errors
/// Database faults.
pub async fn all<E: Entity>(store: &Store, by: &Reader) -> Result<Vec<E>, StoreError> {
    all_that::<E>(store, by, ListQuery::default()).await
}

/// Those that a query's filters let through, by name.
///
/// # Errors
/// Database faults.
pub async fn all_that<E: Entity>(store: &Store, by: &Reader, query: ListQuery) -> Result<Vec<E>, StoreError> {
    let by_name = E::FIELDS.iter().find(|field| field.name == E::NAME).map(|field| (field, false));
    let query = ListQuery { sort: by_name.into_iter().collect(), start_element: 0, num_elements: MOST, ..query };
    Ok(store.list::<E>(by, query).await?.items)
}

/// All objects of a kind that a query's filters let through, and those with these ids in any case: what an object names
/// already must be on offer, however many others there are.
///
/// # Errors
/// Database faults.
pub async fn all_with<E: Entity>(
    store: &Store,
    by: &Reader,
    query: ListQuery,
    ids: &[i64],
) -> Result<Vec<E>, StoreError> {
    let mut all = all_that::<E>(store, by, query.clone()).await?;
    let missing: Vec<_> = ids.iter().filter(|id| all.iter().all(|object| object.id() != **id)).collect();
    if !missing.is_empty() {
        let missing = Test::In(missing.into_iter().map(|id| Scalar::Int(*id)).collect());
        all.extend(all_that::<E>(store, by, query.with::<E>("id", missing)).await?);
    }
    Ok(all)
}

/// The options of a select.
pub fn options<T>(objects: &[T], chosen: &str, word: impl Fn(&T) -> (i64, String)) -> Vec<Choice> {
    let option = |object| {
        let (id, name) = word(object);
        let id = id.to_string();
        Choice { chosen: id == chosen, id, name }
    };
    objects.iter().map(option).collect()
}

/// The options of a select of fixed words: value and label.
pub fn words(words: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let option =
        |(id, name): &(&str, &str)| Choice { id: (*id).to_owned(), name: (*name).to_owned(), chosen: *id == chosen };
    words.iter().map(option).collect()
}

/// The currencies that are proposed; any other can be typed.
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
