//! Tables of query strings: what is read from each.

use proptest::prelude::*;

use super::*;

#[test]
fn values_are_decoded() {
    for (query, order_id) in [
        ("order_id=A1", Some("A1")),
        ("order_id=a+b%20c", Some("a b c")),
        ("order_id=%C3%A9", Some("é")),
        ("order_id=%c3%a9%", Some("é%")),
        ("order_id=100%", Some("100%")),
        ("order_id=%zz%4", Some("%zz%4")),
        ("order_id=%u20AC", Some("%u20AC")),
        ("order_id=%E9t%E9", Some("\u{fffd}t\u{fffd}")),
        ("order_id=%00A%0d1%0a", Some("A\r1")),
        ("+order_id+=+A%C2%A01%E2%80%8B%EF%BB%BF", Some("A\u{a0}1")),
        ("id=1&amp;%20order_id=%20", Some("")),
        ("order_id=a=b=c", Some("a=b=c")),
        ("order_id=%2541", Some("%41")),
        ("order%5Fid=A1", Some("A1")),
        ("order_id=", Some("")),
        ("order_id", Some("")),
        ("&&order_id=A1&&", Some("A1")),
        ("id=1&amp;order_id=A1", Some("A1")),
        ("ORDER_ID=A1", None),
        ("order_id%3DA1", None),
        ("", None),
        ("=A1&", None),
    ] {
        assert_eq!(parse(query).order_id.as_deref(), order_id, "{query:?}");
    }
}

#[test]
fn the_first_of_a_repeated_name_is_taken() {
    let raw = parse("value=1&id=5&value=2&value=");
    assert_eq!((raw.id.as_deref(), raw.value.as_deref()), (Some("5"), Some("1")));
    assert_eq!(raw.repeated, [("value", Cow::from("2"))]);
    assert_eq!(parse(&"id&value&".repeat(800)).repeated, [("id", Cow::from("")), ("value", Cow::from(""))]);
}

#[test]
fn redir_is_read_encoded_or_as_the_last() {
    for (query, redir, kind) in [
        ("redir=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D2&t=1", "https://a.example/?x=1&y=2", Some("1")),
        ("redir=https%3A//a.example/p&t=1", "https://a.example/p", Some("1")),
        ("t=1&redir=https://a.example/?x=1&y=2&t=2", "https://a.example/?x=1&y=2&t=2", Some("1")),
        ("t=1&redir=https://a.example/?q=a%20b+c&z=%26", "https://a.example/?q=a%20b+c&z=%26", Some("1")),
        ("redir=HTTP://a.example/thanks&t=1", "HTTP://a.example/thanks", Some("1")),
        ("redir=https://a.example/a%20b+c%26d&t=1", "https://a.example/a%20b+c%26d", Some("1")),
        ("redir=https://a.example/a%3Fb=1%26c=2&t=1", "https://a.example/a?b=1&c=2", Some("1")),
        ("redir=https://a.example/$%7BORDER_ID%7D&t=1", "https://a.example/${ORDER_ID}", Some("1")),
        ("redir=https%3A%2F%2Fa.example%2Fr%E9els%C3%A9&t=1", "https://a.example/r%E9elsé", Some("1")),
        ("redir=https%3A%2F%2Fa.example%2Fr%25E9els%252526%2Bx&t=1", "https://a.example/r%E9els%2526+x", Some("1")),
        ("redir=https://a.example/r%e9els&t=1", "https://a.example/r%e9els", Some("1")),
        ("redir=//a.example/?x&t=1", "//a.example/?x", Some("1")),
        ("redir=[REDIRECT_URL]&t=2", "[REDIRECT_URL]", Some("2")),
        ("t=1&redir=%20+https://a.example/?x=1&y=2&t=2", "https://a.example/?x=1&y=2&t=2", Some("1")),
        ("redir=%20https%3A//a.example/p%20%0a&t=1", "https://a.example/p", Some("1")),
    ] {
        let raw = parse(query);
        assert_eq!((raw.redir.as_deref(), raw.t.as_deref()), (Some(redir), kind), "{query:?}");
    }
}

#[test]
fn an_address_that_ends_in_an_empty_parameter_is_noted() {
    for (query, name) in [
        ("id=1&order_id=", Some("order_id")),
        ("id=1&order_id=+%20", Some("order_id")),
        ("order%5Fid=&amp;value=", Some("value")),
        ("redir=", Some("redir")),
        ("order_id=&value=10", None),
        ("order_id=A1&order_id=", None),
        ("order_id=&", None),
        ("order_id", None),
        ("order_id=%20A", None),
        ("unknown=", None),
        ("redir=https://a.example/?order_id=", None),
        ("", None),
    ] {
        assert_eq!(parse(query).empty_at_end, name, "{query}");
    }
    let mut raw = parse("order_id=");
    add(&mut raw, "");
    assert_eq!(raw.empty_at_end, None, "a body follows");
}

#[test]
fn a_body_adds_to_the_query_and_replaces_nothing() {
    let mut raw = parse("id=1&value=2");
    add(&mut raw, "value=3&order_id=A%201");
    assert_eq!((raw.id.as_deref(), raw.value.as_deref(), raw.order_id.as_deref()), (Some("1"), Some("2"), Some("A 1")));
    assert_eq!(raw.repeated, [("value", Cow::from("3"))]);
}

#[test]
fn pairs_come_in_their_order() {
    let read: Vec<_> = pairs("sku_list[]=dog&&sku_list%5B%5D=c%26t&x").collect();
    let expected = [("sku_list[]", "dog"), ("sku_list[]", "c&t"), ("x", "")];
    assert_eq!(read, expected.map(|(name, value)| (Cow::from(name), Cow::from(value))));
}

#[test]
fn a_second_redir_does_not_replace_the_first() {
    let raw = parse("redir=https://a.example/&redir=https://evil.example/?x&order_id=1");
    assert_eq!(raw.redir.as_deref(), Some("https://a.example/"));
    assert_eq!(raw.repeated, [("redir", Cow::from("https://evil.example/?x&order_id=1"))]);
}

proptest! {
    #[test]
    fn no_query_is_refused(query in "([a-z_]{0,8}|redir|order_id|%|=|&|\\+|https://|\\?|\\PC){0,60}") {
        let raw = parse(&query);
        for value in [raw.order_id, raw.redir].into_iter().flatten() {
            prop_assert!(value.len() <= 3 * query.len());
        }
    }

    #[test]
    fn encoded_parameters_read_back(text in any::<String>(), other in any::<String>()) {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("order_id", &text).append_pair("redir", &text.replace('+', " "))
            .append_pair("other", &other).finish();
        let raw = parse(&query);
        prop_assert_eq!(raw.order_id.as_deref(), Some(trim(&text)));
        prop_assert_eq!(raw.other.as_deref(), Some(trim(&other)));
        prop_assert_eq!(raw.repeated, []);
    }

    #[test]
    fn it_agrees_with_the_url_crate(query in "[a-f_=&%0-9+;é]{0,60}") {
        let read = |query: &str| parse(query).id.map(Cow::into_owned);
        let query = format!("{query}&id=%F0%9F{query}");
        let others = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "id");
        if !query.contains("amp;") {
            prop_assert_eq!(read(&query), others.map(|(_, value)| trim(&value).to_owned()));
        }
    }
}
