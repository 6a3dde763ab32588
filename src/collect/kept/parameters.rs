//! A tag's query string, or a page script's body, as the log keeps it. Most requests have known parameters alone, and
//! are kept as they came without a copy.

use std::borrow::Cow;

use super::names::Nature;
use super::{MAX_UNKNOWN, MAX_UNKNOWN_NAME, MAX_UNKNOWN_VALUE, addresses, beginning};
use crate::collect::query;

/// The length of an escaped sign.
const ESCAPED: usize = 3;
/// The longest plain name of an unknown parameter that is kept of a private visitor, in bytes.
const MAX_PRIVATE_NAME: usize = 40;

/// Whose parameters they are, and how much of the unknown ones is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub private: bool,
    pub unknown_values: bool,
    pub page_query: bool,
}

/// How much of a parameter is kept.
#[derive(Debug, PartialEq, Eq)]
enum Part<'q> {
    /// This beginning of it.
    Begin(&'q str),
    /// Such a beginning, of a parameter that pixeld does not know.
    Unknown(&'q str),
    Nothing,
}

/// The parameters that are kept. `nature` knows the endpoint's names.
pub fn kept(query: &str, nature: fn(&str) -> Option<Nature>, keep: Keep) -> Cow<'_, str> {
    let mut unknown = 0;
    // What is kept so far, once it differs from the beginning of the query.
    let mut text: Option<String> = None;
    let mut length = 0;
    for part in query::parts(query) {
        let begin = length;
        length += part.len() + 1;
        let kept = match of_part(part, nature, keep) {
            Part::Begin(kept) => kept,
            Part::Unknown(kept) => {
                unknown += 1;
                if unknown > MAX_UNKNOWN { "" } else { kept }
            }
            Part::Nothing => "",
        };
        let is_dropped = kept.is_empty() && (!part.is_empty() || unknown > MAX_UNKNOWN);
        if text.is_none() && (is_dropped || kept.len() != part.len()) {
            text = Some(query.get(..begin.saturating_sub(1)).unwrap_or_default().to_owned());
        }
        if let Some(text) = &mut text
            && !is_dropped
        {
            if begin > 0 && !text.is_empty() {
                text.push('&');
            }
            text.push_str(kept);
        }
    }
    text.map_or(Cow::Borrowed(query), Cow::Owned)
}

fn of_part(part: &str, nature: fn(&str) -> Option<Nature>, keep: Keep) -> Part<'_> {
    // Names that are written as they are need no copy.
    let name = query::name(part);
    let Some(nature) = nature(&name) else { return of_unknown(part, &name, keep) };
    match nature {
        Nature::NamesVisitor if keep.private => Part::Nothing,
        // Whoever puts an e-mail address where a token belongs has made a mistake.
        Nature::NamesVisitor if addresses::may_hold_email(part) => Part::Begin(name_of(part)),
        Nature::Ad(_) if keep.private => Part::Begin(name_of(part)),
        Nature::Ad(parameter) => Part::Begin(with_value(part, parameter.longest() * ESCAPED)),
        Nature::Address if keep.private => harmless(addresses::without_query(part)),
        Nature::Address if name == "page_url" => Part::Begin(of_page(part, keep)),
        Nature::Plain if keep.private => harmless(part),
        Nature::Plain | Nature::NamesVisitor | Nature::Address => Part::Begin(part),
    }
}

fn of_unknown<'q>(part: &'q str, name: &str, keep: Keep) -> Part<'q> {
    let is_plain = |sign: u8| sign.is_ascii_alphanumeric() || b"_-.[]".contains(&sign);
    let own = name_of(part);
    if addresses::may_hold_email(own) || keep.private && (own.len() > MAX_PRIVATE_NAME || !name.bytes().all(is_plain)) {
        // A value without a name, perhaps.
        return Part::Unknown("");
    }
    if keep.unknown_values && !keep.private && own.len() <= MAX_UNKNOWN_NAME {
        return Part::Unknown(with_value(part, MAX_UNKNOWN_VALUE));
    }
    Part::Unknown(beginning(own, MAX_UNKNOWN_NAME))
}

/// A plain value, or only the name if it holds an e-mail address.
fn harmless(part: &str) -> Part<'_> {
    Part::Begin(if addresses::may_hold_email(part) { name_of(part) } else { part })
}

/// A page's address; its query may be encoded.
fn of_page(part: &str, keep: Keep) -> &str {
    let ends: &[&str] = if keep.page_query { &["#", "%23"] } else { &["?", "%3F", "%3f", "#", "%23"] };
    let end = ends.iter().filter_map(|sign| part.find(sign)).min();
    end.and_then(|end| part.get(..end)).unwrap_or(part)
}

/// A parameter's name as it came.
fn name_of(part: &str) -> &str {
    part.split_once('=').map_or(part, |(name, _)| name)
}

/// A parameter with at most so many bytes of its value.
fn with_value(part: &str, most: usize) -> &str {
    match part.split_once('=') {
        Some((name, value)) if value.len() > most => beginning(part, name.len() + 1 + most),
        _ => part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::kept::names;

    const KNOWN: Keep = Keep { private: false, unknown_values: false, page_query: false };
    const PRIVATE: Keep = Keep { private: true, ..KNOWN };
    const ALL: Keep = Keep { unknown_values: true, page_query: true, ..KNOWN };

    fn tag(query: &str, keep: Keep) -> Cow<'_, str> {
        kept(query, names::of_tag, keep)
    }

    #[test]
    fn known_parameters_are_kept_without_a_copy() {
        for query in [
            "",
            "id=1&value=2",
            "id=1&order_id=anna@shop.example&cb=7",
            "id=1&redir=https://a.example/?x=1&y=2&email=a@b.example",
            "id=1&gclid=Cj0K&UTM_SOURCE=google&fbclid=",
            "&&id=1&amp;t=2&",
            "order%5Fid=A1&sspdata=abc",
        ] {
            assert!(matches!(tag(query, KNOWN), Cow::Borrowed(kept) if kept == query), "{query}");
        }
    }

    #[test]
    fn the_rest_is_kept_by_its_name() {
        let long = "n".repeat(100);
        for (query, known, private, all) in [
            ("id=1&email=a%40b.example", "id=1&email", "id=1&email", "id=1&email=a%40b.example"),
            ("email=a&id=1&x", "email&id=1&x", "email&id=1&x", "email=a&id=1&x"),
            ("id=1&anna@b.example&t=2", "id=1&t=2", "id=1&t=2", "id=1&t=2"),
            ("id=1&anna%40b.example=1", "id=1", "id=1", "id=1"),
            ("id=1&5fé=1", "id=1&5fé", "id=1", "id=1&5fé=1"),
            (&format!("{long}=1&id=1"), &format!("{}&id=1", &long[..64]), "id=1", &format!("{}&id=1", &long[..64])),
            (
                "order_id=a@b.example&value=1",
                "order_id=a@b.example&value=1",
                "order_id&value=1",
                "order_id=a@b.example&value=1",
            ),
            ("value=a%2540b&id=1", "value=a%2540b&id=1", "value&id=1", "value=a%2540b&id=1"),
            (
                "gclid=Cj0&utm_term=shoes&id=1",
                "gclid=Cj0&utm_term=shoes&id=1",
                "gclid&utm_term&id=1",
                "gclid=Cj0&utm_term=shoes&id=1",
            ),
            ("sspdata=a@b.example&id=1", "sspdata&id=1", "id=1", "sspdata&id=1"),
            (
                "page_url=https://a.example/x?e=1&id=1",
                "page_url=https://a.example/x&id=1",
                "page_url=https://a.example/x&id=1",
                "page_url=https://a.example/x?e=1&id=1",
            ),
            (
                "page_url=https%3A%2F%2Fa.example%2F%3fe%23f",
                "page_url=https%3A%2F%2Fa.example%2F",
                "page_url=https%3A%2F%2Fa.example%2F",
                "page_url=https%3A%2F%2Fa.example%2F%3fe",
            ),
            // Of those who are not to be known.
            ("id=1&sspdata=abc&value=2", "id=1&sspdata=abc&value=2", "id=1&value=2", "id=1&sspdata=abc&value=2"),
            ("imp=x", "imp=x", "", "imp=x"),
            ("id=1&amp;imp=x&%69mp=y&t=2", "id=1&amp;imp=x&%69mp=y&t=2", "id=1&t=2", "id=1&amp;imp=x&%69mp=y&t=2"),
            (
                "redir=https%3A%2F%2Fa.example%2F%3fsspdata%3D1&t=2",
                "redir=https%3A%2F%2Fa.example%2F%3fsspdata%3D1&t=2",
                "redir=https%3A%2F%2Fa.example%2F&t=2",
                "redir=https%3A%2F%2Fa.example%2F%3fsspdata%3D1&t=2",
            ),
            (
                "id=1&redir=https://a.example/?s=1&y=2",
                "id=1&redir=https://a.example/?s=1&y=2",
                "id=1&redir=https://a.example/",
                "id=1&redir=https://a.example/?s=1&y=2",
            ),
            (
                "redir=https://a.example/thanks&t=2",
                "redir=https://a.example/thanks&t=2",
                "redir=https://a.example/thanks&t=2",
                "redir=https://a.example/thanks&t=2",
            ),
        ] {
            assert_eq!(
                (&*tag(query, KNOWN), &*tag(query, PRIVATE), &*tag(query, ALL)),
                (known, private, all),
                "{query}"
            );
        }
    }

    #[test]
    fn unknown_parameters_are_bounded_in_number_and_length() {
        let many: Vec<_> = (0..100).map(|number| format!("p{number}=1")).collect();
        let names = many.iter().take(20).map(|part| part.trim_end_matches("=1")).collect::<Vec<_>>().join("&");
        let query = format!("id=1&{}&t=2", many.join("&"));
        assert_eq!(tag(&query, KNOWN), format!("id=1&{names}&t=2"));
        let padded = format!("id=1&pad={}&t=2", "y".repeat(7_900));
        assert_eq!(tag(&padded, ALL), format!("id=1&pad={}&t=2", "y".repeat(200)));
        let id = format!("gclid={}", "y".repeat(7_900));
        assert_eq!(tag(&id, KNOWN).len(), "gclid=".len() + 1_536);
    }

    #[test]
    fn invocas_names_are_known_at_its_addresses_alone() {
        let query = "sale_amount=10&sku_list%5B%5D=dog&order_id=A1&reason_code=x";
        assert_eq!(kept(query, names::of_invoca, KNOWN), "sale_amount=10&sku_list%5B%5D=dog&order_id&reason_code=x");
        assert_eq!(tag(query, KNOWN), "sale_amount&sku_list%5B%5D&order_id=A1&reason_code");
    }
}
