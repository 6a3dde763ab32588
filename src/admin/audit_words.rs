//! What an entry of the audit log says of its fields: stored columns and values as the forms call them. Pure; which
//! entries there are, and who may read them, is the page's business.

use serde_json::{Map, Value};

use super::form::capital;
use crate::domain::{ConversionEvent, Micros, Millis, Minutes, RepeatRule};

/// A field that was changed, made or deleted.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// Its label.
    pub field: String,
    /// What it held; empty if nothing.
    pub before: String,
    /// What it holds; empty if nothing.
    pub after: String,
}

/// How a stored value is read.
#[derive(Clone, Copy)]
enum Form {
    /// As it is.
    Plain,
    /// Millionths.
    Money,
    /// 0 or 1.
    YesNo,
    /// Milliseconds.
    Time,
    /// Minutes; none or 0 is the longest there is.
    Window(&'static str),
    /// Minutes between two counted conversions.
    Repeat,
    /// Minutes that a membership lasts.
    Lasts,
    /// A category's number.
    Event,
    /// Lines of text.
    Lines,
}

/// The columns whose name or value says too little by itself.
const COLUMNS: &[(&str, &str, Form)] = &[
    ("username", "User", Form::Plain),
    ("short_name", "Name", Form::Plain),
    ("advertiser_id", "Advertiser", Form::Plain),
    ("publisher_id", "Publisher", Form::Plain),
    ("line_item_id", "Line item", Form::Plain),
    ("default_pixel_id", "Default pixel", Form::Plain),
    ("timezone", "Time zone", Form::Plain),
    ("redirect_hosts", "Hosts that redirects may lead to", Form::Lines),
    ("allow_any_redirect", "Redirects to any host", Form::YesNo),
    ("start_date", "Starts", Form::Time),
    ("end_date", "Ends", Form::Time),
    ("revenue_value", "Revenue value", Form::Money),
    ("min_minutes_per_conv", "Repeat conversions", Form::Repeat),
    ("post_click_expire_mins", "Post-click window", Form::Window("90 days")),
    ("post_view_expire_mins", "Post-view window", Form::Window("30 days")),
    ("post_click_value", "Post-click value", Form::Money),
    ("post_view_value", "Post-view value", Form::Money),
    ("post_click_revenue", "post-click", Form::Money),
    ("post_view_revenue", "post-view", Form::Money),
    ("pixel_conversion_event_id", "Event category", Form::Event),
    ("count_each_order_once", "Count each order once", Form::YesNo),
    ("click_url", "Landing page", Form::Plain),
    ("expire_minutes", "Membership lasts", Form::Lasts),
    ("max_usersync_pixels", "Most piggybacks", Form::Plain),
    ("piggyback_pixels", "Piggybacks", Form::Plain),
];

/// Stamps, which follow from the entry itself.
const LEFT_OUT: [&str; 3] = ["id", "created_on", "last_modified"];

/// The fields that differ; of what is new or gone, those that hold something.
pub fn changes(before: Option<&str>, after: Option<&str>) -> Vec<Change> {
    let read = |text: Option<&str>| -> Map<String, Value> {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let (before, after) = (read(before), read(after));
    let names = after.keys().chain(before.keys().filter(|name| !after.contains_key(*name)));
    let change = |name: &String| {
        let told = |columns: &Map<String, Value>| columns.get(name).map(|value| value_of(name, value));
        let change = Change {
            field: label(name),
            before: told(&before).unwrap_or_default(),
            after: told(&after).unwrap_or_default(),
        };
        (change.before != change.after).then_some(change)
    };
    names.filter(|name| !LEFT_OUT.contains(&name.as_str())).filter_map(change).collect()
}

fn label(name: &str) -> String {
    let known = COLUMNS.iter().find(|(column, ..)| *column == name);
    known.map_or_else(|| capital(&name.replace('_', " ")), |(_, label, _)| (*label).to_owned())
}

/// A stored value as people read it.
fn value_of(name: &str, value: &Value) -> String {
    let form = COLUMNS.iter().find(|(column, ..)| *column == name).map_or(Form::Plain, |(.., form)| *form);
    let minutes = value.as_u64().and_then(|minutes| u32::try_from(minutes).ok());
    match (form, value) {
        (Form::Window(longest), _) => match minutes {
            None | Some(0) => format!("the maximum, {longest}"),
            Some(minutes) => Minutes(minutes).to_string(),
        },
        (Form::Lasts, _) => match minutes {
            None => "180 days".to_owned(),
            Some(0) => "not kept".to_owned(),
            Some(minutes) => Minutes(minutes).to_string(),
        },
        (Form::Repeat, _) => match RepeatRule::from(minutes) {
            RepeatRule::Once => "one per visitor".to_owned(),
            RepeatRule::All => "all".to_owned(),
            RepeatRule::Every(minutes) => format!("one every {minutes}"),
        },
        (_, Value::Null) => String::new(),
        (_, Value::Array(items)) => items.iter().map(|item| value_of(name, item)).collect::<Vec<_>>().join("; "),
        (_, Value::Object(fields)) => part(fields),
        (Form::Lines, Value::String(text)) => text.lines().collect::<Vec<_>>().join(", "),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Number(number)) => match (form, number.as_i64()) {
            (Form::Money, Some(micros)) => Micros(micros).to_money(),
            (Form::YesNo, Some(bit)) => (if bit == 0 { "no" } else { "yes" }).to_owned(),
            (Form::Time, Some(at)) => format!("{} UTC", Millis(at)),
            (Form::Event, Some(id)) => {
                ConversionEvent::new(id).map_or_else(|| id.to_string(), |event| event.label().to_owned())
            }
            _ => number.to_string(),
        },
        (_, Value::Bool(is)) => is.to_string(),
    }
}

/// What stands in a list: a line item's pixel, a piggyback.
fn part(fields: &Map<String, Value>) -> String {
    let text = |name: &str| fields.get(name).map(|value| value_of(name, value)).filter(|text| !text.is_empty());
    if let Some(url) = text("url") {
        let kind = if text("pixel_type").as_deref() == Some("js") { "script" } else { "image" };
        return format!("{kind} {url}");
    }
    let mut said = vec![format!("pixel {}", text("id").unwrap_or_default())];
    said.extend(text("state").filter(|state| state != "active"));
    for name in ["post_click_revenue", "post_view_revenue"] {
        said.extend(text(name).map(|amount| format!("{} {amount}", label(name))));
    }
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: Option<&str>, after: Option<&str>) -> Vec<String> {
        let told = |change: Change| format!("{}: {} -> {}", change.field, change.before, change.after);
        changes(before, after).into_iter().map(told).collect()
    }

    #[test]
    fn only_what_differs_is_told() {
        let before = r#"{"id":1,"name":"Sale","post_click_value":null,"state":"active","last_modified":1}"#;
        let after = r#"{"id":1,"name":"Sale","post_click_value":2500000,"state":"inactive","last_modified":2}"#;
        assert_eq!(told(Some(before), Some(after)), ["Post-click value:  -> 2.50", "State: active -> inactive"]);
        assert_eq!(told(Some(r#"{"id":1,"name":"Sale","code":null}"#), None), ["Name: Sale -> "]);
        assert_eq!(told(Some("no JSON"), None), [""; 0]);
        assert_eq!(told(None, None), [""; 0]);
    }

    #[test]
    fn values_are_said_as_the_forms_say_them() {
        for (column, stored, said) in [
            ("post_click_expire_mins", "null", "Post-click window: the maximum, 90 days"),
            ("post_view_expire_mins", "1440", "Post-view window: 1 day"),
            ("min_minutes_per_conv", "null", "Repeat conversions: one per visitor"),
            ("min_minutes_per_conv", "0", "Repeat conversions: all"),
            ("min_minutes_per_conv", "90", "Repeat conversions: one every 90 minutes"),
            ("expire_minutes", "null", "Membership lasts: 180 days"),
            ("expire_minutes", "0", "Membership lasts: not kept"),
            ("pixel_conversion_event_id", "7", "Event category: Purchase"),
            ("count_each_order_once", "1", "Count each order once: yes"),
            ("allow_any_redirect", "0", "Redirects to any host: no"),
            ("start_date", "1790856000000", "Starts: 2026-10-01 12:00:00 UTC"),
            ("redirect_hosts", r#""a.example\nb.example""#, "Hosts that redirects may lead to: a.example, b.example"),
            ("revenue_type", r#""cpm""#, "Revenue type: cpm"),
            ("max_usersync_pixels", "3", "Most piggybacks: 3"),
            (
                "pixels",
                r#"[{"id":3,"state":"active","post_click_revenue":null,"post_view_revenue":1000000},
                    {"id":4,"state":"inactive"}]"#,
                "Pixels: pixel 3, post-view 1.00; pixel 4, inactive",
            ),
            (
                "piggyback_pixels",
                r#"[{"pixel_type":"js","url":"https://a.example/"},{"pixel_type":"img","url":"https://b.example/"}]"#,
                "Piggybacks: script https://a.example/; image https://b.example/",
            ),
        ] {
            assert_eq!(
                format!("{}: {}", label(column), value_of(column, &serde_json::from_str(stored).unwrap())),
                said
            );
        }
    }
}
