//! The fields of an audit entry: stored columns and values in the words of the forms. Pure.

use serde_json::{Map, Value};

use crate::admin::server::fields;
use crate::admin::shell::form::capital;
use crate::admin::text::conditions;
use crate::domain::{AuditAction, ConversionEvent, Micros, Millis, Minutes, RepeatRule, SourceMatch};

/// A field with its old and its new value.
#[derive(Debug, PartialEq, Eq)]
pub struct FieldChange {
    pub label: String,
    /// Empty if the field held nothing.
    pub before: String,
    /// Empty if the field holds nothing.
    pub after: String,
}

impl FieldChange {
    /// `Status: active → inactive`; for a new or deleted object `Status: active`.
    pub fn words(&self, action: AuditAction) -> String {
        let FieldChange { label, before, after } = self;
        let value = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
        match action {
            AuditAction::Created => format!("{label}: {after}"),
            AuditAction::Deleted => format!("{label}: {before}"),
            _ => format!("{label}: {} → {}", value(before), value(after)),
        }
    }
}

/// The meaning of a stored value.
#[derive(Clone, Copy)]
enum ColumnType {
    Plain,
    /// Millionths.
    Money,
    /// 0 or 1.
    YesNo,
    /// Milliseconds.
    Time,
    /// Minutes; null and 0 mean the maximum.
    Window(&'static str),
    /// Minutes between two counted conversions.
    Repeat,
    /// The minutes of a membership.
    Lifetime,
    /// The number of an event category.
    Event,
    /// A trigger type.
    Credit,
    /// Lines of text.
    Lines,
    /// The condition of a source, as JSON.
    Condition,
}

/// The columns whose name is no label, or whose value needs a type.
const COLUMNS: &[(&str, &str, ColumnType)] = &[
    ("username", "Username", ColumnType::Plain),
    ("short_name", "Name", ColumnType::Plain),
    ("advertiser_id", "Advertiser", ColumnType::Plain),
    ("publisher_id", "Placement", ColumnType::Plain),
    ("line_item_id", "Line item", ColumnType::Plain),
    ("default_pixel_id", "Default pixel", ColumnType::Plain),
    ("state", "Status", ColumnType::Plain),
    ("trigger_type", "Credit for", ColumnType::Credit),
    ("timezone", "Time zone", ColumnType::Plain),
    ("redirect_hosts", "Redirect hosts", ColumnType::Lines),
    ("allow_any_redirect", "Redirects to any host", ColumnType::YesNo),
    ("start_date", "Starts", ColumnType::Time),
    ("end_date", "Ends", ColumnType::Time),
    ("revenue_value", "Revenue value", ColumnType::Money),
    ("min_minutes_per_conv", "Repeat conversions", ColumnType::Repeat),
    ("post_click_expire_mins", "Attribution window after a click", ColumnType::Window("90 days")),
    ("post_view_expire_mins", "Attribution window after a view", ColumnType::Window("30 days")),
    ("post_click_value", "Payout for a click", ColumnType::Money),
    ("post_view_value", "Payout for a view", ColumnType::Money),
    ("max_value", "Largest believable value", ColumnType::Money),
    ("post_click_revenue", "click", ColumnType::Money),
    ("post_view_revenue", "view", ColumnType::Money),
    ("pixel_conversion_event_id", "Category", ColumnType::Event),
    ("count_each_order_once", "Count each order once", ColumnType::YesNo),
    ("click_url", "Landing page", ColumnType::Plain),
    ("match", "Conditions", ColumnType::Condition),
    ("campaign_id", "Campaign", ColumnType::Plain),
    ("campaign_by", "Parameter of the campaign", ColumnType::Plain),
    ("makes_campaigns", "Makes campaigns", ColumnType::YesNo),
    ("expire_minutes", "Membership lasts", ColumnType::Lifetime),
    ("max_usersync_pixels", "Most extra pixels", ColumnType::Plain),
    ("piggyback_pixels", "Extra pixels", ColumnType::Plain),
    ("amount", "Amount", ColumnType::Money),
    ("imps", "Impressions", ColumnType::Plain),
    ("run_id", "Import", ColumnType::Plain),
    ("made_at", "Made", ColumnType::Time),
    ("undone_at", "Undone", ColumnType::Time),
];

/// Columns that the entry itself shows.
const LEFT_OUT: [&str; 3] = ["id", "created_on", "last_modified"];

/// The fields that differ. A new or deleted object lists those that hold something.
pub fn changes(before: Option<&str>, after: Option<&str>) -> Vec<FieldChange> {
    let read = |text: Option<&str>| -> Map<String, Value> {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let (before, after) = (read(before), read(after));
    let names = after.keys().chain(before.keys().filter(|name| !after.contains_key(*name)));
    let change = |name: &String| {
        let text = |columns: &Map<String, Value>| columns.get(name).map(|value| value_of(name, value));
        let change = FieldChange {
            label: label(name),
            before: text(&before).unwrap_or_default(),
            after: text(&after).unwrap_or_default(),
        };
        (change.before != change.after).then_some(change)
    };
    names.filter(|name| !LEFT_OUT.contains(&name.as_str())).filter_map(change).collect()
}

fn label(name: &str) -> String {
    let known = COLUMNS.iter().find(|(column, ..)| *column == name);
    let known = known.map(|(_, label, _)| *label).or_else(|| fields::label(name));
    known.map_or_else(|| capital(&name.replace('_', " ")), str::to_owned)
}

/// A stored value as text.
fn value_of(name: &str, value: &Value) -> String {
    let kind = COLUMNS.iter().find(|(column, ..)| *column == name).map_or(ColumnType::Plain, |(.., kind)| *kind);
    let minutes = value.as_u64().and_then(|minutes| u32::try_from(minutes).ok());
    match (kind, value) {
        (ColumnType::Window(longest), _) => match minutes {
            None | Some(0) => format!("{longest} (maximum)"),
            Some(minutes) => Minutes(minutes).to_string(),
        },
        (ColumnType::Lifetime, _) => match minutes {
            None => "180 days".to_owned(),
            Some(0) => "not kept".to_owned(),
            Some(minutes) => Minutes(minutes).to_string(),
        },
        (ColumnType::Repeat, _) => match RepeatRule::from(minutes) {
            RepeatRule::Once => "once per visitor".to_owned(),
            RepeatRule::All => "every time".to_owned(),
            RepeatRule::Every(minutes) => format!("once every {minutes}"),
        },
        (_, Value::Null) => String::new(),
        (_, Value::Array(items)) => items.iter().map(|item| value_of(name, item)).collect::<Vec<_>>().join(" · "),
        (_, Value::Object(fields)) => part(fields),
        (ColumnType::Lines, Value::String(text)) => text.lines().collect::<Vec<_>>().join(", "),
        (ColumnType::Condition, Value::String(json)) => condition(json),
        (ColumnType::Credit, Value::String(text)) => credit(text).to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Number(number)) => match (kind, number.as_i64()) {
            (ColumnType::Money, Some(micros)) => Micros(micros).to_money(),
            (ColumnType::YesNo, Some(bit)) => (if bit == 0 { "no" } else { "yes" }).to_owned(),
            (ColumnType::Time, Some(at)) => format!("{} UTC", Millis(at)),
            (ColumnType::Event, Some(id)) => {
                ConversionEvent::new(id).map_or_else(|| id.to_string(), |event| event.label().to_owned())
            }
            _ => number.to_string(),
        },
        (_, Value::Bool(is)) => is.to_string(),
    }
}

/// Which ads may earn credit, by the stored word.
fn credit(trigger_type: &str) -> &str {
    match trigger_type {
        "hybrid" => "clicks and views",
        "click" => "clicks only",
        "view" => "views only",
        other => other,
    }
}

/// The condition of a source: `fbclid and utm_medium is cpc or paid`.
fn condition(json: &str) -> String {
    let parts: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
    let texts = |values: Value| serde_json::from_value(values).unwrap_or_default();
    conditions::text(&SourceMatch::stored(parts.into_iter().map(|(part, values)| (part, texts(values)))))
}

/// An item of a list: a line item's pixel, or an extra pixel.
fn part(fields: &Map<String, Value>) -> String {
    let text = |name: &str| fields.get(name).map(|value| value_of(name, value)).filter(|text| !text.is_empty());
    if let Some(url) = text("url") {
        let kind = if text("pixel_type").as_deref() == Some("js") { "script" } else { "image" };
        return format!("{kind} {url}");
    }
    let mut parts = vec![format!("pixel {}", text("id").unwrap_or_default())];
    parts.extend(text("state").filter(|state| state != "active"));
    for name in ["post_click_revenue", "post_view_revenue"] {
        parts.extend(text(name).map(|amount| format!("{} {amount}", label(name))));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(before: Option<&str>, after: Option<&str>) -> Vec<String> {
        let action = if after.is_some() { AuditAction::Changed } else { AuditAction::Deleted };
        changes(before, after).iter().map(|change| change.words(action)).collect()
    }

    #[test]
    fn only_fields_that_differ_appear() {
        let before = r#"{"id":1,"name":"Sale","post_click_value":null,"state":"active","last_modified":1}"#;
        let after = r#"{"id":1,"name":"Sale","post_click_value":2500000,"state":"inactive","last_modified":2}"#;
        assert_eq!(texts(Some(before), Some(after)), ["Payout for a click: none → 2.50", "Status: active → inactive"]);
        assert_eq!(texts(Some(r#"{"id":1,"name":"Sale","code":null}"#), None), ["Name: Sale"]);
        assert_eq!(texts(Some("no JSON"), None), [""; 0]);
        assert_eq!(texts(None, None), [""; 0]);
    }

    #[test]
    fn values_use_the_words_of_the_forms() {
        for (column, stored, text) in [
            ("post_click_expire_mins", "null", "Attribution window after a click: 90 days (maximum)"),
            ("post_view_expire_mins", "1440", "Attribution window after a view: 1 day"),
            ("min_minutes_per_conv", "null", "Repeat conversions: once per visitor"),
            ("min_minutes_per_conv", "0", "Repeat conversions: every time"),
            ("min_minutes_per_conv", "90", "Repeat conversions: once every 90 minutes"),
            ("expire_minutes", "null", "Membership lasts: 180 days"),
            ("expire_minutes", "0", "Membership lasts: not kept"),
            ("pixel_conversion_event_id", "7", "Category: Purchase"),
            ("count_each_order_once", "1", "Count each order once: yes"),
            ("allow_any_redirect", "0", "Redirects to any host: no"),
            ("start_date", "1790856000000", "Starts: 2026-10-01 12:00:00 UTC"),
            ("redirect_hosts", r#""a.example\nb.example""#, "Redirect hosts: a.example, b.example"),
            ("revenue_type", r#""cpm""#, "Revenue type: cpm"),
            ("trigger_type", r#""view""#, "Credit for: views only"),
            (
                "match",
                r#""{\"click_id\":[\"fbclid\"],\"utm_medium\":[\"cpc\",\"paid\"]}""#,
                "Conditions: fbclid and utm_medium is cpc or paid",
            ),
            ("max_usersync_pixels", "3", "Most extra pixels: 3"),
            (
                "pixels",
                r#"[{"id":3,"state":"active","post_click_revenue":null,"post_view_revenue":1000000},
                    {"id":4,"state":"inactive"}]"#,
                "Pixels: pixel 3, view 1.00 · pixel 4, inactive",
            ),
            (
                "piggyback_pixels",
                r#"[{"pixel_type":"js","url":"https://a.example/"},{"pixel_type":"img","url":"https://b.example/"}]"#,
                "Extra pixels: script https://a.example/ · image https://b.example/",
            ),
        ] {
            assert_eq!(
                format!("{}: {}", label(column), value_of(column, &serde_json::from_str(stored).unwrap())),
                text
            );
        }
    }
}
