//! A report's definition as the page's address holds it, and the request that it becomes. Pure: what there is to choose
//! from is the form's business, and running it is `report`'s.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::form::{Errors, Form, in_table};
use super::words::{self, DATES, Words, label};
use crate::report::{Condition, Definition, Order, Request};

/// What reports are filtered by on the pages, in this order.
pub const FILTERS: [&str; 8] = [
    "advertiser_id",
    "line_item_id",
    "campaign_id",
    "publisher_id",
    "pixel_id",
    "segment_id",
    "post_click_or_post_view_conv",
    "currency",
];

/// The label of a filter.
pub fn filter_label(name: &str) -> String {
    match name.strip_suffix("_id") {
        Some(object) => label(&format!("{object}_name")),
        None => label(name),
    }
}

/// A definition as typed.
#[derive(Clone)]
pub struct Typed {
    /// What there is to the report.
    pub definition: &'static Definition,
    /// What the pages call it.
    pub words: &'static Words,
    /// A named span of time, or [`DATES`].
    pub range: String,
    /// The first day.
    pub from: String,
    /// The last day, which is included.
    pub to: String,
    /// The time zone.
    pub timezone: String,
    /// The columns, in order.
    pub columns: Vec<String>,
    /// The chosen values of each filter that has some.
    pub filters: Vec<(&'static str, Vec<String>)>,
    /// The column to sort by, and whether the greatest goes first.
    pub sort: Option<(String, bool)>,
    /// The figure in the drawing; empty for the one that suits.
    pub chart: String,
}

impl Typed {
    /// Reads it; what was not said has good defaults. None if there is no such report.
    pub fn read(form: &Form, zone: &str) -> Option<Self> {
        let (definition, words) = words::find(form.text("type"))?;
        let text = |name| form.text(name).to_owned();
        let (from, to) = (text("from"), text("to"));
        let range = match form.text("range") {
            "" if !from.is_empty() || !to.is_empty() => DATES,
            "" => "last_7_days",
            range => range,
        };
        let mut columns: Vec<String> = form.all("column").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if columns.is_empty() {
            columns = words.columns.iter().map(|name| (*name).to_owned()).collect();
        }
        let filters = FILTERS.into_iter().filter(|name| definition.column(name).is_some_and(|column| column.filter));
        let filters = filters.filter_map(|name| {
            let values = form.all(name).flat_map(|text| text.split(',')).map(str::trim);
            let values: Vec<String> = values.filter(|value| !value.is_empty()).map(str::to_owned).collect();
            (!values.is_empty()).then_some((name, values))
        });
        Some(Typed {
            definition,
            words,
            range: range.to_owned(),
            from,
            to,
            timezone: form.some("timezone").unwrap_or(zone).to_owned(),
            filters: filters.collect(),
            columns,
            sort: form.some("sort").map(|sort| match sort.rsplit_once('.') {
                Some((column, direction)) => (column.to_owned(), direction == "desc"),
                None => (sort.to_owned(), false),
            }),
            chart: text("chart"),
        })
    }

    /// The chosen values of a filter.
    pub fn values(&self, name: &str) -> &[String] {
        self.filters.iter().find(|(filter, _)| *filter == name).map_or(&[], |(_, values)| values)
    }

    /// Names and values, as an address or a form holds them.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("type", self.definition.report_type.to_owned())];
        if self.definition.timed {
            pairs.push(("range", self.range.clone()));
            if self.range == DATES {
                pairs.extend([("from", self.from.clone()), ("to", self.to.clone())]);
            }
        }
        if !self.definition.utc_days {
            pairs.push(("timezone", self.timezone.clone()));
        }
        pairs.extend(self.columns.iter().map(|column| ("column", column.clone())));
        for (name, values) in &self.filters {
            pairs.extend(values.iter().map(|value| (*name, value.clone())));
        }
        if let Some((column, descending)) = &self.sort {
            pairs.push(("sort", format!("{column}.{}", if *descending { "desc" } else { "asc" })));
        }
        if !self.chart.is_empty() {
            pairs.push(("chart", self.chart.clone()));
        }
        pairs
    }

    /// The query string.
    pub fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    /// The same definition as the API takes it.
    ///
    /// # Errors
    /// Dates that are none, as a page words it. What else is wrong, running it tells.
    pub fn request(&self) -> Result<Request, Errors> {
        let mut request = Request {
            report_type: self.definition.report_type.to_owned(),
            columns: self.columns.clone(),
            filters: self.filters.iter().map(|(name, values)| Condition::one_of(*name, values.clone())).collect(),
            timezone: (!self.definition.utc_days).then(|| self.timezone.clone()),
            ..Request::default()
        };
        if let Some((column, descending)) = &self.sort
            && self.columns.contains(column)
        {
            request.orders.push(Order { column: column.clone(), descending: *descending });
        }
        if self.definition.timed && self.range == DATES {
            let (from, to) = self.dates()?;
            request.start_date = Some(from.to_string());
            request.end_date = Some(to.saturating_add(1.day()).to_string());
        } else if self.definition.timed {
            request.report_interval = Some(self.range.clone());
        }
        request.as_sent = request.to_json();
        Ok(request)
    }

    /// The first day and the last.
    fn dates(&self) -> Result<(Date, Date), Errors> {
        let mut errors = Errors::default();
        let mut date = |id: &str, label: &str, text: &str| {
            let date = Date::strptime("%Y-%m-%d", text).ok().filter(|_| text.len() == 10);
            if date.is_none() {
                let is = if text.is_empty() { "is required".to_owned() } else { format!("cannot be {text:?}") };
                errors.add(id, format!("{label} {is}: choose a day, such as 2026-10-01."));
            }
            date
        };
        match (date("from", "From", &self.from), date("to", "To", &self.to)) {
            (Some(from), Some(to)) if from > to => {
                errors.add("to", format!("To must not be before From: {to} is before {from}."));
                Err(errors)
            }
            (Some(from), Some(to)) => Ok((from, to)),
            _ => Err(errors),
        }
    }
}

/// The control and label of what a request is refused for.
pub fn place(field: &str) -> Option<(String, String)> {
    if field.starts_with("columns") {
        return Some(("columns".to_owned(), "The list of columns".to_owned()));
    }
    if let Some(filter) = field.strip_prefix("filters.") {
        return Some((filter.to_owned(), filter_label(filter)));
    }
    let table = [
        ("timezone", "timezone", "Time zone"),
        ("report_interval", "range", "The range"),
        ("name", "name", "Name"),
        ("definition", "name", "The definition"),
    ];
    let found = table.iter().find(|(name, ..)| *name == field).map(|(_, id, label)| (*id, *label));
    found.and_then(|(id, label)| in_table(&[(id, label)], id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(query: &str) -> Typed {
        Typed::read(&Form::parse(query.as_bytes()), "Europe/Berlin").unwrap()
    }

    #[test]
    fn a_type_alone_is_a_whole_definition() {
        let short = typed("type=pixel_outcomes");
        assert_eq!(
            short.request().unwrap().to_json(),
            r#"{"report":{"report_type":"pixel_outcomes","report_interval":"last_7_days","timezone":"Europe/Berlin","columns":["day","pixel_name","fires","post_click","post_view","unattributed","not_counted"]}}"#
        );
        assert_eq!(typed(&short.query()).query(), short.query(), "it reads back as it is written");
        assert_eq!(
            typed("type=pixel_fired&range=today").request().unwrap().to_json(),
            r#"{"report":{"report_type":"pixel_fired","timezone":"Europe/Berlin","columns":["pixel_name","pixel_id","advertiser_name","last_fired"]}}"#
        );
        assert!(Typed::read(&Form::parse(b"type=odd"), "UTC").is_none());
    }

    #[test]
    fn everything_said_is_kept() {
        let query = "type=segment_load&range=dates&from=2026-10-01&to=2026-10-31&column=day&column=loads\
                     &advertiser_id=1&segment_id=4&segment_id=7&sort=loads.desc&chart=loads";
        let long = typed(query);
        assert_eq!(long.query(), query);
        assert_eq!(
            long.request().unwrap().to_json(),
            r#"{"report":{"report_type":"segment_load","start_date":"2026-10-01","end_date":"2026-11-01","columns":["day","loads"],"filters":[{"advertiser_id":"1"},{"segment_id":["4","7"]}],"orders":[{"order_by":"loads","direction":"desc"}]}}"#
        );
        let of_several = typed("type=pixel_outcomes&pixel_id=1,2&line_item_id=3");
        assert_eq!(of_several.values("pixel_id"), ["1", "2"]);
        assert!(of_several.values("line_item_id").is_empty(), "this report knows no line items");
        assert!(typed("type=pixel_outcomes&sort=gone.desc").request().unwrap().orders.is_empty());
    }

    #[test]
    fn dates_include_the_last_day_and_are_said_in_words_where_wrong() {
        let told = |query: &str| {
            let errors = typed(&format!("type=pixel_outcomes&{query}")).request().unwrap_err();
            errors.all().iter().map(|error| error.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            told("range=dates&from=1.10.2026"),
            [
                "From cannot be \"1.10.2026\": choose a day, such as 2026-10-01.",
                "To is required: choose a day, such as 2026-10-01."
            ]
        );
        assert_eq!(
            told("from=2026-10-02&to=2026-10-01"),
            ["To must not be before From: 2026-10-01 is before 2026-10-02."]
        );
        let day = typed("type=pixel_outcomes&from=2026-10-01&to=2026-10-01").request().unwrap();
        assert_eq!((day.start_date.as_deref(), day.end_date.as_deref()), (Some("2026-10-01"), Some("2026-10-02")));
    }
}
