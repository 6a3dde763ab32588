//! Texts from outside: without the blanks around them, cut to a length, or folded to be compared.

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

/// Small letters without accents, to compare what people type.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'à'..='å' | 'ā' | 'ă' | 'ą' => folded.push('a'),
            'ç' | 'ć' | 'č' => folded.push('c'),
            'ď' | 'đ' => folded.push('d'),
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => folded.push('e'),
            'ğ' => folded.push('g'),
            'ì'..='ï' | 'ī' | 'į' | 'ı' => folded.push('i'),
            'ł' => folded.push('l'),
            'ñ' | 'ń' | 'ň' => folded.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => folded.push('o'),
            'ř' => folded.push('r'),
            'ś' | 'ş' | 'š' | 'ș' => folded.push('s'),
            'ß' => folded.push_str("ss"),
            'ť' | 'ț' | 'ţ' => folded.push('t'),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ź' | 'ż' | 'ž' => folded.push('z'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            // An accent of its own, after its letter.
            '\u{300}'..='\u{36f}' => {}
            other => folded.push(other),
        }
    }
    folded
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

    #[test]
    fn letters_fold_whatever_their_case_and_accents() {
        for (text, folded) in [
            ("Büro", "buro"),
            ("BÜRO", "buro"),
            ("Bu\u{308}ro", "buro"),
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("Łódź", "lodz"),
            ("İstanbul", "istanbul"),
            ("Ωmega 7", "ωmega 7"),
            ("日本", "日本"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
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
