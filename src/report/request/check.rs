//! Checks a request against the definition of its report, and makes the plan. Reports every broken rule at once.

use jiff::tz::TimeZone;

use super::condition::Operator;
use super::interval::{INTERVALS, Interval};
use super::sum_plan::{Having, SumPlan};
use super::{FORMATS, Plan, Request, Work};
use crate::domain::{Checks, FieldError, Millis, ReportFormat, WrittenTime};
use crate::report::broken;
use crate::report::definition::rows::DEFINITIONS;
use crate::report::definition::{Column, Definition, Origin, Source};
use crate::store::{ReportQuery, Scalar, SumFilter, Test};

/// The column without whose filter a report leaves retracted conversions out.
const RETRACTED: &str = "retracted";
/// The most bytes of a request. A run keeps it.
const MOST_BYTES: usize = 64 << 10;
/// What is wrong with a filter that names a column and an operator for the second time.
const AGAIN: &str = "is there twice with the same operator; put all values into one list";

impl Request {
    /// Checks the whole request.
    ///
    /// # Errors
    /// Every broken rule, by the published name.
    pub fn check(&self, now: Millis) -> Result<Plan, Vec<FieldError>> {
        let Some(definition) = DEFINITIONS.iter().find(|known| known.report_type == self.report_type) else {
            let types = DEFINITIONS.iter().map(|known| known.report_type).collect::<Vec<_>>().join(", ");
            return Err(vec![broken("report_type", format!("must be one of {types}, and is {:?}", self.report_type))]);
        };
        let mut checks = Checks::new();
        checks.text("name", self.name.as_deref().unwrap_or(""), 255);
        let mut errors = checks.done().err().unwrap_or_default();
        self.check_sizes(definition, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let zone = collect_error(self.zone(), &mut errors).unwrap_or(TimeZone::UTC);
        let format = collect_error(self.file_format(), &mut errors).unwrap_or(ReportFormat::Csv);
        let columns = self.chosen(definition, &mut errors);
        let tests = self.chosen_filters(definition, &mut errors);
        let having = self.chosen_group_filters(definition, &mut errors);
        let orders = self.chosen_orders(definition, &columns, &mut errors);
        let days = if definition.utc_days { TimeZone::UTC } else { zone.clone() };
        let between = if definition.timed { collect_error(self.between(now, &days), &mut errors) } else { None };
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut notes = self.without_effect(definition, &zone);
        let work = match definition.source {
            Source::Rows(source) => {
                let names = columns.iter().filter_map(|column| field_of(column.from)).collect();
                let filters = tests.into_iter().filter_map(|(from, test)| Some((field_of(from)?, test)));
                let mut filters: Vec<(&str, Test)> = filters.collect();
                if definition.column(RETRACTED).is_some() && !filters.iter().any(|(name, _)| *name == RETRACTED) {
                    filters.push((RETRACTED, Test::In(vec![Scalar::Text("false".to_owned())])));
                }
                Work::Scan(ReportQuery { source, columns: names, filters, between })
            }
            Source::Sums(source) => {
                let filters = tests.into_iter().filter_map(|(from, test)| Some((sum_filter(from)?, test))).collect();
                let between = between.unwrap_or((Millis(i64::MIN), Millis(i64::MAX)));
                let plan = SumPlan::new(source, between, days.clone(), &columns, filters, having);
                notes.extend(plan.notes(&columns));
                Work::Sums(plan)
            }
        };
        Ok(Plan { work, columns, orders, zone: days, format, notes, now })
    }

    /// Lists longer than any that can be right are refused as a whole: their parts would each have an error.
    fn check_sizes(&self, definition: &Definition, errors: &mut Vec<FieldError>) {
        let columns = definition.columns.len();
        let conditions = columns * Operator::COUNT;
        for (field, count, most) in [
            ("columns", self.columns.len(), columns),
            ("filters", self.filters.len(), conditions),
            ("group_filters", self.group_filters.len(), conditions),
            ("orders", self.orders.len(), columns),
        ] {
            if count > most {
                errors.push(broken(field, format!("may have at most {most} entries, and has {count}")));
            }
        }
        let bytes = self.as_sent.len();
        if bytes > MOST_BYTES {
            errors.push(broken("report", format!("may have at most {MOST_BYTES} bytes as JSON, and has {bytes}")));
        }
    }

    /// Remarks on parameters that change nothing.
    fn without_effect(&self, definition: &Definition, zone: &TimeZone) -> Vec<String> {
        let report = definition.report_type;
        let zone = (definition.utc_days && *zone != TimeZone::UTC)
            .then(|| format!("timezone has no effect on {report}: it is by UTC day"));
        let group_filters = (!definition.is_grouped() && !self.group_filters.is_empty())
            .then(|| format!("group_filters has no effect on {report}"));
        [zone, group_filters].into_iter().flatten().collect()
    }

    /// Remarks for the user; none for a request with errors.
    pub fn notes(&self, now: Millis) -> Vec<String> {
        self.check(now).map(|plan| plan.notes).unwrap_or_default()
    }

    fn zone(&self) -> Result<TimeZone, FieldError> {
        let name = self.timezone.as_deref().unwrap_or("UTC");
        TimeZone::get(name).map_err(|_| {
            broken("timezone", format!("must be an IANA time zone such as Europe/Berlin, and is {name:?}"))
        })
    }

    fn file_format(&self) -> Result<ReportFormat, FieldError> {
        let name = self.format.as_deref().unwrap_or("csv");
        ReportFormat::parse(name)
            .ok_or_else(|| broken("format", format!("must be one of {}, and is {name:?}", FORMATS.join(", "))))
    }

    fn chosen(&self, definition: &Definition, errors: &mut Vec<FieldError>) -> Vec<&'static Column> {
        if self.columns.is_empty() {
            errors.push(broken("columns", "is required: name at least one column"));
        }
        let mut columns: Vec<&'static Column> = Vec::new();
        for (index, name) in self.columns.iter().enumerate() {
            let field = format!("columns[{index}]");
            match definition.column(name) {
                Some(column) if columns.iter().any(|other| other.name == column.name) => {
                    errors.push(broken(&field, format!("names {name:?} again")));
                }
                Some(column) => columns.push(column),
                None => errors.push(unknown_column(&field, name, definition)),
            }
        }
        columns
    }

    fn chosen_filters(&self, definition: &Definition, errors: &mut Vec<FieldError>) -> Vec<(Origin, Test)> {
        let mut tests = Vec::new();
        for (index, condition) in self.filters.iter().enumerate() {
            let name = &condition.column;
            let field = format!("filters.{name}");
            if condition.is_among(&self.filters[..index]) {
                errors.push(broken(&field, AGAIN));
                continue;
            }
            let Some(column) = definition.column(name).filter(|column| column.filter) else {
                errors.push(broken(&field, format!("names nothing that {} filters by", definition.report_type)));
                continue;
            };
            match condition.test(&field, column) {
                Ok(test) => tests.push((column.from, test)),
                Err(error) => errors.push(error),
            }
        }
        tests
    }

    fn chosen_group_filters(&self, definition: &Definition, errors: &mut Vec<FieldError>) -> Vec<Having> {
        let mut having = Vec::new();
        let conditions = self.group_filters.iter().enumerate();
        for (index, condition) in conditions.filter(|_| definition.is_grouped()) {
            let (name, operator) = (&condition.column, condition.operator);
            let field = format!("group_filters.{name}");
            if condition.is_among(&self.group_filters[..index]) {
                errors.push(broken(&field, AGAIN));
                continue;
            }
            let Some(column) = definition.column(name).filter(|column| column.from.is_figure()) else {
                errors.push(broken(&field, format!("names no figure of {}", definition.report_type)));
                continue;
            };
            match condition.figures(&field, column) {
                Ok(values) => having.push(Having { of: column.from, operator, values }),
                Err(error) => errors.push(error),
            }
        }
        having
    }

    fn chosen_orders(
        &self,
        definition: &Definition,
        columns: &[&'static Column],
        errors: &mut Vec<FieldError>,
    ) -> Vec<(usize, bool)> {
        let mut orders: Vec<(usize, bool)> = Vec::new();
        for (index, order) in self.orders.iter().enumerate() {
            let field = format!("orders[{index}]");
            match columns.iter().position(|column| column.name == order.column) {
                Some(column) if orders.iter().any(|(other, _)| *other == column) => {
                    errors.push(broken(&field, format!("names {:?} again", order.column)));
                }
                Some(column) => orders.push((column, order.descending)),
                None if definition.column(&order.column).is_some() => {
                    errors.push(broken(&field, format!("sorts by {:?}, which is not among the columns", order.column)));
                }
                None => errors.push(unknown_column(&field, &order.column, definition)),
            }
        }
        orders
    }

    fn between(&self, now: Millis, zone: &TimeZone) -> Result<(Millis, Millis), FieldError> {
        let date = |field: &str, text: &str| {
            WrittenTime::read(text).map(|time| time.in_zone(zone)).map_err(|error| {
                broken(field, format!("must be a date such as 2026-10-01 or 2026-10-01 12:00:00, and {error}"))
            })
        };
        match (&self.report_interval, &self.start_date, &self.end_date) {
            (None, Some(start), Some(end)) => {
                let (from, to) = (date("start_date", start)?, date("end_date", end)?);
                if from < to {
                    return Ok((from, to));
                }
                Err(broken("end_date", format!("must be after start_date, and is {end:?}; it is not included itself")))
            }
            (None, None, None) => Err(broken("report_interval", "is required, or start_date and end_date")),
            (None, None, Some(_)) => Err(broken("start_date", "is required with end_date")),
            (None, Some(_), None) => Err(broken("end_date", "is required with start_date")),
            (Some(name), None, None) => {
                let span = Interval::find(name).and_then(|interval| interval.between(now, zone));
                span.ok_or_else(|| {
                    let names = INTERVALS.iter().map(|interval| interval.name).collect::<Vec<_>>().join(", ");
                    broken("report_interval", format!("must be one of {names}, and is {name:?}"))
                })
            }
            (Some(_), ..) => {
                Err(broken("report_interval", "cannot stand beside start_date and end_date; send one or the other"))
            }
        }
    }
}

/// The value; adds an error to the list instead.
fn collect_error<T>(read: Result<T, FieldError>, errors: &mut Vec<FieldError>) -> Option<T> {
    read.map_err(|error| errors.push(error)).ok()
}

fn unknown_column(field: &str, name: &str, definition: &Definition) -> FieldError {
    let report = definition.report_type;
    broken(field, format!("names {name:?}, which {report} does not have; its meta lists the columns that it has"))
}

/// The column of the log that it shows.
fn field_of(from: Origin) -> Option<&'static str> {
    match from {
        Origin::Field(name) => Some(name),
        _ => None,
    }
}

fn sum_filter(from: Origin) -> Option<SumFilter> {
    match from {
        Origin::Id(dimension) => Some(SumFilter::Id(dimension)),
        Origin::Name(dimension) => Some(SumFilter::Name(dimension)),
        Origin::Currency => Some(SumFilter::Currency),
        Origin::Field(_) | Origin::Time(_) | Origin::Sum(_) | Origin::Ratio(..) | Origin::PerThousand(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Order;
    use super::super::condition::Condition;
    use super::*;

    fn errors(change: impl FnOnce(&mut Request)) -> Vec<String> {
        let mut request = Request {
            report_type: "attributed_conversions".to_owned(),
            columns: vec!["datetime".to_owned(), "order_id".to_owned()],
            report_interval: Some("today".to_owned()),
            ..Request::default()
        };
        change(&mut request);
        request.check(Millis(0)).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_request_needs_little() {
        assert_eq!(errors(|_| ()), Vec::<String>::new());
        assert_eq!(errors(|request| request.report_type = "pixel_fired".to_owned()).len(), 2, "it has other columns");
    }

    #[test]
    fn every_error_is_reported_at_once() {
        let messages = errors(|request| {
            request.timezone = Some("Mars/Base".to_owned());
            request.format = Some("pdf".to_owned());
            request.columns = vec!["datetime".to_owned(), "datetime".to_owned(), "bogus".to_owned()];
            request.filters =
                vec![Condition::one_of("pixel_id", vec!["x".to_owned()]), Condition::one_of("day", vec![])];
            request.orders = vec![Order { column: "order_id".to_owned(), descending: true }];
            request.report_interval = Some("last_week".to_owned());
        });
        insta::assert_snapshot!(messages.join("\n"), @r#"
        timezone must be an IANA time zone such as Europe/Berlin, and is "Mars/Base"
        format must be one of csv, excel, xlsx, json, and is "pdf"
        columns[1] names "datetime" again
        columns[2] names "bogus", which attributed_conversions does not have; its meta lists the columns that it has
        filters.pixel_id must hold values such as the column shows, and holds ["x"]
        filters.day names nothing that attributed_conversions filters by
        orders[0] sorts by "order_id", which is not among the columns
        report_interval must be one of current_hour, last_hour, today, yesterday, last_48_hours, last_2_days, last_7_days, last_14_days, last_30_days, month_to_date, month_to_yesterday, quarter_to_date, last_month, lifetime, and is "last_week"
        "#);
    }

    #[test]
    fn spans_of_time_are_named_or_dated() {
        let dated = |start: Option<&str>, end: Option<&str>| {
            errors(|request| {
                request.report_interval = None;
                (request.start_date, request.end_date) = (start.map(str::to_owned), end.map(str::to_owned));
            })
        };
        assert_eq!(dated(Some("2026-10-01"), Some("2026-10-01 00:00:01")), Vec::<String>::new());
        assert_eq!(dated(None, None), ["report_interval is required, or start_date and end_date"]);
        assert_eq!(dated(Some("2026-10-01"), None), ["end_date is required with start_date"]);
        assert_eq!(
            dated(Some("2026-10-01"), Some("2026-10-01")),
            [r#"end_date must be after start_date, and is "2026-10-01"; it is not included itself"#]
        );
        assert_eq!(
            dated(Some("October"), Some("2026-10-01")),
            [r#"start_date must be a date such as 2026-10-01 or 2026-10-01 12:00:00, and is "October""#]
        );
    }
}
