//! The parameters of a list, read by the service's table of fields: filters, search, order, page, and the fields to
//! return.

use std::collections::HashSet;

use serde_json::Value;

use super::params::Params;
use crate::api::envelope::Paging;
use crate::api::error::ApiError;
use crate::domain::{Day, Field, FieldKind, Micros, Millis};
use crate::store::{Filter, ListQuery, Scalar, Test};

/// The most objects on a page; more is cut without an error.
const MAX_PAGE: u32 = 100;
/// The longest text that names and codes are searched for, in characters. They are no longer themselves, and SQLite
/// takes no pattern of any length.
const MAX_SEARCHED: usize = 255;

/// Parameters that are no filters.
const RESERVED: &[&str] =
    &["start_element", "num_elements", "sort", "search", "fields", "append", "advertiser_code", "current", "meta"];

/// The comparison that a prefix of a field's name asks for.
const PREFIXES: &[(&str, Compare)] = &[
    ("not_", Compare::Not),
    ("like_", Compare::Like),
    ("nmin_", Compare::MinOrNull),
    ("nmax_", Compare::MaxOrNull),
    ("min_", Compare::Min),
    ("max_", Compare::Max),
];

#[derive(Clone, Copy)]
enum Compare {
    In,
    Not,
    Like,
    Min,
    Max,
    MinOrNull,
    MaxOrNull,
}

/// The parameters of a request, as a list of objects with these fields reads them.
pub(in crate::api) struct ListParams<'a> {
    fields: &'static [Field],
    params: &'a Params,
}

impl<'a> ListParams<'a> {
    pub(in crate::api) fn new(fields: &'static [Field], params: &'a Params) -> Self {
        ListParams { fields, params }
    }

    fn column(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.column && field.name == name)
    }

    /// The field and comparison that a parameter filters by. A field's own name wins: `min_minutes_per_conv` is one.
    fn meaning(&self, parameter: &str) -> Option<(&'static Field, Compare)> {
        if let Some(field) = self.column(parameter) {
            return Some((field, Compare::In));
        }
        PREFIXES.iter().find_map(|(prefix, compare)| {
            let field = self.column(parameter.strip_prefix(prefix)?)?;
            Some((field, *compare))
        })
    }

    fn filters(&self) -> Result<Vec<Filter>, ApiError> {
        self.params.names().filter_map(|name| self.filter(name).transpose()).collect()
    }

    /// The condition of one parameter; none if it was not sent or is no filter.
    pub(in crate::api) fn filter(&self, name: &str) -> Result<Option<Filter>, ApiError> {
        let (Some((field, compare)), Some(values)) = (self.meaning(name), self.params.list(name)) else {
            return Ok(None);
        };
        let whole = || self.params.text(name).unwrap_or("");
        let all = || values.iter().map(|text| scalar(name, field, text)).collect::<Result<_, _>>();
        let test = match compare {
            Compare::In => Test::In(all()?),
            Compare::Not => Test::NotIn(all()?),
            Compare::Like => Test::Like(searched(name, whole())?),
            Compare::Min => Test::Min(scalar(name, field, whole())?),
            Compare::Max => Test::Max(scalar(name, field, whole())?),
            Compare::MinOrNull => Test::MinOrNull(scalar(name, field, whole())?),
            Compare::MaxOrNull => Test::MaxOrNull(scalar(name, field, whole())?),
        };
        Ok(Some(Filter { field, test }))
    }

    /// The fields to sort by, true for descending.
    fn sort(&self) -> Result<Vec<(&'static Field, bool)>, ApiError> {
        let parts = self.params.list("sort").unwrap_or_default();
        let mut named = HashSet::new();
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (name, direction) = part.rsplit_once('.').unwrap_or((part, "asc"));
                let descending = match direction.to_ascii_lowercase().as_str() {
                    "asc" => false,
                    "desc" => true,
                    _ => {
                        return Err(ApiError::Syntax(format!(
                            "sort must name fields with .asc or .desc, and has {part:?}"
                        )));
                    }
                };
                match self.column(name).filter(|field| field.sorted) {
                    Some(_) if !named.insert(name) => {
                        Err(ApiError::Syntax(format!("sort names {name} twice; name each field once")))
                    }
                    Some(field) => Ok((field, descending)),
                    None => Err(ApiError::Syntax(format!(
                        "sort names {name:?}, which this service cannot sort by; its meta lists the fields that it can"
                    ))),
                }
            })
            .collect()
    }

    /// The whole query. A request that names one object skips nothing.
    pub(in crate::api) fn query(&self) -> Result<ListQuery, ApiError> {
        let Paging { start_element, num_elements } = self.paging()?;
        let start_element = if self.names_one() { 0 } else { start_element };
        let (filters, search, sort) = (self.filters()?, self.search()?, self.sort()?);
        Ok(ListQuery { filters, search, sort, start_element, num_elements, ..ListQuery::default() })
    }

    /// Whether the request names one object, by its id or its code.
    pub(in crate::api) fn names_one(&self) -> bool {
        ["id", "code"].iter().any(|name| self.column(name).is_some() && self.params.single(name).is_some())
    }

    fn search(&self) -> Result<Option<String>, ApiError> {
        let text = self.params.text("search").map(str::trim).filter(|text| !text.is_empty());
        text.map(|text| searched("search", text)).transpose()
    }

    pub(in crate::api) fn paging(&self) -> Result<Paging, ApiError> {
        let number = |name: &str, default: u32| match self.params.text(name).map(str::trim) {
            None | Some("") => Ok(default),
            Some(text) => text.parse().map_err(|_| {
                ApiError::Syntax(format!("{name} must be a whole number from 0 to {}, and is {text:?}", u32::MAX))
            }),
        };
        let Paging { start_element, num_elements } = Paging::default();
        Ok(Paging {
            start_element: number("start_element", start_element)?,
            num_elements: number("num_elements", num_elements)?.min(MAX_PAGE),
        })
    }

    /// The names in `fields`.
    fn named_fields(&self) -> Option<Vec<&'a str>> {
        self.params.list("fields").filter(|names| names.iter().any(|name| !name.is_empty()))
    }

    /// The fields to return; none for all.
    fn selected(&self) -> Option<HashSet<&'a str>> {
        self.named_fields().map(HashSet::from_iter)
    }

    /// Whether the client wants this field. A field that takes time to read is read only then.
    pub(in crate::api) fn wants(&self, field: &str) -> bool {
        self.selected().is_none_or(|selected| selected.contains(field))
    }

    /// Removes the fields that the client does not want.
    pub(in crate::api) fn select(&self, objects: &mut [Value]) {
        let Some(selected) = self.selected() else { return };
        for object in objects.iter_mut().filter_map(Value::as_object_mut) {
            object.retain(|name, _| selected.contains(name.as_str()));
        }
    }

    /// A warning for each parameter, and each name in `fields`, that means nothing here.
    pub(in crate::api) fn warnings(&self) -> Vec<String> {
        let known = |name: &&str| RESERVED.contains(name) || self.meaning(name).is_some();
        let unknown = self.params.names().filter(|name| !known(name));
        let mut warnings: Vec<_> =
            unknown.map(|name| format!("unknown parameter {name:?} was ignored; it filters nothing")).collect();
        for name in self.named_fields().unwrap_or_default() {
            if !self.fields.iter().any(|field| field.name == name) {
                warnings.push(format!("fields names {name:?}, which this service does not have"));
            }
        }
        warnings
    }
}

/// A text to look for in names and codes.
fn searched(name: &str, text: &str) -> Result<String, ApiError> {
    match text.chars().count() {
        ..=MAX_SEARCHED => Ok(text.to_owned()),
        length => Err(ApiError::Syntax(format!("{name} must be at most {MAX_SEARCHED} characters, and has {length}"))),
    }
}

/// A value in its column's own form.
fn scalar(name: &str, field: &Field, text: &str) -> Result<Scalar, ApiError> {
    if text == "null" {
        return Ok(Scalar::Null);
    }
    let (read, rule) = match field.kind {
        FieldKind::Int => (text.trim().parse().ok().map(Scalar::Int), "whole numbers"),
        FieldKind::Double => (Micros::parse(text.trim()).ok().map(|amount| Scalar::Int(amount.0)), "decimal numbers"),
        FieldKind::Timestamp => {
            return match Millis::parse(text) {
                Ok(moment) => Ok(Scalar::Int(moment.0)),
                Err(error) => {
                    Err(ApiError::Syntax(format!("{name} takes dates such as 2026-10-01 12:00:00 (UTC), and {error}")))
                }
            };
        }
        FieldKind::Day => (Day::parse(text.trim()).map(|day| Scalar::Text(day.to_string())), "days such as 2026-10-01"),
        FieldKind::Bool => {
            let known = [("true", 1), ("1", 1), ("false", 0), ("0", 0)];
            (known.iter().find(|(word, _)| *word == text).map(|(_, bit)| Scalar::Int(*bit)), "true or false")
        }
        FieldKind::Enum(words) => {
            if !words.contains(&text) {
                let words = words.join(", ");
                return Err(ApiError::Syntax(format!("{name} must be one of {words}, and is {text:?}")));
            }
            (Some(Scalar::Text(text.to_owned())), "")
        }
        FieldKind::Text(_) | FieldKind::Array | FieldKind::Object => (Some(Scalar::Text(text.to_owned())), ""),
    };
    read.ok_or_else(|| ApiError::Syntax(format!("{name} takes {rule}, and has {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fields::PIXEL;

    fn filters(query: &str) -> Vec<(&'static str, Test)> {
        let params = Params::of_query(query).unwrap();
        let filters = ListParams::new(PIXEL, &params).filters().unwrap();
        filters.into_iter().map(|filter| (filter.field.name, filter.test)).collect()
    }

    fn refused(query: &str) -> String {
        let params = Params::of_query(query).unwrap();
        let list = ListParams::new(PIXEL, &params);
        let outcome = list.filters().map(drop).and(list.sort().map(drop)).and(list.paging().map(drop));
        outcome.unwrap_err().to_string()
    }

    #[test]
    fn every_kind_of_filter_is_read_by_its_field() {
        use Scalar::{Int, Null, Text};
        assert_eq!(filters("id=1,2"), [("id", Test::In(vec![Int(1), Int(2)]))]);
        assert_eq!(filters("id[0]=1&id[1]=2"), [("id", Test::In(vec![Int(1), Int(2)]))]);
        assert_eq!(
            filters("not_state=inactive&code=null&like_name=a,b"),
            [
                ("state", Test::NotIn(vec![Text("inactive".into())])),
                ("code", Test::In(vec![Null])),
                ("name", Test::Like("a,b".into()))
            ]
        );
        assert_eq!(
            filters("min_last_modified=2026-10-01+12:00:00&nmax_post_view_value=1.5"),
            [
                ("last_modified", Test::Min(Int(1_790_856_000_000))),
                ("post_view_value", Test::MaxOrNull(Int(1_500_000)))
            ]
        );
        assert_eq!(
            filters("min_minutes_per_conv=0&min_min_minutes_per_conv=5"),
            [("min_minutes_per_conv", Test::In(vec![Int(0)])), ("min_minutes_per_conv", Test::Min(Int(5)))]
        );
        assert_eq!(filters("sort=id&line_items=5&bogus=1&fields=id").len(), 0);
    }

    #[test]
    fn unreadable_parameters_are_refused_by_name() {
        for (query, text) in [
            ("id=x", r#"id takes whole numbers, and has "x""#),
            ("state=on", r#"state must be one of active, inactive, and is "on""#),
            (
                "min_last_modified=today",
                r#"min_last_modified takes dates such as 2026-10-01 12:00:00 (UTC), and is "today""#,
            ),
            ("post_view_value=1,x", r#"post_view_value takes decimal numbers, and has "x""#),
            ("count_each_order_once=maybe", r#"count_each_order_once takes true or false, and has "maybe""#),
            (
                "sort=bogus.asc",
                r#"sort names "bogus", which this service cannot sort by; its meta lists the fields that it can"#,
            ),
            ("sort=id.asc,name,id.desc", "sort names id twice; name each field once"),
            ("sort=id.up", r#"sort must name fields with .asc or .desc, and has "id.up""#),
            ("start_element=-1", r#"start_element must be a whole number from 0 to 4294967295, and is "-1""#),
        ] {
            assert_eq!(refused(query), text);
        }
    }

    #[test]
    fn pages_are_cut_and_unknown_names_are_warned_of() {
        let params =
            Params::of_query("num_elements=500&start_element=7&stat=active&fields=id,bogus&sort=id.desc,name").unwrap();
        let list = ListParams::new(PIXEL, &params);
        assert_eq!(list.paging().unwrap(), Paging { start_element: 7, num_elements: 100 });
        let sort: Vec<_> = list.sort().unwrap().iter().map(|(field, descending)| (field.name, *descending)).collect();
        assert_eq!(sort, [("id", true), ("name", false)]);
        assert_eq!(
            list.warnings(),
            [
                r#"unknown parameter "stat" was ignored; it filters nothing"#,
                r#"fields names "bogus", which this service does not have"#
            ]
        );
    }
}
