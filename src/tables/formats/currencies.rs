//! Currency signs and codes beside a number.

use crate::domain::Currency;

/// Signs that name one currency. `$`, `¥` and `kr` name several, and `Fr.` is taken for none.
const SIGNS: &[(&str, &str)] = &[
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("₺", "TRY"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("₩", "KRW"),
    ("₪", "ILS"),
    ("₫", "VND"),
    ("฿", "THB"),
    ("zł", "PLN"),
    ("kč", "CZK"),
    ("ft", "HUF"),
    ("lei", "RON"),
    ("us$", "USD"),
    ("r$", "BRL"),
    ("a$", "AUD"),
    ("au$", "AUD"),
    ("ca$", "CAD"),
    ("c$", "CAD"),
    ("nz$", "NZD"),
    ("hk$", "HKD"),
    ("s$", "SGD"),
    ("mx$", "MXN"),
    ("euro", "EUR"),
    ("sfr.", "CHF"),
    ("sfr", "CHF"),
];

/// Signs beside a number that name no single currency.
const VAGUE: &[&str] = &["$", "¥", "kr", "kr.", "fr.", "fr", "rs", "rs."];

/// What a text beside a number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It names this currency.
    Of(Currency),
    /// It is a sign of several currencies.
    Vague,
}

/// Reads a sign or a code. None if it is neither.
pub fn read(text: &str) -> Option<Sign> {
    let lower = text.to_lowercase();
    if VAGUE.contains(&lower.as_str()) {
        return Some(Sign::Vague);
    }
    let code = SIGNS.iter().find(|(sign, _)| *sign == lower).map_or(text, |(_, code)| code);
    Currency::parse(code).map(Sign::Of)
}

/// The one currency that a text names: a cell of a column of currencies, or the end of a column's name.
pub fn named(text: &str) -> Option<Currency> {
    match read(text) {
        Some(Sign::Of(currency)) => Some(currency),
        Some(Sign::Vague) | None => None,
    }
}
