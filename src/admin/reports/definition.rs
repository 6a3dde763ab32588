//! The fields of a report's form, which the page's address holds, and the API request that they make. Pure.

use jiff::ToSpan;
use jiff::civil::Date;

use super::labels;
use super::labels::{DATES, ReportLabels, label};
use crate::admin::shell::form::{Control, Errors, Form};
use crate::domain::WrittenTime;
use crate::report::{Condition, Definition, Order, Request};

/// The columns that filter a report, in the order of the page.
pub const FILTERS: [&str; 10] = [
    "advertiser_id",
    "line_item_id",
    "campaign_id",
    "publisher_id",
    "source_id",
    "pixel_id",
    "segment_id",
    "post_click_or_post_view_conv",
    "currency",
    RETRACTED,
];

/// The filter without which a report leaves retracted conversions out.
pub const RETRACTED: &str = "retracted";

/// The label of a filter.
pub fn filter_label(name: &str) -> String {
    match name.strip_suffix("_id") {
        Some(object) => label(&format!("{object}_name")),
        None => label(name),
    }
}

/// Every field as text.
#[derive(Clone)]
pub struct ReportFormData {
    pub definition: &'static Definition,
    pub labels: &'static ReportLabels,
    /// The name of a range, or [`DATES`].
    pub range: String,
    /// The first day.
    pub from: String,
    /// The last day, which belongs to the range.
    pub to: String,
    pub timezone: String,
    /// The columns, in order.
    pub columns: Vec<String>,
    /// The filters with their values, which are never empty.
    pub filters: Vec<(&'static str, Vec<String>)>,
    pub sort: Option<Order>,
    /// The figure of the chart; empty for the one that suits.
    pub chart: String,
}

impl ReportFormData {
    /// Reads a form, with defaults for missing fields. None if there is no such report.
    pub fn read(form: &Form, zone: &str) -> Option<Self> {
        let (definition, labels) = labels::find(form.text("type"))?;
        let text = |name| form.text(name).to_owned();
        let (from, to) = (text("from"), text("to"));
        let range = match form.text("range") {
            "" if !from.is_empty() || !to.is_empty() => DATES,
            "" => "last_7_days",
            range => range,
        };
        let mut columns: Vec<String> = form.all("column").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if columns.is_empty() {
            columns = labels.columns.iter().map(|name| (*name).to_owned()).collect();
        }
        let filters = FILTERS.into_iter().filter(|name| definition.column(name).is_some_and(|column| column.filter));
        let filters = filters.filter_map(|name| {
            let values = form.all(name).flat_map(|text| text.split(',')).map(str::trim);
            let values: Vec<String> = values.filter(|value| !value.is_empty()).map(str::to_owned).collect();
            (!values.is_empty()).then_some((name, values))
        });
        Some(ReportFormData {
            definition,
            labels,
            range: range.to_owned(),
            from,
            to,
            timezone: form.some("timezone").unwrap_or(zone).to_owned(),
            filters: filters.collect(),
            columns,
            sort: form.some("sort").map(|sort| match sort.rsplit_once('.') {
                Some((column, direction)) => Order { column: column.to_owned(), descending: direction == "desc" },
                None => Order { column: sort.to_owned(), descending: false },
            }),
            chart: text("chart"),
        })
    }

    /// The values of a filter.
    pub fn values(&self, name: &str) -> &[String] {
        self.filters.iter().find(|(filter, _)| *filter == name).map_or(&[], |(_, values)| values)
    }

    /// The names and values for an address or a form.
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
        if let Some(Order { column, descending }) = &self.sort {
            pairs.push(("sort", format!("{column}.{}", if *descending { "desc" } else { "asc" })));
        }
        if !self.chart.is_empty() {
            pairs.push(("chart", self.chart.clone()));
        }
        pairs
    }

    /// The query string of the page's address.
    pub fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    /// The request that the API would take.
    ///
    /// # Errors
    /// Dates that it cannot read. Running the request finds all other errors.
    pub fn request(&self) -> Result<Request, Errors> {
        let mut request = Request {
            report_type: self.definition.report_type.to_owned(),
            columns: self.columns.clone(),
            filters: self.filters.iter().map(|(name, values)| Condition::one_of(*name, values.clone())).collect(),
            timezone: (!self.definition.utc_days).then(|| self.timezone.clone()),
            ..Request::default()
        };
        request.orders.extend(self.sort.iter().filter(|sort| self.columns.contains(&sort.column)).cloned());
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
            let day = WrittenTime::read_day(text);
            if day.is_err() {
                errors.add(
                    id,
                    match text {
                        "" => format!("{label} is missing. Choose a day, such as 2026-10-01."),
                        _ => format!("“{text}” is not a day. Write it as 2026-10-01."),
                    },
                );
            }
            day.ok()
        };
        match (date("from", "The first day", &self.from), date("to", "The last day", &self.to)) {
            (Some(from), Some(to)) if from > to => {
                errors.add("to", "The last day is before the first day.".to_owned());
                Err(errors)
            }
            (Some(from), Some(to)) => Ok((from, to)),
            _ => Err(errors),
        }
    }
}

/// The control of a field of the API request, or of a saved report.
pub fn control(field: &str) -> Option<Control> {
    if let Some(filter) = field.strip_prefix("filters.") {
        return Some(Control::new(filter, filter_label(filter)));
    }
    match field {
        "timezone" => Some(Control::new("timezone", "Time zone")),
        "report_interval" => Some(Control::new("range", "The period")),
        "name" => Some(Control::new("name", "Name")),
        "definition" => Some(Control::new("name", "The definition")),
        _ if field.starts_with("columns") => Some(Control::new("columns", "The list of columns")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(query: &str) -> ReportFormData {
        ReportFormData::read(&Form::parse(query.as_bytes()), "Europe/Berlin").unwrap()
    }

    #[test]
    fn a_type_alone_is_a_whole_definition() {
        let short = data("type=pixel_outcomes");
        assert_eq!(
            short.request().unwrap().to_json(),
            r#"{"report":{"report_type":"pixel_outcomes","report_interval":"last_7_days","timezone":"Europe/Berlin","columns":["day","pixel_name","fires","post_click","post_view","unattributed","not_counted"]}}"#
        );
        assert_eq!(data(&short.query()).query(), short.query(), "it reads back as it is written");
        assert_eq!(
            data("type=pixel_fired&range=today").request().unwrap().to_json(),
            r#"{"report":{"report_type":"pixel_fired","timezone":"Europe/Berlin","columns":["pixel_name","pixel_id","advertiser_name","last_fired"]}}"#
        );
        assert!(ReportFormData::read(&Form::parse(b"type=odd"), "UTC").is_none());
    }

    #[test]
    fn no_field_gets_lost() {
        let query = "type=segment_load&range=dates&from=2026-10-01&to=2026-10-31&column=day&column=loads\
                     &advertiser_id=1&segment_id=4&segment_id=7&sort=loads.desc&chart=loads";
        let long = data(query);
        assert_eq!(long.query(), query);
        assert_eq!(
            long.request().unwrap().to_json(),
            r#"{"report":{"report_type":"segment_load","start_date":"2026-10-01","end_date":"2026-11-01","columns":["day","loads"],"filters":[{"advertiser_id":"1"},{"segment_id":["4","7"]}],"orders":[{"order_by":"loads","direction":"desc"}]}}"#
        );
        let of_several = data("type=pixel_outcomes&pixel_id=1,2&line_item_id=3");
        assert_eq!(of_several.values("pixel_id"), ["1", "2"]);
        assert!(of_several.values("line_item_id").is_empty(), "this report knows no line items");
        assert!(data("type=pixel_outcomes&sort=gone.desc").request().unwrap().orders.is_empty());
    }

    #[test]
    fn dates_include_the_last_day_and_have_errors_of_their_own() {
        let messages = |query: &str| {
            let errors = data(&format!("type=pixel_outcomes&{query}")).request().unwrap_err();
            errors.all().iter().map(|error| error.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            messages("range=dates&from=1.10.2026"),
            [
                "“1.10.2026” is not a day. Write it as 2026-10-01.",
                "The last day is missing. Choose a day, such as 2026-10-01."
            ]
        );
        assert_eq!(messages("from=2026-10-02&to=2026-10-01"), ["The last day is before the first day."]);
        let day = data("type=pixel_outcomes&from=2026-10-01&to=2026-10-01").request().unwrap();
        assert_eq!((day.start_date.as_deref(), day.end_date.as_deref()), (Some("2026-10-01"), Some("2026-10-02")));
    }
}
