//! The parameters of a request: from the query string and, for GET and DELETE, from a JSON body, as one list.

use serde_json::Value;

use super::error::ApiError;

/// A parameter and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Param {
    name: String,
    texts: Vec<String>,
    /// Sent as an array (`id[0]=1&id[1]=2`), whose elements are not split at commas.
    array: bool,
}

/// All parameters, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Params(Vec<Param>);

impl Params {
    /// Reads a query string; `+` and `%20` both are a blank.
    pub(super) fn of_query(query: &str) -> Self {
        let mut params = Params::default();
        for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
            let (name, array) = match name.split_once('[') {
                Some((name, rest)) if rest.ends_with(']') => (name.to_owned(), true),
                _ => (name.into_owned(), false),
            };
            params.add(name, text.into_owned(), array);
        }
        params
    }

    fn add(&mut self, name: String, text: String, array: bool) {
        match self.0.iter_mut().find(|param| param.name == name) {
            Some(param) => {
                param.texts.push(text);
                param.array |= array;
            }
            None => self.0.push(Param { name, texts: vec![text], array }),
        }
    }

    /// Adds what stands in a JSON body; what the query string has too is left as it is there.
    pub(super) fn add_body(&mut self, body: &Value) -> Result<(), ApiError> {
        let Value::Object(entries) = body else {
            return Err(ApiError::Syntax("the body of a GET or DELETE must be a JSON object of parameters".to_owned()));
        };
        let in_query = self.0.clone();
        for (name, value) in entries {
            if in_query.iter().any(|param| param.name == *name) {
                continue;
            }
            match value {
                Value::Array(values) => {
                    for text in values.iter().filter_map(text_of) {
                        self.add(name.clone(), text, true);
                    }
                }
                value => {
                    if let Some(text) = text_of(value) {
                        self.add(name.clone(), text, false);
                    }
                }
            }
        }
        Ok(())
    }

    /// The names, each once.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|param| param.name.as_str())
    }

    fn find(&self, name: &str) -> Option<&Param> {
        self.0.iter().find(|param| param.name == name)
    }

    /// Its one value; the last, if it was sent more than once.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.find(name)?.texts.last().map(String::as_str)
    }

    /// Whether it is `true`, `1` or merely there.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| matches!(text, "" | "1" | "true"))
    }

    /// Its values: the elements of an array, or what stands between commas.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let param = self.find(name)?;
        if param.array {
            return Some(param.texts.iter().map(String::as_str).collect());
        }
        Some(param.texts.iter().flat_map(|text| text.split(',')).map(str::trim).collect())
    }

    /// Its value, if it is neither an array nor holds a comma.
    pub(super) fn single(&self, name: &str) -> Option<&str> {
        match self.find(name) {
            Some(param) if !param.array => match self.list(name)?.as_slice() {
                [one] => Some(*one),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether exactly one object is asked for, by its id or code.
    pub(super) fn names_one(&self) -> bool {
        self.single("id").is_some() || self.single("code").is_some()
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
        );
        assert_eq!(params.list("id"), Some(vec!["1", "2"]));
        assert_eq!(params.single("id"), None);
        assert_eq!(params.text("name"), Some("a b c"));
        assert_eq!(params.list("x"), Some(vec!["1,5", "2"]));
        assert_eq!((params.list("y"), params.single("y")), (Some(vec!["3"]), None));
        assert!(params.flag("current") && !params.flag("absent"));
        assert_eq!(params.single("min_last_modified"), Some("2026-10-01 12:00:00"));
    }

    #[test]
    fn a_body_counts_as_query_but_does_not_outdo_it() {
        let mut params = Params::of_query("start_element=5");
        params.add_body(&json!({"start_element": 0, "num_elements": "20", "id": [1, "2"], "code": null})).unwrap();
        assert_eq!((params.text("start_element"), params.text("num_elements")), (Some("5"), Some("20")));
        assert_eq!((params.list("id"), params.text("code").is_some()), (Some(vec!["1", "2"]), false));
        assert!(params.add_body(&json!([1])).is_err());
    }
}
