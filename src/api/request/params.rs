//! The parameters of a request: from the query string and, for GET and DELETE, from a JSON body, as one list. A request
//! has a most number of them, and reading them takes time in proportion to their number.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::api::error::ApiError;
use crate::domain::trim;
use crate::web::query::{MAX_PARAMETERS, MAX_QUERY};
use crate::web::reading::texts::Texts;

/// The most values of one parameter, which commas separate.
const MAX_VALUES: usize = 1_000;

/// All parameters, in the order of their first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::api) struct Params {
    texts: Texts,
    /// The names that came as arrays (`id[0]=1&id[1]=2`). Commas do not split their elements.
    arrays: HashSet<String>,
    /// The names of which only the last value was read.
    overridden: RefCell<BTreeSet<String>>,
}

impl Params {
    /// Reads a query string. `+` and `%20` both mean a blank.
    pub(in crate::api) fn of_query(query: &str) -> Result<Self, ApiError> {
        if query.len() > MAX_QUERY {
            return Err(ApiError::QueryTooLong { length: query.len() });
        }
        let mut params = Params::default();
        for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
            let (name, array) = match name.split_once('[') {
                Some((name, rest)) if rest.ends_with(']') => (name.to_owned(), true),
                _ => (name.into_owned(), false),
            };
            params.add(name, text.into_owned(), array)?;
        }
        Ok(params)
    }

    fn add(&mut self, name: String, text: String, array: bool) -> Result<(), ApiError> {
        if self.texts.count() == MAX_PARAMETERS {
            return Err(ApiError::Syntax(format!("the request has more than {MAX_PARAMETERS} parameters; send fewer")));
        }
        let values = text.split(',').count();
        if values > MAX_VALUES {
            return Err(ApiError::Syntax(format!("{name} takes at most {MAX_VALUES} values, and has {values}")));
        }
        if array {
            self.arrays.insert(name.clone());
        }
        self.texts.add(name, text);
        Ok(())
    }

    /// Adds the parameters in a JSON body. A parameter of the query string wins over one of the body.
    pub(in crate::api) fn add_body(&mut self, body: &Value) -> Result<(), ApiError> {
        let Value::Object(entries) = body else {
            return Err(ApiError::Syntax("the body of a GET or DELETE must be a JSON object of parameters".to_owned()));
        };
        // JSON has each name once, so what is there already came in the query.
        for (name, value) in entries {
            if self.texts.has(name) {
                continue;
            }
            match value {
                Value::Array(values) => {
                    for text in values.iter().filter_map(text_of) {
                        self.add(name.clone(), text, true)?;
                    }
                }
                value => {
                    if let Some(text) = text_of(value) {
                        self.add(name.clone(), text, false)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Each name once.
    pub(in crate::api) fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.names()
    }

    pub(in crate::api) fn has(&self, name: &str) -> bool {
        self.texts.has(name)
    }

    /// The one value of a parameter, or the last if it came more than once.
    pub(in crate::api) fn text(&self, name: &str) -> Option<&str> {
        let mut texts = self.texts.of(name);
        let last = texts.next_back();
        if texts.next().is_some() {
            self.overridden.borrow_mut().insert(name.to_owned());
        }
        last.map(trim)
    }

    /// The parameters that came more than once although one value was wanted.
    pub(in crate::api) fn overridden(&self) -> BTreeSet<String> {
        self.overridden.take()
    }

    /// Whether a parameter is `true`, `1` or has no value.
    pub(in crate::api) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| matches!(text, "" | "1" | "true"))
    }

    /// The values of a parameter: the elements of an array, or the parts between commas.
    pub(in crate::api) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let texts = self.texts.of(name);
        let values: Vec<_> = match self.arrays.contains(name) {
            true => texts.map(trim).collect(),
            false => texts.flat_map(|text| text.split(',')).map(trim).collect(),
        };
        (!values.is_empty()).then_some(values)
    }

    /// The value of a parameter with its commas; none if it came more than once.
    pub(in crate::api) fn whole(&self, name: &str) -> Option<&str> {
        let mut texts = self.texts.of(name);
        texts.next().filter(|_| texts.next().is_none()).map(trim)
    }

    /// The value of a parameter, if it is no array and has no comma.
    pub(in crate::api) fn single(&self, name: &str) -> Option<&str> {
        self.whole(name).filter(|text| !self.arrays.contains(name) && !text.contains(','))
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn queries_are_read_as_clients_write_them() {
        let params = Params::of_query(
            "id=1,2&name=a+b%20c&x[0]=1,5&x[1]=2&y[]=3&current&min_last_modified=2026-10-01+12%3A00:00",
        )
        .unwrap();
        assert_eq!(params.list("id"), Some(vec!["1", "2"]));
        assert_eq!(params.single("id"), None);
        assert_eq!(params.text("name"), Some("a b c"));
        assert_eq!(params.list("x"), Some(vec!["1,5", "2"]));
        assert_eq!((params.list("y"), params.single("y")), (Some(vec!["3"]), None));
        assert!(params.flag("current") && !params.flag("absent"));
        assert_eq!(params.single("min_last_modified"), Some("2026-10-01 12:00:00"));
        assert!(params.overridden().is_empty());
    }

    #[test]
    fn of_one_value_the_last_counts_and_the_others_are_told() {
        let params = Params::of_query("search=a&id=1&id=2&search=b&num_elements=5").unwrap();
        assert_eq!((params.text("search"), params.text("num_elements")), (Some("b"), Some("5")));
        assert_eq!(params.list("id"), Some(vec!["1", "2"]));
        assert_eq!(params.overridden().into_iter().collect::<Vec<_>>(), ["search"]);
    }

    #[test]
    fn a_body_adds_parameters_but_the_query_wins() {
        let mut params = Params::of_query("start_element=5").unwrap();
        params.add_body(&json!({"start_element": 0, "num_elements": "20", "id": [1, "2"], "code": null})).unwrap();
        assert_eq!((params.text("start_element"), params.text("num_elements")), (Some("5"), Some("20")));
        assert_eq!((params.list("id"), params.text("code").is_some()), (Some(vec!["1", "2"]), false));
        assert!(params.add_body(&json!([1])).is_err());
    }

    #[test]
    fn so_many_parameters_are_read_and_no_more() {
        let query = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(Params::of_query(&query(MAX_PARAMETERS)).unwrap().names().count(), MAX_PARAMETERS);
        let too_many = "the request has more than 200 parameters; send fewer";
        for query in [query(MAX_PARAMETERS + 1), "a&".repeat(MAX_PARAMETERS + 1)] {
            assert_eq!(Params::of_query(&query).unwrap_err().to_string(), too_many);
        }
        assert!(Params::of_query(&"a".repeat(MAX_QUERY)).is_ok());
        let too_long = Params::of_query(&"a".repeat(MAX_QUERY + 1)).unwrap_err().to_string();
        assert_eq!(too_long, "the query string has 8193 bytes; at most 8192 are taken");
        let mut params = Params::of_query(&query(150)).unwrap();
        for body in
            [json!({ "id": vec![1; 60] }), Value::Object((0..60).map(|n| (format!("b{n}"), n.into())).collect())]
        {
            assert_eq!(params.clone().add_body(&body).unwrap_err().to_string(), too_many);
        }
        params.add_body(&json!({ "id": vec![1; 50], "p1": vec![1; 500] })).unwrap();
    }
}
