//! Texts from outside: without the blanks around them, or cut to a length.

use std::borrow::Cow;

/// Whether it takes no part in a text at its ends: white space, control characters, and signs without any width.
fn is_blank(sign: char) -> bool {
    sign.is_whitespace()
        || sign.is_control()
        || matches!(sign,
            '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text without blanks and control characters around it.
pub fn trim(text: &str) -> &str {
    // Most texts have nothing to trim, and are seen by two bytes.
    if let [first, .., last] = text.as_bytes()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return text;
    }
    text.trim_matches(is_blank)
}

/// The same; it copies only a text that it owns and that has such signs.
pub fn trim_cow(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) => match trim(&text) {
            kept if kept.len() < text.len() => Cow::Owned(kept.to_owned()),
            _ => Cow::Owned(text),
        },
    }
}

/// The first `most` characters.
pub fn cut(text: &str, most: usize) -> &str {
    // A text has at least as many bytes as characters, so the usual short text needs no counting.
    if text.len() <= most {
        return text;
    }
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_and_control_characters_around_a_text_are_trimmed() {
        for blank in [
            " ",
            "\t",
            "\r\n",
            "\0",
            "\u{1f}",
            "\u{7f}",
            "\u{85}",
            "\u{a0}",
            "\u{1680}",
            "\u{2003}",
            "\u{2028}",
            "\u{3000}",
            "\u{180e}",
            "\u{200b}",
            "\u{200e}",
            "\u{202c}",
            "\u{2060}",
            "\u{2069}",
            "\u{feff}",
            " \0\u{a0} ",
        ] {
            assert_eq!(trim(&format!("{blank}A{blank}1{blank}")), format!("A{blank}1"), "{blank:?}");
            assert_eq!(trim(blank), "", "{blank:?}");
        }
        for kept in ["", "A", "é", "\u{fffd}", "-", "\u{301}", "🎉", "\u{ad}x"] {
            assert_eq!(trim(kept), kept);
        }
    }

    #[test]
    fn texts_are_cut_by_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "abc");
        assert_eq!(cut("éééé", 3), "ééé");
        assert_eq!(cut("ééé", 3), "ééé");
        assert_eq!(cut("", 0), "");
    }

    proptest! {
        #[test]
        fn a_text_is_trimmed_once_for_all(before in "[ \\t\\r\\n\\x00\u{a0}\u{feff}\u{200b}]{0,4}", text in any::<String>(), after in "[ \\t\\r\\n\\x00\u{a0}\u{feff}\u{200b}]{0,4}") {
            let around = format!("{before}{text}{after}");
            let once = trim(&around);
            prop_assert_eq!(once, trim(&text));
            prop_assert_eq!(trim(once), once);
            prop_assert_eq!(trim_cow(Cow::Owned(around.clone())), once);
            prop_assert_eq!(trim_cow(Cow::Borrowed(&around)), once);
        }
    }
}
