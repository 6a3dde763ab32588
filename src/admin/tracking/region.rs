//! Proposes a shop's currency by the language that the browser asks for.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;

/// The currency of a region, by the region's code of ISO 3166.
const CURRENCIES: &[(&str, &str)] = &[
    ("EUR", "AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"),
    ("GBP", "GB"),
    ("CHF", "CH LI"),
    ("DKK", "DK"),
    ("NOK", "NO"),
    ("SEK", "SE"),
    ("PLN", "PL"),
    ("CZK", "CZ"),
    ("HUF", "HU"),
    ("TRY", "TR"),
    ("UAH", "UA"),
    ("CAD", "CA"),
    ("MXN", "MX"),
    ("BRL", "BR"),
    ("AUD", "AU"),
    ("NZD", "NZ"),
    ("JPY", "JP"),
    ("KRW", "KR"),
    ("CNY", "CN"),
    ("HKD", "HK"),
    ("SGD", "SG"),
    ("INR", "IN"),
    ("ZAR", "ZA"),
    ("USD", "US"),
];

/// The currency of a language that has one home, for a browser that names no region.
const LANGUAGES: &[(&str, &str)] = &[
    ("EUR", "de fr es it nl pt fi el et lv lt sk sl hr ga mt"),
    ("DKK", "da"),
    ("NOK", "nb no nn"),
    ("SEK", "sv"),
    ("PLN", "pl"),
    ("CZK", "cs"),
    ("HUF", "hu"),
    ("TRY", "tr"),
    ("UAH", "uk"),
    ("JPY", "ja"),
    ("KRW", "ko"),
];

/// The currency to propose: `EUR` for `de-AT`; US dollars if nothing says more.
pub fn currency(request: &HttpRequest) -> &'static str {
    let wanted = request.headers().get(ACCEPT_LANGUAGE).and_then(|text| text.to_str().ok()).unwrap_or("");
    of_language(wanted.split([',', ';']).next().unwrap_or("").trim())
}

fn of_language(tag: &str) -> &'static str {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or("").to_ascii_lowercase();
    let region = parts.find(|part| part.len() == 2).map(str::to_ascii_uppercase);
    let find = |table: &'static [(&'static str, &str)], code: &str| {
        table.iter().find(|(_, codes)| codes.split(' ').any(|known| known == code)).map(|(currency, _)| *currency)
    };
    region.and_then(|region| find(CURRENCIES, &region)).or_else(|| find(LANGUAGES, &language)).unwrap_or("USD")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_decides_before_the_language() {
        for (tag, currency) in [
            ("de-AT", "EUR"),
            ("de", "EUR"),
            ("de-CH", "CHF"),
            ("en-GB", "GBP"),
            ("en", "USD"),
            ("zh-Hant-HK", "HKD"),
            ("pt-BR", "BRL"),
            ("xx-YY", "USD"),
            ("*", "USD"),
            ("", "USD"),
        ] {
            assert_eq!(of_language(tag), currency, "{tag}");
        }
    }
}
