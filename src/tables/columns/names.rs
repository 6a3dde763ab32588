//! Names of columns, compared without regard to case, accents, blanks, marks and a currency in brackets.

use crate::domain::Currency;
use crate::tables::formats::currencies;

/// Whether a column of this name is the one that a vocabulary calls `known`, in small letters without blanks.
pub fn is_called(name: &str, known: &str) -> bool {
    folded(name).eq(known.chars())
}

/// The name with what matters: `Amount spent (EUR)` is `amountspent`, `Währungscode` is `wahrungscode`.
pub fn folded(name: &str) -> impl Iterator<Item = char> {
    without_brackets(name)
        .chars()
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .flat_map(unaccented)
}

fn without_brackets(name: &str) -> &str {
    match name.find(['(', '[']) {
        Some(0) | None => name,
        Some(at) => name.get(..at).unwrap_or(name),
    }
}

fn unaccented(letter: char) -> impl Iterator<Item = char> {
    let (first, second) = match letter {
        'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' => ('a', None),
        'é' | 'è' | 'ê' | 'ë' | 'ę' => ('e', None),
        'í' | 'ì' | 'î' | 'ï' => ('i', None),
        'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ø' => ('o', None),
        'ü' | 'ú' | 'ù' | 'û' => ('u', None),
        'ç' | 'ć' => ('c', None),
        'ñ' | 'ń' => ('n', None),
        'ß' => ('s', Some('s')),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}

/// Codes that names of columns hold in small letters, too: `cost_eur`. Others would be words, such as `all` and `top`.
const SMALL_CODES: [&str; 4] = ["eur", "usd", "gbp", "chf"];

/// The currency in a column's name: `Amount spent (EUR)`, `Cost [USD]`, `Kosten in €`, `cost_eur`.
pub fn currency_in(name: &str) -> Option<Currency> {
    let words = name.split(|sign: char| !(sign.is_alphanumeric() || matches!(sign, '€' | '£' | '$')));
    let is_code = |word: &&str| !word.chars().any(char::is_lowercase) || SMALL_CODES.contains(word);
    words.filter(|word| !word.is_empty()).skip(1).filter(is_code).find_map(currencies::named)
}
