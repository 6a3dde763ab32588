//! The parts of a page's address that the log keeps, and the sign of e-mail addresses in any text.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// How often a text may be encoded.
const ENCODED_TIMES: usize = 4;

/// An address without its query and fragment, encoded or not.
pub fn without_query(url: &str) -> &str {
    let ends = ["?", "%3F", "%3f", "%253F", "%253f", "#", "%23"].into_iter().filter_map(|sign| url.find(sign));
    ends.min().and_then(|end| url.get(..end)).unwrap_or(url)
}

/// A visited page's address as the log keeps it: never its fragment.
pub fn page(url: &str, with_query: bool) -> &str {
    let ends: &[char] = if with_query { &['#'] } else { &['?', '#'] };
    url.find(ends).and_then(|end| url.get(..end)).unwrap_or(url)
}

/// The same of a private visitor. A path may hold an e-mail address; then only the origin is kept.
pub fn private_page(url: &str) -> &str {
    let page = without_query(url);
    if !may_hold_email(page) {
        return page;
    }
    let origin = page.split_once("://").and_then(|(scheme, rest)| {
        let host = rest.split(['/', '\\']).next()?;
        page.get(..scheme.len() + "://".len() + host.len())
    });
    origin.filter(|origin| !may_hold_email(origin)).unwrap_or_default()
}

/// Whether a text holds the sign of an e-mail address, encoded or not.
pub fn may_hold_email(text: &str) -> bool {
    let has_sign = |text: &str| text.contains(['@', '＠', '﹫']);
    if has_sign(text) {
        return true;
    }
    let mut decoded = Cow::Borrowed(text);
    for _ in 0..ENCODED_TIMES {
        if !decoded.contains('%') {
            return false;
        }
        decoded = Cow::Owned(percent_decode_str(&decoded).decode_utf8_lossy().into_owned());
        if has_sign(&decoded) {
            return true;
        }
    }
    false
}

/// A text that is not kept, for a warning or a message: its length.
pub fn length_of(text: &str) -> String {
    match text.chars().count() {
        1 => "1 character".to_owned(),
        count => format!("{count} characters"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_its_query() {
        for (url, kept) in [
            ("https://shop.example/land?sspdata=abc", "https://shop.example/land"),
            ("https://shop.example/land#sspdata=abc", "https://shop.example/land"),
            ("https%3A%2F%2Fshop.example%253Fa", "https%3A%2F%2Fshop.example"),
            ("https://shop.example/", "https://shop.example/"),
            ("", ""),
        ] {
            assert_eq!(without_query(url), kept, "{url}");
        }
    }

    #[test]
    fn a_page_is_kept_as_the_setting_says() {
        for (url, off, on, private) in [
            ("https://a.example/x?y=1#z", "https://a.example/x", "https://a.example/x?y=1", "https://a.example/x"),
            ("https://a.example/x#z?y=1", "https://a.example/x", "https://a.example/x", "https://a.example/x"),
            (
                "https://a.example/100%3F",
                "https://a.example/100%3F",
                "https://a.example/100%3F",
                "https://a.example/100",
            ),
            (
                "https://a.example/a@b.example",
                "https://a.example/a@b.example",
                "https://a.example/a@b.example",
                "https://a.example",
            ),
            (
                "https://a.example/a%2540b",
                "https://a.example/a%2540b",
                "https://a.example/a%2540b",
                "https://a.example",
            ),
            ("https://anna@a.example/x", "https://anna@a.example/x", "https://anna@a.example/x", ""),
            ("anna@a.example", "anna@a.example", "anna@a.example", ""),
            ("", "", "", ""),
        ] {
            assert_eq!((page(url, false), page(url, true), private_page(url)), (off, on, private), "{url}");
        }
    }

    #[test]
    fn the_sign_of_an_email_address_is_seen_however_it_is_encoded() {
        for (text, found) in [
            ("anna@shop.example", true),
            ("anna%40shop.example", true),
            ("anna%2540shop.example", true),
            ("anna%25252540shop.example", true),
            ("anna＠shop.example", true),
            ("100%", false),
            ("40", false),
            ("A-1003", false),
        ] {
            assert_eq!(may_hold_email(text), found, "{text}");
        }
    }
}
