//! The worst inputs that each kind of address takes, at any size up to its bound in `docs/rules/limits.md`.

use serde_json::{Map, Value, json};

use crate::routes::Takes;

/// An input of some kind. Its share is 1 of its bound, or a half.
pub struct Input {
    pub name: String,
    pub query: String,
    pub body: Option<(&'static str, String)>,
}

/// How much of a bound is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Half,
    Whole,
}

impl Size {
    fn of(self, bound: usize) -> usize {
        match self {
            Size::Half => bound / 2,
            Size::Whole => bound,
        }
    }
}

/// A little less than the bound of a query, for what is before and after the part that grows.
const QUERY: usize = 8_000;
/// Parameters of a request to the API or to a page.
const PARAMETERS: usize = 190;
/// Bytes of a body of tags, servers and forms; of one of the API.
const BODY: usize = 255_000;
const API_BODY: usize = 1_000_000;
/// Fields of a body, and elements of a list in it.
const FIELDS: usize = 4_900;
/// Events of a server.
const EVENTS: usize = 1_000;
/// Entries of the longest lists in objects.
const HOSTS: usize = 1_000;
/// The most costs of a body.
const COSTS: usize = 900;
const PIGGYBACKS: usize = 20;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Parameters of tags that are read in some way of their own.
const OF_TAGS: &[&str] = &[
    "order_id",
    "event_id",
    "other",
    "value",
    "currency",
    "test",
    "gdpr",
    "gdpr_consent",
    "gpp",
    "us_privacy",
    "seg",
    "add",
    "remove",
    "seg_code",
    "add_code",
    "remove_code",
    "content_ids",
    "num_items",
    "sspdata",
    "imp",
    "ancost",
    "campaign_id",
    "redir",
    "page_url",
    "gclid",
    "utm_source",
    "sku_list[]",
    "sale_amount",
    "external_data",
];

/// Parameters of the API and the pages that are read in some way of their own.
const OF_LISTS: &[&str] = &[
    "id",
    "advertiser_id",
    "sort",
    "search",
    "fields",
    "return_to",
    "state",
    "name",
    "code",
    "q",
    "from",
    "range",
    "compare",
    "category",
    "line_item_id",
    "to",
    "page",
    "column",
    "filter",
    "order",
    "group",
    "zone",
    "since",
    "until",
    "outcome",
    "pixel_id",
    "url",
    "before",
    "template",
    "click_id",
    "parameter",
    "start_element",
    "num_elements",
];

/// Fields of forms that may come several times.
const OF_FORMS: &[&str] = &[
    "id",
    "name",
    "code",
    "pixel_id",
    "pixel",
    "piggyback_url",
    "piggyback_type",
    "redirect_hosts",
    "column",
    "filter",
    "order",
    "do",
    "confirmed",
    "state",
    "kept",
    "return_to",
    "next",
    "user",
    "password",
    "advertiser_id",
    "comments",
    "public_url",
    "tcf_purposes",
    "return_to",
    "confirm",
    "click_id",
    "parameter",
    "parameter_values",
    "referrer_host",
    "direction",
    "ads",
    "shop_system",
    "site",
    "goal",
    "timezone",
    "column_day",
    "answer_day",
    "to_0",
];

/// Texts that are costly to read, each a part that is repeated.
const PARTS: &[&str] =
    &["%C3%A9", "%2540", "1,", "a:1,", "$%7BORDER_ID%7D", "%5B", "%20", "+", "%E9", "%EF%BC%A0", "{"];

fn times(part: &str, bytes: usize) -> String {
    part.repeat(bytes / part.len())
}

fn numbered(count: usize) -> String {
    (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&")
}

/// Every input of this kind of address with this method. `path` has no braces.
pub fn of(takes: Takes, path: &str, method: &str, size: Size) -> Vec<Input> {
    let mut inputs = match takes {
        Takes::Tag => of_tags(size),
        Takes::Events => Vec::new(),
        Takes::Api | Takes::Page | Takes::Entry => of_lists(size),
    };
    if method != "GET" {
        inputs.extend(match takes {
            Takes::Tag => of_beacon(size),
            Takes::Events => of_server(path, size),
            // These take no body, whatever is in it.
            Takes::Api if path.ends_with("/meta") => forms(BODY, FIELDS, size),
            Takes::Api => of_api(path, method, size),
            Takes::Page => forms(BODY, FIELDS, size),
            Takes::Entry => forms(4_000, 300, size),
        });
    }
    inputs
}

fn query(name: impl Into<String>, query: String) -> Input {
    Input { name: name.into(), query, body: None }
}

/// Parts that are repeated between the parameters.
const BETWEEN: &[&str] = &["id=1&", "gdpr=1&", "&", "%70=1&", "amp;p&"];

fn of_tags(size: Size) -> Vec<Input> {
    let mut all = vec![query("names", format!("id=1&{}", numbered(size.of(900))))];
    all.extend(BETWEEN.iter().map(|part| query(*part, format!("id=1&{}", times(part, size.of(QUERY))))));
    all.extend(PARTS.iter().map(|part| query(format!("{part} everywhere"), everywhere(OF_TAGS, part, size.of(QUERY)))));
    for name in ["redir=https%3A%2F%2Fshop.example%2F%3F", "page_url=https://shop.example/", "order_id="] {
        for part in ["$%7BORDER_ID%7D", "1,", "%2540"] {
            all.push(query(format!("{name}{part}"), format!("id=1&{name}{}", times(part, size.of(QUERY - 100)))));
        }
    }
    all
}

fn of_lists(size: Size) -> Vec<Input> {
    let mut all = vec![query("names", numbered(size.of(PARAMETERS)))];
    all.push(query("ids", "id=1&".repeat(size.of(PARAMETERS))));
    for part in ["%C3%A9", "1,"] {
        all.push(query(format!("{part} everywhere"), everywhere(OF_LISTS, part, size.of(QUERY))));
    }
    for name in ["sort=", "search=", "id="] {
        all.push(query(format!("{name}name,"), format!("{name}{}", times("name,", size.of(QUERY - 100)))));
    }
    all
}

/// A part as the value of all names at once, since one address reads few of them.
fn everywhere(names: &[&str], part: &str, bytes: usize) -> String {
    let each = (bytes / names.len()).saturating_sub(14);
    let pairs = names.iter().map(|name| format!("{name}={}", times(part, each)));
    format!("id=1&{}", pairs.collect::<Vec<_>>().join("&"))
}

fn body(name: impl Into<String>, kind: &'static str, text: String) -> Input {
    Input { name: format!("body: {}", name.into()), query: String::new(), body: Some((kind, text)) }
}

fn forms(bytes: usize, fields: usize, size: Size) -> Vec<Input> {
    let repeated = OF_FORMS.iter().cycle().take(size.of(fields)).map(|name| format!("{name}=1")).collect::<Vec<_>>();
    let mut all = vec![body("names", FORM, numbered(size.of(fields))), body("repeated", FORM, repeated.join("&"))];
    for part in ["%C3%A9", "1,"] {
        all.push(body(format!("{part} everywhere"), FORM, everywhere(OF_FORMS, part, size.of(bytes))));
    }
    all
}

fn of_beacon(size: Size) -> Vec<Input> {
    let mut all = vec![body("names", FORM, format!("id=1&{}", numbered(size.of(25_000))))];
    all.extend(BETWEEN.iter().map(|part| body(*part, FORM, format!("id=1&{}", times(part, size.of(BODY))))));
    all.extend(PARTS.iter().map(|part| body(*part, FORM, everywhere(OF_TAGS, part, size.of(BODY)))));
    let fields: Map<_, _> = (0..size.of(25_000)).map(|n| (format!("p{n}"), json!(1))).collect();
    all.push(body("fields", JSON, Value::Object(fields).to_string()));
    for name in ["seg", "content_ids", "order_id", "gdpr", "gclid", "utm_source", "parameters"] {
        all.push(body(
            format!("a list as {name}"),
            JSON,
            json!({"id": 1, name: vec![1; size.of(BODY / 2)]}).to_string(),
        ));
    }
    for part in ["gclid=a&", "utm_source=a&", "p=A&", "%25%32%30&"] {
        let address = times(part, size.of(BODY - 100));
        all.push(body(format!("parameters of {part}"), JSON, json!({"id": 1, "parameters": address}).to_string()));
    }
    let ids: Map<_, _> = (0..size.of(4_000)).map(|n| (format!("p{n}"), json!([format!("A{n:039}")]))).collect();
    all.push(body("tokens", JSON, json!({"id": 1, "parameters": ids}).to_string()));
    let part = "--b\r\nContent-Disposition: form-data; name=\"p\"\r\n\r\n1\r\n";
    let parts = format!("{}--b--\r\n", times(part, size.of(BODY)));
    all.push(body("parts", "multipart/form-data; boundary=b", parts));
    all
}

fn of_server(path: &str, size: Size) -> Vec<Input> {
    let key = path.trim_start_matches('/').replace("conversions", "events");
    let events = |event: Value| json!({&key: vec![event; size.of(EVENTS)]}).to_string();
    let of_one = |event: Value| json!({&key: [event]}).to_string();
    let fields: Map<_, _> = (0..size.of(20_000)).map(|n| (format!("p{n}"), json!(1))).collect();
    let text = "é".repeat(size.of(BODY / 2) - 100);
    let mut all = vec![
        body("good events", JSON, events(json!({"pixel_id": 1, "order_id": "A1", "value": 1.5}))),
        body("good adjustments", JSON, events(json!({"type": "retract", "order_id": "A1", "advertiser_id": 1}))),
        body("bad events", JSON, events(json!({"pixel_id": 99, "more": 1, "other": [1]}))),
        body("fields", JSON, of_one(Value::Object(fields))),
    ];
    for name in ["order_id", "content_ids", "page_url", "visitor_id", "ip", "gdpr"] {
        all.push(body(format!("a text as {name}"), JSON, of_one(json!({"pixel_id": 1, name: text}))));
        all.push(body(
            format!("a list as {name}"),
            JSON,
            of_one(json!({"pixel_id": 1, name: vec![1; size.of(BODY / 2) - 50]})),
        ));
    }
    all
}

/// Fields of the API's objects that may be lists, or have a rule of their own.
const OF_OBJECTS: &[&str] = &[
    "name",
    "code",
    "state",
    "redirect_hosts",
    "piggyback_pixels",
    "pixels",
    "trackers",
    "advertiser_id",
    "columns",
    "filters",
    "orders",
    "report_type",
    "groups",
    "order_id",
    "comments",
];

fn of_api(path: &str, method: &str, size: Size) -> Vec<Input> {
    let service = path.split('/').nth(1).unwrap_or_default();
    let object = |fields: Value| json!({service: fields}).to_string();
    let text = "é".repeat(size.of(API_BODY / 2) - 100);
    let fields: Map<_, _> = (0..size.of(FIELDS)).map(|n| (format!("p{n}"), json!(1))).collect();
    let again = r#""a": 1, "#.repeat(size.of(API_BODY / 30));
    let under = "x".repeat(size.of(API_BODY / 2));
    let mut all = vec![
        body("fields again under a long name", JSON, format!(r#"{{"{under}": {{{again}"z": 1}}}}"#)),
        body("fields", JSON, object(Value::Object(fields.clone()))),
        body("fields outside", JSON, Value::Object(fields).to_string()),
        body("a list outside", JSON, json!(vec![1; size.of(FIELDS)]).to_string()),
        body("ids", JSON, json!({"id": vec![1; size.of(PARAMETERS)]}).to_string()),
    ];
    if method == "DELETE" {
        return all;
    }
    let hosts: Vec<_> = (0..size.of(HOSTS)).map(|n| format!("h{n}.example")).collect();
    let scripts: Vec<_> = (0..size.of(PIGGYBACKS))
        .map(|n| json!({"pixel_type": "js", "url": format!("https://p{n}.example/a.js")}))
        .collect();
    let pixels: Vec<_> = (0..size.of(FIELDS / 2)).map(|id| json!({"id": id, "state": "active"})).collect();
    for (name, value) in
        [("redirect_hosts", json!(hosts)), ("piggyback_pixels", json!(scripts)), ("pixels", json!(pixels))]
    {
        let fields = object(json!({"name": "x", name: value}));
        all.push(body(name, JSON, fields.clone()));
        for query in ["id=1", "id=1&append=true"] {
            all.push(Input { query: query.to_owned(), ..body(format!("{name} to {query}"), JSON, fields.clone()) });
        }
    }
    if service == "source" {
        all.extend(of_conditions(size).into_iter().map(|(name, value)| {
            let fields = object(json!({"name": "x", "line_item_id": 1, "match": value}));
            Input { query: "id=1".to_owned(), ..body(name, JSON, fields) }
        }));
    }
    if service == "cost" {
        let costs: Vec<_> = (0..size.of(COSTS))
            .map(|n| json!({"day": "2026-01-01", "line_item_id": 1, "amount": 1, "currency": "EUR", "label": n.to_string()}))
            .collect();
        all.push(body("costs", JSON, json!({ "costs": costs }).to_string()));
        let unknown: Vec<_> = (0..size.of(COSTS)).map(|n| json!({ format!("f{n}"): n })).collect();
        all.push(body("unknown fields of costs", JSON, json!({ "costs": unknown }).to_string()));
    }
    all.push(body("a text as name", JSON, object(json!({"name": text}))));
    for name in OF_OBJECTS.iter().copied() {
        all.push(body(format!("a list as {name}"), JSON, object(json!({name: vec!["order_id"; size.of(FIELDS)]}))));
    }
    all
}

/// Conditions of sources: many parts, many values, and texts that are costly to compare.
fn of_conditions(size: Size) -> Vec<(&'static str, Value)> {
    let parts: Map<_, _> = (0..size.of(FIELDS)).map(|n| (format!("p{n}"), json!("*"))).collect();
    let values: Vec<_> = (0..size.of(FIELDS)).map(|n| format!("*{n}*")).collect();
    let stars = "a*".repeat(size.of(120));
    vec![
        ("parts", Value::Object(parts)),
        ("values", json!({ "utm_source": values })),
        ("names", json!({ times("a,", size.of(API_BODY / 2)): "*" })),
        ("stars", json!({ "utm_source": vec![stars; 50] })),
        ("hosts", json!({ "referrer_host": vec!["a.example"; size.of(FIELDS)] })),
        ("a long value", json!({ "utm_source": "*".repeat(size.of(API_BODY / 2)) })),
    ]
}
