//! Names of months and weekdays in the languages that ad platforms and shops write.

/// The beginnings of each month's names, without accents.
const MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "jaen", "ene", "gen", "sty", "led"],
    &["feb", "fev", "fév", "lut", "uno"],
    &["mar", "mär", "maer", "mrz", "mrt", "maa"],
    &["apr", "avr", "abr", "kwi", "dub"],
    &["may", "mai", "mag", "mei", "maj"],
    &["jun", "juin", "giu", "cze"],
    &["jul", "juil", "lug", "lip"],
    &["aug", "aou", "aoû", "ago", "sie"],
    &["sep", "set", "wrz"],
    &["oct", "okt", "ott", "out", "paź"],
    &["nov", "lis"],
    &["dec", "déc", "dez", "dic", "des", "gru"],
];

/// Beginnings of names of weekdays, which a date may have in front.
const WEEKDAYS: &[&str] = &[
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "fr", "sa", "so", "lun", "mer", "jeu",
    "ven", "sam", "dim", "mié", "jue", "vie", "sáb", "dom",
];

/// The number of a month by its name, from 1. A shortened name may end in a point.
pub fn number(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_lowercase();
    // No name of a month has fewer letters, and a longer word is no name.
    if !(3..=10).contains(&word.chars().count()) || !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let place = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)))?;
    i8::try_from(place + 1).ok()
}

/// Whether a word is the name of a weekday: `Tue`, `Di.`, `Dienstag`.
pub fn is_weekday(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',']).to_lowercase();
    let is_long = ["day", "tag", "woch", "di", "che"].iter().any(|end| word.ends_with(end));
    word.chars().all(char::is_alphabetic)
        && WEEKDAYS.iter().any(|name| word == *name || (is_long && word.starts_with(name)))
}
