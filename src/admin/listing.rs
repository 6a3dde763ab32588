//! What the lists of objects have in common: search, filters and order by the object's own table of fields, and the
//! data of the macros in `listing.html`. Knows no particular object.

use super::choices::{self, Choice};
use super::form::{Form, capital};
use super::list::{self, Column, PAGE, Pager, Sort};
use crate::domain::{Advertiser, FieldKind, Reader};
use crate::store::{Entity, ListQuery, Listed, Scalar, Store, StoreError, Test};

/// What a list may be filtered by, where its objects have such a field.
const FILTERS: [&str; 10] = [
    "advertiser_id",
    "line_item_id",
    "publisher_id",
    "kind",
    "role",
    "state",
    "object_type",
    "object_id",
    "action",
    "user_name",
];

/// The states as people call them.
pub const STATES: [(&str, &str); 2] = [("active", "Active"), ("inactive", "Inactive")];

/// The frame of a list: everything but its rows.
pub struct Listing {
    /// Its address.
    pub path: &'static str,
    /// What was searched for.
    pub search: String,
    /// The filters to choose from.
    pub selects: Vec<Select>,
    /// The filters that came with a link.
    pub chips: Vec<Chip>,
    /// What the filter form carries along unseen.
    pub kept: Vec<(String, String)>,
    /// Whether something is searched for or filtered: an empty list then does not mean that there is nothing.
    pub filtered: bool,
    /// The heads of its columns.
    pub columns: Vec<Column>,
    /// Which rows of how many.
    pub pager: Pager,
}

/// A filter to choose from.
pub struct Select {
    /// The field.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What no choice is called.
    pub every: &'static str,
    /// The choices.
    pub options: Vec<Choice>,
}

/// A filter that came with a link, and the way to be rid of it.
pub struct Chip {
    /// What is filtered by.
    pub text: String,
    /// The list without it.
    pub without: String,
}

/// A list as it was asked for.
pub struct Asking<'a> {
    path: &'static str,
    asked: &'a Form,
    /// What it is sorted by.
    pub sort: Sort,
    selects: Vec<Select>,
    chips: Vec<Chip>,
    linked: Vec<&'static str>,
}

impl<'a> Asking<'a> {
    /// Reads what was asked; sorted by the first of these columns where nothing else is asked for.
    pub fn new(path: &'static str, asked: &'a Form, sorts: &[&'static str]) -> Self {
        let sort = Sort::asked(asked, sorts);
        Asking { path, asked, sort, selects: Vec::new(), chips: Vec::new(), linked: Vec::new() }
    }

    /// The page of objects that is asked for. What cannot be read is not filtered by.
    pub fn query<E: Listed>(&self) -> ListQuery {
        let field = |name: &str| E::FIELDS.iter().find(|field| field.name == name && field.column);
        let mut query = ListQuery {
            search: self.asked.some("search").map(str::to_owned),
            sort: field(self.sort.key).into_iter().map(|field| (field, self.sort.descending)).collect(),
            start_element: list::start(self.asked),
            num_elements: PAGE,
            ..ListQuery::default()
        };
        for field in FILTERS.into_iter().filter_map(field) {
            let asked = self.asked.text(field.name);
            let value = match field.kind {
                FieldKind::Enum(words) if words.contains(&asked) => Scalar::Text(asked.to_owned()),
                FieldKind::Text(_) if !asked.is_empty() => Scalar::Text(asked.to_owned()),
                FieldKind::Int => match asked.parse() {
                    Ok(id) => Scalar::Int(id),
                    Err(_) => continue,
                },
                _ => continue,
            };
            query = query.with::<E>(field.name, Test::In(vec![value]));
        }
        query
    }

    /// Offers a filter.
    #[must_use]
    pub fn select(mut self, name: &'static str, label: &'static str, options: &[(&str, &str)]) -> Self {
        let options = choices::words(options, self.asked.text(name));
        self.selects.push(Select { name, label, every: "Any", options });
        self
    }

    /// Offers the filter by advertiser, to who sees more than one.
    ///
    /// # Errors
    /// Database faults.
    pub async fn by_advertiser(mut self, store: &Store, by: &Reader) -> Result<Self, StoreError> {
        let advertisers = choices::all::<Advertiser>(store, by, &self.asked.ids("advertiser_id")).await?;
        if advertisers.len() > 1 {
            let word = |advertiser: &Advertiser| (advertiser.id.0, advertiser.name.clone());
            let options = choices::options(&advertisers, self.asked.text("advertiser_id"), word);
            self.selects.push(Select { name: "advertiser_id", label: "Advertiser", every: "All", options });
        }
        Ok(self)
    }

    /// Shows the filter by an object of another kind that came with a link.
    ///
    /// # Errors
    /// Database faults.
    pub async fn linked<E: Entity>(self, store: &Store, by: &Reader, name: &'static str) -> Result<Self, StoreError> {
        if let Some(id) = self.asked.ids::<i64>(name).pop() {
            let named = store.names::<E>(by, vec![id]).await?.remove(&id);
            let what = capital(E::WHAT);
            let text = named.map_or_else(|| format!("{what} {id}"), |named| format!("{what}: {named}"));
            return Ok(self.chip(&[name], text));
        }
        Ok(self)
    }

    /// Shows a filter by these fields that came with a link.
    #[must_use]
    pub fn chip(mut self, names: &[&'static str], text: String) -> Self {
        let mut change: Vec<_> = names.iter().map(|name| (*name, "")).collect();
        change.push(("start", ""));
        self.chips.push(Chip { text, without: list::address(self.path, self.asked, &change) });
        self.linked.extend(names);
        self
    }

    /// A column that the list can be sorted by.
    pub fn column(&self, key: &'static str, label: &'static str) -> Column {
        self.sort.column(self.path, self.asked, key, label, false)
    }

    /// A column that it cannot be sorted by.
    pub fn plain(label: &'static str, number: bool) -> Column {
        Column { label, address: String::new(), sorted: "", number }
    }

    /// The frame, around so many rows of so many in all.
    pub fn around(self, columns: Vec<Column>, shown: usize, count: u64) -> Listing {
        let kept = self.linked.iter().chain(&["sort"]).filter_map(|name| {
            let value = self.asked.some(name)?;
            Some(((*name).to_owned(), value.to_owned()))
        });
        Listing {
            path: self.path,
            search: self.asked.text("search").to_owned(),
            kept: kept.collect(),
            filtered: self.asked.some("search").is_some() || FILTERS.iter().any(|name| self.asked.some(name).is_some()),
            columns,
            pager: Pager::new(self.path, self.asked, shown, count, None),
            selects: self.selects,
            chips: self.chips,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Campaign;
    use crate::store::AnyTracker;

    #[test]
    fn filters_are_those_of_the_objects_own_fields_and_only_what_can_be_read() {
        let asked =
            Form::parse(b"search=+a+&line_item_id=7&kind=clicktracker&state=odd&publisher_id=x&sort=state.desc");
        let asking = Asking::new("/list", &asked, &["name", "state"]);
        let query = asking.query::<AnyTracker>();
        let filters: Vec<_> = query.filters.iter().map(|filter| (filter.field.name, filter.test.clone())).collect();
        assert_eq!(
            filters,
            [
                ("line_item_id", Test::In(vec![Scalar::Int(7)])),
                ("kind", Test::In(vec![Scalar::Text("clicktracker".into())])),
            ]
        );
        assert_eq!((query.search.as_deref(), query.sort[0].0.name, query.sort[0].1), (Some("a"), "state", true));
        let query = asking.query::<Campaign>();
        assert_eq!(query.filters.len(), 1, "a campaign has no kind");
    }
}
