//! Finds objects by the words that people type: each is a part of the name, the code or the advertiser's name, or it is the
//! id. Case and accents say nothing. SQLite folds the letters a to z alone, so this is a function of its own.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;

use crate::domain::fold;

/// The SQL function: `found_rank(words, id, name, code, advertiser)` is 0 for an object that lacks a word, and more for a
/// better match.
pub(in crate::store) const FUNCTION: &str = "found_rank";

/// The most words that count.
const MOST_WORDS: usize = 8;

/// The function's first argument: the folded words of a text, one a line.
pub(in crate::store) fn words(text: &str) -> Value {
    let words: Vec<String> = text.split_whitespace().take(MOST_WORDS).map(fold).collect();
    Value::Text(words.join("\n"))
}

/// Adds the function to a connection.
pub(in crate::store) fn add_function(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function(FUNCTION, 5, flags, |row| {
        let text = |place| row.get_raw(place).as_str_or_null().ok().flatten().unwrap_or_default();
        let words: Vec<&str> = text(0).split('\n').collect();
        Ok(rank(&words, row.get(1)?, text(2), text(3), text(4)))
    })
}

fn rank(words: &[&str], id: i64, name: &str, code: &str, advertiser: &str) -> i64 {
    let (name, code, advertiser) = (fold(name), fold(code), fold(advertiser));
    let is_id = |word: &str| word.strip_prefix('#').unwrap_or(word) == id.to_string();
    let is_in_own = |word: &str| name.contains(word) || code.contains(word) || is_id(word);
    if !words.iter().all(|word| is_in_own(word) || advertiser.contains(word)) {
        return 0;
    }
    let whole = words.join(" ");
    let begins = |word: &&str| name.starts_with(word) || name.match_indices(word).any(|(at, _)| is_begin(&name, at));
    match whole.as_str() {
        whole if is_id(whole) || code == whole => 6,
        whole if name == whole => 5,
        whole if name.starts_with(whole) => 4,
        _ if words.iter().all(begins) => 3,
        _ if words.iter().all(|word| is_in_own(word)) => 2,
        _ => 1,
    }
}

/// Whether a word of the text begins at this byte.
fn is_begin(text: &str, at: usize) -> bool {
    !text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_matches_rank_higher() {
        let rank = |typed: &str| {
            let words: Vec<String> = typed.split_whitespace().map(fold).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            super::rank(&words, 12, "Autumn sale Büro", "AS-1", "ProStarr Sportswear")
        };
        for (typed, expected) in [
            ("12", 6),
            ("#12", 6),
            ("as-1", 6),
            ("AUTUMN SALE BURO", 5),
            ("autumn s", 4),
            ("sale autumn", 3),
            ("büro", 3),
            ("utumn", 2),
            ("autumn 12", 2),
            ("prostarr", 1),
            ("prostarr sale", 1),
            ("1", 2),
            ("winter", 0),
            ("autumn winter", 0),
            ("13", 0),
        ] {
            assert_eq!(rank(typed), expected, "{typed}");
        }
    }

    #[test]
    fn sqlite_knows_the_function() {
        let conn = Connection::open_in_memory().unwrap();
        add_function(&conn).unwrap();
        let rank = |text: &str| {
            let sql = "SELECT found_rank(?1, 7, 'Büro', NULL, NULL)";
            conn.query_row(sql, [words(text)], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!((rank("BURO"), rank("7"), rank("x")), (5, 6, 0));
    }
}
