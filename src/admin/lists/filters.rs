//! The lists of objects: search, filters and order, from the object's own table of fields, and the data of the macros
//! in `listing.html`. Knows no particular object.

use super::paging::{Column, PAGE, Pager, Sort};
use super::{odd, paging};
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::shell::form::Form;
use crate::domain::{Advertiser, FieldKind, Reader};
use crate::store::{Entity, ListQuery, Listed, Scalar, Store, StoreError, Test};

/// The fields that filter a list, if its objects have them.
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

/// The states with their labels.
pub const STATES: [(&str, &str); 2] = [("active", "Active"), ("inactive", "Inactive")];

/// Everything of a list but its rows.
pub struct Listing {
    pub path: &'static str,
    pub search: String,
    pub selects: Vec<Select>,
    pub chips: Vec<Chip>,
    /// The hidden fields of the filter form.
    pub hidden_fields: Vec<(String, String)>,
    /// Whether a search or filter may hide rows: an empty list then does not mean that there are none.
    pub is_filtered: bool,
    pub columns: Vec<Column>,
    pub pager: Pager,
    /// What is wrong with the address, in sentences.
    pub odd: Vec<String>,
}

/// A filter to choose.
pub struct Select {
    /// The field.
    pub name: &'static str,
    pub label: &'static str,
    /// The label of the option that filters nothing: "Any status".
    pub any: String,
    pub options: Vec<Choice>,
}

/// A filter that came with a link.
pub struct Chip {
    pub text: String,
    /// The address of the list without this filter.
    pub without: String,
}

/// The request for a page of a list.
pub struct ListRequest<'a> {
    path: &'static str,
    form: &'a Form,
    sort: Sort,
    sorts: Vec<&'static str>,
    selects: Vec<Select>,
    chips: Vec<Chip>,
    /// The fields of the chips.
    chip_fields: Vec<&'static str>,
    /// Whether the page names the parameters that it does not know.
    names_unknown: bool,
}

impl<'a> ListRequest<'a> {
    /// Reads a query string. The first of `sorts` is the default order.
    pub fn new(path: &'static str, form: &'a Form, sorts: &[&'static str]) -> Self {
        let sort = Sort::read(form, sorts);
        let sorts = sorts.to_vec();
        ListRequest {
            path,
            form,
            sort,
            sorts,
            selects: Vec::new(),
            chips: Vec::new(),
            chip_fields: Vec::new(),
            names_unknown: false,
        }
    }

    /// Makes the page name the parameters of its address that no list knows.
    #[must_use]
    pub fn naming_unknown(mut self) -> Self {
        self.names_unknown = true;
        self
    }

    /// The store's query for the page. Ignores filters that it cannot read.
    pub fn query<E: Listed>(&self) -> ListQuery {
        let field = |name: &str| E::FIELDS.iter().find(|field| field.name == name && field.column);
        let mut query = ListQuery {
            find: self.form.some("search").map(str::to_owned),
            sort: field(self.sort.key).into_iter().map(|field| (field, self.sort.descending)).collect(),
            start_element: paging::start(self.form),
            num_elements: PAGE,
            ..ListQuery::default()
        };
        for field in FILTERS.into_iter().filter_map(field) {
            let text = self.form.text(field.name);
            if !self.is_offered(field.name, text) {
                continue;
            }
            let value = match field.kind {
                FieldKind::Enum(words) if words.contains(&text) => Scalar::Text(text.to_owned()),
                FieldKind::Text(_) if !text.is_empty() => Scalar::Text(text.to_owned()),
                FieldKind::Int => match text.parse() {
                    Ok(id) => Scalar::Int(id),
                    Err(_) => continue,
                },
                _ => continue,
            };
            query = query.with::<E>(field.name, Test::In(vec![value]));
        }
        query
    }

    /// Whether the select of this field, if there is one, offers a value.
    fn is_offered(&self, name: &str, text: &str) -> bool {
        let select = self.selects.iter().find(|select| select.name == name);
        select.is_none_or(|select| select.options.iter().any(|option| option.id == text))
    }

    /// What is wrong with the address of a list with so many rows on the page.
    fn odd(&self, rows: usize, count: u64) -> Vec<String> {
        let selects = self.selects.iter();
        let mut odd: Vec<String> = selects
            .filter_map(|select| odd::not_offered(self.form, select.name, select.label, &select.options))
            .collect();
        let ids = FILTERS.iter().filter(|name| name.ends_with("_id") && !self.selects.iter().any(|s| s.name == **name));
        odd.extend(ids.filter_map(|name| odd::not_an_id(self.form, name, name)));
        odd.extend(odd::no_order(self.form, &self.sorts));
        odd.extend(odd::no_place(self.form, rows, count));
        if self.names_unknown {
            let known: Vec<&str> = FILTERS.into_iter().chain(["search", "sort"]).collect();
            odd.extend(odd::unknown(self.form, &known));
        }
        odd
    }

    /// Adds a filter.
    #[must_use]
    pub fn select(mut self, name: &'static str, label: &'static str, options: &[(&str, &str)]) -> Self {
        let options = choices::words(options, self.form.text(name));
        self.selects.push(Select { name, label, any: format!("Any {}", label.to_lowercase()), options });
        self
    }

    /// Adds the filter by advertiser, for users who see more than one.
    pub async fn by_advertiser(mut self, store: &Store, by: &Reader) -> Result<Self, StoreError> {
        let advertisers = choices::all::<Advertiser>(store, by, &self.form.ids("advertiser_id")).await?;
        if advertisers.len() > 1 {
            let word = |advertiser: &Advertiser| (advertiser.id.0, advertiser.name.clone());
            let options = choices::options(&advertisers, self.form.text("advertiser_id"), word);
            self.selects.push(Select {
                name: "advertiser_id",
                label: "Advertiser",
                any: "All advertisers".to_owned(),
                options,
            });
        }
        Ok(self)
    }

    /// Adds a chip for an object of another kind, if a link named one. `kind` is what the pages call it.
    pub async fn chip_of<E: Entity>(
        self,
        store: &Store,
        by: &Reader,
        name: &'static str,
        kind: &str,
    ) -> Result<Self, StoreError> {
        if let Some(id) = self.form.ids::<i64>(name).pop() {
            let object = store.names::<E>(by, vec![id]).await?.remove(&id);
            let text = object.map_or_else(|| format!("{kind} {id}"), |object| format!("{kind}: {object}"));
            return Ok(self.chip(&[name], text));
        }
        Ok(self)
    }

    /// Adds a chip for a filter by these fields.
    #[must_use]
    pub fn chip(mut self, names: &[&'static str], text: String) -> Self {
        let mut change: Vec<_> = names.iter().map(|name| (*name, "")).collect();
        change.push(("start", ""));
        self.chips.push(Chip { text, without: paging::address(self.path, self.form, &change) });
        self.chip_fields.extend(names);
        self
    }

    /// Adds the filter by status.
    #[must_use]
    pub fn by_status(self) -> Self {
        self.select("state", "Status", &STATES)
    }

    /// A column that can sort the list.
    pub fn column(&self, key: &'static str, label: &'static str) -> Column {
        self.sort.column(self.path, self.form, key, label, false)
    }

    /// A column that cannot.
    pub fn plain_column(label: &'static str, number: bool) -> Column {
        Sort::plain(label, number)
    }

    /// The list around `rows` rows of `count`.
    pub fn listing(self, columns: Vec<Column>, rows: usize, count: u64) -> Listing {
        let odd = self.odd(rows, count);
        let hidden_fields = self.chip_fields.iter().chain(&["sort"]).filter_map(|name| {
            let value = self.form.some(name)?;
            Some(((*name).to_owned(), value.to_owned()))
        });
        Listing {
            path: self.path,
            search: self.form.text("search").to_owned(),
            hidden_fields: hidden_fields.collect(),
            is_filtered: self.form.some("search").is_some()
                || FILTERS.iter().any(|name| self.form.some(name).is_some())
                || (rows == 0 && count > 0),
            columns,
            pager: Pager::new(self.path, self.form, rows, count, None),
            selects: self.selects,
            chips: self.chips,
            odd,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Campaign, Tracker};

    #[test]
    fn filters_are_readable_values_of_the_objects_own_fields() {
        let form = Form::parse(b"search=+a+&line_item_id=7&kind=clicktracker&state=odd&publisher_id=x&sort=state.desc");
        let request = ListRequest::new("/list", &form, &["name", "state"]);
        let query = request.query::<Tracker>();
        let filters: Vec<_> = query.filters.iter().map(|filter| (filter.field.name, filter.test.clone())).collect();
        assert_eq!(
            filters,
            [
                ("line_item_id", Test::In(vec![Scalar::Int(7)])),
                ("kind", Test::In(vec![Scalar::Text("clicktracker".into())])),
            ]
        );
        assert_eq!((query.find.as_deref(), query.sort[0].0.name, query.sort[0].1), (Some("a"), "state", true));
        let query = request.query::<Campaign>();
        assert_eq!(query.filters.len(), 1, "a campaign has no kind");
    }
}
