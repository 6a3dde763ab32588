//! The spellings of an order ID. A shop writes `#1001`, its e-mails `1001`, and people type `rc-71935` for `RC-71935`.

use super::text::trim;

/// Whether two spellings differ in the case of the letters a to z alone, as SQLite's NOCASE compares.
fn are_alike(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The order IDs that a typed text may mean, the text itself first: with and without a leading `#`, with and without the
/// blanks in it. Compare them with `order_id COLLATE NOCASE`: it takes the letters a to z in either case. Other letters come
/// in the case as typed, and all small, and all capitals. Empty if nothing but blanks and `#` was typed.
pub fn order_spellings(typed: &str) -> Vec<String> {
    let typed = trim(typed);
    let bare = trim(typed.trim_start_matches(|sign: char| sign == '#' || sign.is_whitespace()));
    let mut spellings: Vec<String> = Vec::new();
    if bare.is_empty() {
        return spellings;
    }
    let closed: String = bare.split_whitespace().collect();
    let mut add = |spelling: String| {
        if !spellings.iter().any(|known| are_alike(known, &spelling)) {
            spellings.push(spelling);
        }
    };
    add(typed.to_owned());
    for id in [bare, &closed] {
        for id in [id.to_owned(), id.to_lowercase(), id.to_uppercase()] {
            add(format!("#{id}"));
            add(id);
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_known_by_all_its_spellings() {
        for (typed, spellings) in [
            ("1001", &["1001", "#1001"][..]),
            ("#1001", &["#1001", "1001"]),
            (" # 1001 ", &["# 1001", "#1001", "1001"]),
            ("rc-71935", &["rc-71935", "#rc-71935"]),
            ("RC-71935", &["RC-71935", "#RC-71935"]),
            ("RC 719", &["RC 719", "#RC 719", "#RC719", "RC719"]),
            ("Ü1", &["Ü1", "#Ü1", "#ü1", "ü1"]),
            ("1#2", &["1#2", "#1#2"]),
            ("", &[]),
            (" # ", &[]),
            ("\u{a0}7\u{200b}", &["7", "#7"]),
        ] {
            assert_eq!(order_spellings(typed), spellings, "{typed:?}");
        }
    }
}
