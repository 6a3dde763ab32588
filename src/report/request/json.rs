//! A request as the API takes it, so that a script can run the report of a page.

use serde_json::{Map, Value, json};

use super::Request;
use super::condition::{Condition, Operator};

impl Request {
    /// The body of a `POST /report` that asks for the same.
    pub fn to_json(&self) -> String {
        let mut report = Map::new();
        report.insert("report_type".to_owned(), self.report_type.clone().into());
        let texts = [
            ("name", &self.name),
            ("report_interval", &self.report_interval),
            ("start_date", &self.start_date),
            ("end_date", &self.end_date),
            ("timezone", &self.timezone),
            ("format", &self.format),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                report.insert(name.to_owned(), text.clone().into());
            }
        }
        report.insert("columns".to_owned(), self.columns.clone().into());
        for (name, conditions) in [("filters", &self.filters), ("group_filters", &self.group_filters)] {
            if !conditions.is_empty() {
                report.insert(name.to_owned(), conditions.iter().map(condition).collect());
            }
        }
        if !self.orders.is_empty() {
            let direction = |descending| if descending { "desc" } else { "asc" };
            let orders = self.orders.iter();
            let orders = orders
                .map(|order| json!({ "order_by": order.column, "direction": direction(order.descending) }))
                .collect();
            report.insert("orders".to_owned(), orders);
        }
        json!({ "report": report }).to_string()
    }
}

fn condition(condition: &Condition) -> Value {
    let Condition { column, operator, values } = condition;
    match (operator, values.as_slice()) {
        (Operator::In, [value]) => json!({ column: value }),
        (Operator::In, values) => json!({ column: values }),
        (operator, values) => json!({ column: { "operator": operator.sign(), "value": values } }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Order;

    #[test]
    fn the_body_holds_only_the_keys_of_the_request() {
        let mut request = Request { report_type: "pixel_fired".to_owned(), ..Request::default() };
        request.columns = vec!["pixel_id".to_owned(), "last_fired".to_owned()];
        assert_eq!(
            request.to_json(),
            r#"{"report":{"report_type":"pixel_fired","columns":["pixel_id","last_fired"]}}"#
        );
        request.report_interval = Some("today".to_owned());
        request.filters = vec![
            Condition::one_of("pixel_id", vec!["1".to_owned(), "2".to_owned()]),
            Condition::one_of("advertiser_id", vec!["3".to_owned()]),
        ];
        let values = vec!["5".to_owned()];
        request.group_filters = vec![Condition { column: "imps".to_owned(), operator: Operator::AtLeast, values }];
        request.orders = vec![Order { column: "last_fired".to_owned(), descending: true }];
        assert_eq!(
            request.to_json(),
            r#"{"report":{"report_type":"pixel_fired","report_interval":"today","columns":["pixel_id","last_fired"],"filters":[{"pixel_id":["1","2"]},{"advertiser_id":"3"}],"group_filters":[{"imps":{"operator":">=","value":["5"]}}],"orders":[{"order_by":"last_fired","direction":"desc"}]}}"#
        );
    }
}
