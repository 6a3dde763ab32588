//! Fills in `${NAME}` macros in the URLs that a tag leads on to. Every value is URL-encoded, so it cannot leave its
//! part of the URL, and no value may decide the host.

use std::borrow::Cow;
use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// All characters except those without a meaning in every part of a URL.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest name of a macro, in bytes.
const LONGEST_NAME: usize = 32;

/// The template with its macros filled in, if that is an absolute http(s) URL and no macro changes its host. `value`
/// gives a macro's value by its name; unknown macros stay as they are.
pub fn url<'v>(template: &str, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> Option<Url> {
    let plain = parse(template)?;
    match fill(template, value) {
        Cow::Borrowed(_) => Some(plain),
        Cow::Owned(filled) => parse(&filled).filter(|filled| filled.authority() == plain.authority()),
    }
}

/// An absolute http(s) URL, read as browsers read it: the check must see the URL that they follow.
fn parse(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn fill<'t, 'v>(template: &'t str, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> Cow<'t, str> {
    let Some((before, mut rest)) = template.split_once("${") else { return Cow::Borrowed(template) };
    let mut filled = before.to_owned();
    loop {
        // It looks no further than the longest name, so a URL full of open macros costs no more than another.
        let end = rest.bytes().take(LONGEST_NAME + 1).position(|byte| byte == b'}');
        let name_and_rest = end.and_then(|end| Some((rest.get(..end)?, rest.get(end + 1..)?)));
        let known = name_and_rest.and_then(|(name, after)| Some((value(name)?, after)));
        match known {
            Some((value, after)) => {
                // Writing to a text cannot fail.
                let _ = write!(filled, "{}", utf8_percent_encode(&value, ENCODED));
                rest = after;
            }
            None => filled.push_str("${"),
        }
        let Some((before, after)) = rest.split_once("${") else {
            filled.push_str(rest);
            return Cow::Owned(filled);
        };
        filled.push_str(before);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(template: &str, order_id: &str) -> Option<String> {
        url(template, |name| match name {
            "ORDER_ID" => Some(Cow::Owned(order_id.to_owned())),
            "VALUE" => Some(Cow::Borrowed("10.50")),
            _ => None,
        })
        .map(String::from)
    }

    #[test]
    fn macros_are_filled_and_encoded() {
        for (template, order_id, url) in [
            ("https://a.example/?o=${ORDER_ID}&v=${VALUE}", "A1", "https://a.example/?o=A1&v=10.50"),
            (
                "https://a.example/${ORDER_ID}/x#${ORDER_ID}",
                "é/?#&=",
                "https://a.example/%C3%A9%2F%3F%23%26%3D/x#%C3%A9%2F%3F%23%26%3D",
            ),
            ("https://a.example/?o=${ORDER_ID}", "\r\nSet-Cookie: a", "https://a.example/?o=%0D%0ASet-Cookie%3A%20a"),
            ("https://a.example/?o=${ORDER_ID}", "${VALUE}", "https://a.example/?o=%24%7BVALUE%7D"),
            ("https://a.example/?o=${ORDER_ID}", "", "https://a.example/?o="),
            ("https://a.example/?${${VALUE}${SSP_DATA}&${VALUE", "", "https://a.example/?${10.50${SSP_DATA}&${VALUE"),
            ("https://a.example/?o=${order_id}$ORDER_ID{}", "A1", "https://a.example/?o=${order_id}$ORDER_ID{}"),
            ("HTTP://A.example", "A1", "http://a.example/"),
        ] {
            assert_eq!(filled(template, order_id).as_deref(), Some(url), "{template}");
        }
    }

    #[test]
    fn a_url_full_of_macros_is_filled_in() {
        let template = format!("https://a.example/?{}", "${VALUE}".repeat(1000) + &"${".repeat(3000));
        let filled = filled(&template, "").unwrap();
        assert_eq!((filled.matches("10.50").count(), filled.matches("${").count()), (1000, 3000));
    }

    #[test]
    fn macros_never_decide_the_host() {
        for template in [
            "https://${ORDER_ID}/",
            "https://${ORDER_ID}.a.example/",
            "https://a.example:${VALUE}/",
            "https://${ORDER_ID}@a.example/",
        ] {
            assert_eq!(filled(template, "evil.example"), None, "{template}");
        }
        for value in ["@evil.example", ".evil.example", "/../..//evil.example", "\\evil.example", ":80", "#@evil"] {
            let url = filled("https://a.example/${ORDER_ID}", value).unwrap();
            assert!(url.starts_with("https://a.example/"), "{url}");
            let url = filled("https://a.example${ORDER_ID}", value);
            assert!(url.is_none_or(|url| url.starts_with("https://a.example/")), "{value}");
        }
    }

    #[test]
    fn only_absolute_web_urls_are_urls() {
        for bad in [
            "",
            "/p",
            "//evil.example/p",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://a.example/",
            "a.example",
            "https://",
            "${VALUE}",
        ] {
            assert_eq!(filled(bad, "A1"), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_value_stays_in_its_place(order_id in any::<String>(), other in "\\PC{0,30}") {
            let url = filled("https://a.example/p?a=${ORDER_ID}&b=1", &order_id).unwrap();
            let read = Url::parse(&url).unwrap();
            let pairs: Vec<_> = read.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, [("a".to_owned(), order_id.clone()), ("b".to_owned(), "1".to_owned())]);
            prop_assert!(url.bytes().all(|b| (0x21..0x7f).contains(&b)));
            if let Some(url) = filled(&other, &order_id) {
                prop_assert!(url.bytes().all(|b| (0x21..0x7f).contains(&b)), "{}", url);
            }
        }
    }
}
