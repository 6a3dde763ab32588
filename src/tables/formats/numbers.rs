//! Numbers as people write them: `1.234,56`, `1,234.56`, `1 234,56`, `1'234.56`, with a sign of currency, a minus on
//! either side, or in parentheses. Exact: never through a float.

use super::currencies;
use super::currencies::Sign;
use crate::domain::{Currency, Micros, trim};

/// The sign before the decimals. The other one of the two then parts thousands, as blanks and apostrophes always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    Point,
    Comma,
}

/// A number, with what is written beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenNumber {
    /// In millionths, further decimals rounded.
    pub amount: Micros,
    pub currency: Option<Currency>,
    pub is_percentage: bool,
}

impl DecimalMark {
    pub const BOTH: [DecimalMark; 2] = [DecimalMark::Point, DecimalMark::Comma];

    /// For forms and what is remembered.
    pub fn key(self) -> &'static str {
        match self {
            DecimalMark::Point => "point",
            DecimalMark::Comma => "comma",
        }
    }

    pub fn of_key(key: &str) -> Option<Self> {
        Self::BOTH.into_iter().find(|mark| mark.key() == key)
    }

    fn sign(self) -> char {
        match self {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        }
    }
}

/// Whether a cell says that there is no number.
pub fn is_none(text: &str) -> bool {
    let text = trim(text);
    text.is_empty()
        || text.chars().all(|sign| matches!(sign, '-' | '–' | '—'))
        || ["n/a", "na", "null", "none"].iter().any(|none| text.eq_ignore_ascii_case(none))
}

impl WrittenNumber {
    /// Reads a number with this decimal mark; none if it is none.
    pub fn read(text: &str, mark: DecimalMark) -> Option<Self> {
        let text = trim(text).trim_start_matches('\'');
        let first = text.find(|sign: char| sign.is_ascii_digit())?;
        let last = text.rfind(|sign: char| sign.is_ascii_digit())?;
        let (mut head, rest) = text.split_at(first);
        let (digits, mut tail) = rest.split_at(last + 1 - first);
        // `.50` and `49.` lack digits on one side of the mark.
        let mut whole = String::new();
        if let Some(rest) = head.strip_suffix(mark.sign()).filter(|rest| !rest.ends_with(char::is_alphabetic)) {
            head = rest;
            whole = format!("0{}", mark.sign());
            if digits.contains(['.', ',']) {
                return None;
            }
        }
        if let Some(rest) = tail.strip_prefix(mark.sign()) {
            // Swiss shops write `49.–`.
            tail = rest.strip_prefix(['-', '–']).unwrap_or(rest);
        }
        whole.push_str(digits);
        let beside = Beside::read(head, tail)?;
        let Micros(amount) = Micros::parse_rounded(&plain(&whole, mark)?).ok()?;
        let amount = Micros(if beside.is_negative { -amount } else { amount });
        Some(WrittenNumber { amount, currency: beside.currency, is_percentage: beside.is_percentage })
    }
}

/// Reads a number of things, such as clicks: `1,204` and `1.204` alike, since things have no decimals.
pub fn count(text: &str) -> Option<u64> {
    let text = trim(text).trim_start_matches('\'');
    let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0")).unwrap_or(text);
    without_thousands(whole).filter(|digits| !digits.is_empty())?.parse().ok()
}

/// The signs before and behind the digits.
#[derive(Default)]
struct Beside {
    is_negative: bool,
    is_percentage: bool,
    currency: Option<Currency>,
}

impl Beside {
    fn read(head: &str, tail: &str) -> Option<Self> {
        let mut beside = Beside::default();
        let (head, tail) = (trim(head), trim(tail));
        let (head, tail) = match (head.strip_prefix('('), tail.strip_suffix(')')) {
            (Some(head), Some(tail)) => {
                beside.is_negative = true;
                (head, tail)
            }
            (None, None) => (head, tail),
            _ => return None,
        };
        let mut signs = usize::from(beside.is_negative);
        for text in [head, tail] {
            let mut word = String::new();
            for letter in text.chars().chain([' ']) {
                match letter {
                    '-' | '−' | '–' | '+' => {
                        signs += 1;
                        beside.is_negative |= letter != '+';
                        beside.take(&mut word)?;
                    }
                    '%' if !beside.is_percentage => beside.is_percentage = true,
                    blank if blank.is_whitespace() => beside.take(&mut word)?,
                    other => word.push(other),
                }
            }
        }
        (signs <= 1).then_some(beside)
    }

    /// Reads a word beside the number. An empty one says nothing.
    fn take(&mut self, word: &mut String) -> Option<()> {
        if word.is_empty() {
            return Some(());
        }
        match currencies::read(&std::mem::take(word))? {
            // `€ 12.00 EUR` is fine, two different ones are not.
            Sign::Of(currency) if self.currency.is_some_and(|known| known != currency) => None,
            Sign::Of(currency) => {
                self.currency = Some(currency);
                Some(())
            }
            Sign::Vague => Some(()),
        }
    }
}

/// The number with a point and without marks of thousands.
fn plain(text: &str, mark: DecimalMark) -> Option<String> {
    let (whole, decimals) = match text.split_once(mark.sign()) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    if decimals.is_some_and(|decimals| !decimals.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let mut digits = without_thousands(whole)?;
    if let Some(decimals) = decimals {
        digits.push('.');
        digits.push_str(decimals);
    }
    Some(digits)
}

/// The digits of a number with one mark between thousands. Groups have three digits, or as in India two and at last three.
fn without_thousands(whole: &str) -> Option<String> {
    let is_digit = |sign: char| sign.is_ascii_digit();
    let Some(mark) = whole.chars().find(|sign| !is_digit(*sign)) else { return Some(whole.to_owned()) };
    if !(mark.is_whitespace() || matches!(mark, '.' | ',' | '\'' | '’' | '‘' | '´')) {
        return None;
    }
    let groups: Vec<&str> = whole.split(mark).collect();
    let (first, others) = groups.split_first()?;
    let (last, middle) = others.split_last()?;
    let is_group = |group: &str, length: usize| group.len() == length && group.chars().all(is_digit);
    let fits = is_group(last, 3)
        && (1..=3).contains(&first.len())
        && first.chars().all(is_digit)
        && !first.starts_with('0')
        && (middle.iter().all(|group| is_group(group, 3))
            || first.len() <= 2 && middle.iter().all(|group| is_group(group, 2)));
    fits.then(|| groups.concat())
}
