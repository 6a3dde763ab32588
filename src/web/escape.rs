//! Escapes texts for HTML and SVG. Signs that turn the direction of a line become visible, so that a name or an order ID
//! cannot rewrite the words around it. `askama.toml` names this for every template.

use std::fmt::{Result, Write};

use askama::filters::{Escaper, Html};

/// Shown in place of a sign that turns the direction.
const SHOWN: char = '\u{fffd}';

#[derive(Clone, Copy, Debug, Default)]
pub struct VisibleHtml;

impl Escaper for VisibleHtml {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> Result {
        // Most texts have none: every such sign begins with one of two bytes.
        if !text.bytes().any(|byte| byte == 0xe2) {
            return Html.write_escaped_str(dest, text);
        }
        let mut parts = text.split(turns_direction);
        if let Some(first) = parts.next() {
            Html.write_escaped_str(&mut dest, first)?;
        }
        for part in parts {
            dest.write_char(SHOWN)?;
            Html.write_escaped_str(&mut dest, part)?;
        }
        Ok(())
    }
}

/// Embeddings, overrides and isolates of the Unicode bidirectional algorithm. Marks (LRM, RLM) belong to names in Arabic
/// and Hebrew, and turn nothing else.
fn turns_direction(sign: char) -> bool {
    matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_turn_a_line_are_shown_and_all_else_is_escaped() {
        for (text, written) in [
            ("Sale", "Sale"),
            ("<b>&\"'", "&#60;b&#62;&#38;&#34;&#39;"),
            ("Sale \u{202e}elas", "Sale \u{fffd}elas"),
            ("\u{2066}<\u{2069}", "\u{fffd}&#60;\u{fffd}"),
            ("“Sale” – 5 €", "“Sale” – 5 €"),
            ("מבצע\u{200f}", "מבצע\u{200f}"),
        ] {
            let mut out = String::new();
            VisibleHtml.write_escaped_str(&mut out, text).unwrap();
            assert_eq!(out, written);
        }
    }
}
