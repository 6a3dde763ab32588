//! Holds the services to their tables of fields.

use super::super::service::Service;
use crate::api::request::input_value::InputValue;
use serde_json::Value;

/// Every writable field can be set, and no other.
fn sets_what_its_table_says<S: Service>(elsewhere: &[&str]) {
    for field in S::INFO.fields.iter().filter(|field| !elsewhere.contains(&field.name)) {
        let mut object = S::blank(None);
        let outcome = S::set(&mut object, &InputValue::new(field.name, &Value::Null, false));
        let refused = outcome.is_err_and(|error| error.message == "cannot be set");
        assert_eq!(refused, field.read_only, "{} of {}", field.name, S::INFO.path);
    }
}

#[test]
fn every_service_sets_what_its_table_says() {
    sets_what_its_table_says::<super::pixel::Pixels>(&[]);
    sets_what_its_table_says::<super::advertiser::Advertisers>(&[]);
    sets_what_its_table_says::<super::publisher::Publishers>(&[]);
    sets_what_its_table_says::<super::line_item::LineItems>(&[]);
    sets_what_its_table_says::<super::campaign::Campaigns>(&[]);
    sets_what_its_table_says::<super::segment::Segments>(&[]);
    sets_what_its_table_says::<super::source::Sources>(&[]);
    let objects = ["publisher", "line_item"];
    sets_what_its_table_says::<super::tracker::ImpTrackers>(&objects);
    sets_what_its_table_says::<super::tracker::ClickTrackers>(&objects);
}
